"""A real server for tests: its own processes, on the test's database, over loopback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.db import connection

from tests.host.waiting import until

START_SECONDS = 60.0


@contextmanager
def serving(*, workers: int = 1, threads: int = 4) -> Iterator[str]:
    """Serve the site until the block ends; gives its address. Rows must be committed to be seen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "fairhand.settings",
        "FAIRHAND_DATABASE_URL": _database_url(),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "fairhand.host.serve", "127.0.0.1", str(port)]
    server = subprocess.Popen([*command, str(workers), str(threads)], env=environment)
    try:
        until(lambda: _listens(server, port), START_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _database_url() -> str:
    """The address of the database that this test has."""
    found = connection.settings_dict
    query = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"]}
    given = urlencode({name: value for name, value in query.items() if value})
    return f"postgresql:///{found['NAME']}?{given}"


def _listens(server: "subprocess.Popen[bytes]", port: int) -> bool:
    assert server.poll() is None, "the server did not start"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
