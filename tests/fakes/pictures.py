"""A server somewhere that holds pictures, and can answer in every way that one should not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fairhand.kit.egress import Policy


@dataclass
class Reply:
    """What is answered: `cut` sends less than it promised, `drips` a byte now and then."""

    body: bytes = b""
    kind: str = "image/png"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    drips: bool = False


class PictureServer:
    """Answers by path. `asked` is what it was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, path: str, host: str = "pictures.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def policy(self, **more: Any) -> Policy:
        """As a test says it: plain HTTP to this machine is fine, and other names lead nowhere."""
        names = {"pictures.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
        given = {
            "schemes": frozenset({"http"}),
            "ports": None,
            "loopback": True,
            "seconds": 2.0,
            "longest": 10_000_000,
            "redirects": 3,
            "resolve": lambda host, _port: names[host],
        }
        return Policy(**(given | more))


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        here: PictureServer = self.server.here  # type: ignore[attr-defined]
        here.asked.append(self.path)
        reply = here.replies.get(self.path, Reply(status=404))
        self.send_response(reply.status)
        length = len(reply.body) + (100 if reply.cut else 0)
        headers = {"Content-Type": reply.kind, "Content-Length": str(length)} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(reply, here)
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply, here: PictureServer) -> None:
        if not reply.drips:
            self.wfile.write(reply.body)
            return
        for n in range(len(reply.body)):
            self.wfile.write(reply.body[n : n + 1])
            if here.over.wait(0.1):
                return

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def picture_server() -> Iterator[PictureServer]:
    """Serve on a free port of this machine while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    here = PictureServer(server.server_port)
    server.here = here  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield here
    finally:
        here.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
