"""The only way out over HTTP: an address that somebody gave us is asked without being trusted.

Whoever may name an address that we ask could have us ask our own network (SSRF). So a name is
resolved once, every address it has must be public, and the connection goes to one of exactly those
addresses, whatever the name's server says next (rebinding). Each redirect is checked like a first
address. Time, size and redirects have limits, nothing of an answer is ever shown in an error, and
no proxy of the environment is used. The cases are those of Stripe's Smokescreen and of the WHATWG
URL standard's host parser.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore2 as wire
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused

HTTPS_PORTS = frozenset({443, 8443})
LONGEST_URL = 2000
# Public by the registries' word, and yet no way to a public server.
CLOSED = tuple(
    map(ip_network, ("192.88.99.0/24", "64:ff9b:1::/48", "2002::/16", "3fff::/20", "5f00::/16"))
)
NAT64 = ip_network("64:ff9b::/96")
PLAIN = re.compile(r"[!-\[\]-~]+")  # ASCII that is seen, without the backslash
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}
SEE_OTHER = {301, 302, 303}
REDIRECTS = {*SEE_OTHER, 307, 308}

NO_ADDRESS = Refusal(
    "not_an_address", _("This is no web address that can be used here."), status=422
)
NOT_OUTSIDE = Refusal(
    "address_not_public",
    _("This address does not lead to a public server. Use one that anybody can reach."),
    status=422,
)
TOO_FAR = Refusal("too_many_redirects", _("This address leads on and on."), status=422)
Resolve = Callable[[str, int], Iterable[str]]


class Unreachable(Exception):  # noqa: N818 - names what the server is
    """Nobody answered, or not in time, or with too much. Trying later may help."""


def resolve(host: str, port: int) -> list[str]:
    """Every network address of a name, as the system knows them; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be asked, and how much patience there is. Tests say by it that loopback is fine."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = HTTPS_PORTS  # None: any
    loopback: bool = False
    seconds: float = 10.0
    longest: int = 100_000  # bytes of an answer
    redirects: int = 0
    resolve: Resolve = resolve
    trust: ssl.SSLContext | None = field(default=None, compare=False)  # None: the system's


PUBLIC = Policy()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str, policy: Policy = PUBLIC) -> Decision:
    """Whether an address may be asked, as far as its spelling tells; names are resolved later."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return NO_ADDRESS
    host = parts.hostname or ""
    written = PLAIN.fullmatch(url) and len(url) <= LONGEST_URL and "%" not in parts.netloc
    if not written or parts.scheme not in policy.schemes or "@" in parts.netloc or port == 0:
        return NO_ADDRESS
    if policy.ports is not None and _port(parts) not in policy.ports:
        return NO_ADDRESS
    if not _is_host(host):
        return NO_ADDRESS
    literal = _literal(host)
    return ALLOWED if literal is None or _is_open(literal, policy) else NOT_OUTSIDE


def is_public(address: str) -> bool:
    """Whether a network address belongs to a server that anybody can reach."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found in NAT64:
            return is_public(str(IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.ipv4_mapped or found.teredo or found.sixtofour or found.is_site_local:
            return False
    odd = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    return found.is_global and not odd and not any(found in net for net in CLOSED)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    policy: Policy = PUBLIC,
) -> Answer:
    """Ask a server. Raises Refused where the address may not be asked, Unreachable otherwise.

    Redirects are followed as far as the policy says, each checked anew; what signs somebody in
    is not carried to another server.
    """
    end = time.monotonic() + policy.seconds
    told = dict(headers or {})
    for _hop in range(policy.redirects + 1):
        answer = _ask(method, url, told, body, policy, end)
        if answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        if not policy.redirects:
            return answer
        target = urljoin(url, answer.headers["location"])
        if _origin(target) != _origin(url):
            told = {n: value for n, value in told.items() if n.lower() not in SECRET_HEADERS}
        if answer.status in SEE_OTHER and method != "HEAD":
            method, body = "GET", b""
        url = target
    raise Refused(TOO_FAR)


def _ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes, policy: Policy, end: float
) -> Answer:
    """One request on a connection of its own, without following anything."""
    decision = check(url, policy)
    if isinstance(decision, Refusal):
        decision.fail()
    parts = urlsplit(url)
    host, port = parts.hostname or "", _port(parts)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    asked = wire.URL(scheme=parts.scheme, host=host, port=port, target=target)
    road = _Road(_addresses(host, port, policy), end)
    try:
        with (
            wire.ConnectionPool(network_backend=road, ssl_context=policy.trust) as pool,
            pool.stream(method, asked, headers=_lines(parts, headers), content=body) as found,
        ):
            return Answer(found.status, _named(found.headers), _all(found, policy))
    except (wire.NetworkError, wire.TimeoutException, wire.ProtocolError, OSError) as error:
        raise Unreachable(type(error).__name__) from None


