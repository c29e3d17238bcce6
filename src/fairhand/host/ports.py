"""The address a server listens on: free, allowed, and answering."""

import errno
import http.client
import socket

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


def claim(host: str, port: int) -> int:
    """Check that `port` can be listened on, or choose a free one for 0; return it.

    Raises HostError with the port's number and what to do.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, address = found[0][0], found[0][4]
    except OSError:
        raise HostError(
            _("{host} is no address of this machine: choose another with --host.").format(host=host)
        ) from None
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
            trial.listen(1)
        except OSError as error:
            raise HostError(_reason(error, host, port)) from None
        return int(trial.getsockname()[1])


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return _("Port {port} is in use: stop what uses it, or choose another with --port.").format(
            port=port
        )
    if error.errno == errno.EACCES:
        return _("Port {port} is for administrators: choose one above 1023 with --port.").format(
            port=port
        )
    return _("{host} is no address of this machine: choose another with --host.").format(host=host)


def reachable(host: str) -> str:
    """Name an address where a server that listens on `host` is reached from this machine."""
    return ANYWHERE.get(host, host)


def url(host: str, port: int) -> str:
    """Write the address as a link for this machine."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def answers(host: str, port: int) -> bool:
    """Ask for the front page once; True if any page came back."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=30)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
