"""A vendor that proves identities, on loopback: it follows the contract, and can misbehave.

`answers` says how it answers the next requests instead of properly: a status, "slow" (hangs until
the fake ends), "garbage", "no session", "http address", "long".
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "fedcba9876543210fedcba9876543210"
NEEDED = {"reference", "holder", "birth_date", "document_kind", "document_country"}
NEEDED |= {"language", "return_to", "callback", "sent_at"}
DOCUMENT = {
    "country": "IT",
    "kind": "id_card",
    "number": "CA12345AB",
    "expires": "2031-05-01",
    "birth_date": "1990-12-10",
}


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> str:
    """The header for a body, as the contract has it."""
    second = int(time.time() if at is None else at)
    told = str(second).encode() + b"." + body
    return f"t={second},v1={hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()}"


class Vendor(ThreadingHTTPServer):
    """Keeps what it was asked, and complains about what breaks the contract."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.url = f"http://127.0.0.1:{self.server_port}/sessions"
        self.asked: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.answers: list[int | str] = []
        self.over = threading.Event()

    def says(self, reference: str, result: str, **more: Any) -> tuple[bytes, str]:
        """A message about a check: its bytes and the signature's header."""
        told = {"reference": reference, "session": f"s-{reference}", "result": result, **more}
        if result == "verified":
            told.setdefault("document", DOCUMENT)
        body = json.dumps(told).encode()
        return body, signed(body)


class _Asked(BaseHTTPRequestHandler):
    server: Vendor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answers.pop(0) if self.server.answers else 0
        if answer == "slow":
            self.server.over.wait(20)
            self.close_connection = True
            return
        told = json.loads(body)
        self.server.asked.append(told)
        header = self.headers.get("Fairhand-Signature", "")
        at = header.partition(",")[0].removeprefix("t=")
        if header != signed(body, at=float(at or 0)):
            self.server.complaints.append("wrong signature")
        if told.keys() != NEEDED or self.headers.get("Idempotency-Key") != told["reference"]:
            self.server.complaints.append(f"wrong body: {sorted(told)}")
        self._say(answer, told["reference"])

    def _say(self, answer: int | str, reference: str) -> None:
        told: Any = {
            "session": f"s-{reference}",
            "address": f"https://vendor.example/s/{reference}",
        }
        if answer == "no session":
            told.pop("session")
        if answer == "http address":
            told["address"] = "http://vendor.example/s"
        body = json.dumps(told).encode()
        if answer == "garbage":
            body = b"\xff<html>"
        if answer == "long":
            body = b"[" * 200_000
        self.send_response(answer if isinstance(answer, int) and answer else 201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def identity_vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    thread = threading.Thread(target=vendor.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield vendor
    finally:
        vendor.over.set()
        vendor.shutdown()
        thread.join()
        vendor.server_close()