def _addresses(host: str, port: int, policy: Policy) -> list[str]:
    """Where a name leads, asked once. One address that is not public refuses them all."""
    literal = _literal(host)
    try:
        found = [str(literal)] if literal is not None else list(policy.resolve(host, port))
    except (OSError, UnicodeError):
        raise Unreachable("no such name") from None
    if not found:
        raise Unreachable("no such name")
    if not all(_is_open(ip_address(address.partition("%")[0]), policy) for address in found):
        NOT_OUTSIDE.fail()
    return found


class _Road(wire.SyncBackend):
    """Connects to the addresses that were checked and to no other, until the time is over."""

    def __init__(self, addresses: list[str], end: float) -> None:
        super().__init__()
        self.addresses, self.end = addresses, end

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - it was resolved, once
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the end is known
        local_address: str | None = None,
        socket_options: Iterable[wire.SOCKET_OPTION] | None = None,
    ) -> wire.NetworkStream:
        trouble: Exception = Unreachable("no address")
        for address in self.addresses:
            left = _left(self.end)
            try:
                found = super().connect_tcp(address, port, left, local_address, socket_options)
            except (wire.NetworkError, wire.TimeoutException) as error:
                trouble = error
            else:
                return _Timed(found, self.end)
        raise trouble


class _Timed(wire.NetworkStream):
    """A connection whose every step ends when the whole exchange has to."""

    def __init__(self, inner: wire.NetworkStream, end: float) -> None:
        self.inner, self.end = inner, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self.inner.read(max_bytes, _left(self.end))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self.inner.write(buffer, _left(self.end))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> wire.NetworkStream:
        return _Timed(self.inner.start_tls(ssl_context, server_hostname, _left(self.end)), self.end)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def _left(end: float) -> float:
    """Seconds until the end; raises when it has come."""
    left = end - time.monotonic()
    if left <= 0:
        raise wire.ReadTimeout("the time is over")
    return left


def _all(found: wire.Response, policy: Policy) -> bytes:
    """An answer's body, as it came; it is not unpacked, so that it cannot grow."""
    body = b""
    for chunk in found.iter_stream():
        body += chunk
        if len(body) > policy.longest:
            raise Unreachable("the answer is too long")
    return body


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _lines(parts: SplitResult, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    given = {name: value for name, value in headers.items() if name.lower() != "host"}
    lines = {"Host": parts.netloc, "User-Agent": "Fairhand", **given}
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in lines.items()]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that is written where a name could be; canonical spellings only."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    """Whether this is a name, or an address in its one spelling.

    A last part that is a number (0x7f.1, 2130706433, 017700000001) is an address in disguise.
    """
    if _literal(host) is not None:
        return True
    labels = host.split(".")
    named = len(host) <= 253 and all(map(LABEL.fullmatch, labels))  # noqa: PLR2004 - RFC 1035
    return named and not NUMERIC.fullmatch(labels[-1])


def _is_open(address: IPv4Address | IPv6Address, policy: Policy) -> bool:
    return is_public(str(address)) or (policy.loopback and address.is_loopback)
