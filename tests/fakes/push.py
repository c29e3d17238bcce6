"""A browser maker's push service (RFC 8030), and the browser behind it (RFC 8291).

It checks what a real one checks: the signature and its claims (RFC 8292), that the key is the one
that the browser subscribed with, the time to live, the encoding and the size; it decrypts as the
browser does. It can be told to misbehave.
"""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from fairhand.kit.egress import Policy

LARGEST = 4096  # bytes that RFC 8030 promises to take
URGENCIES = {"very-low", "low", "normal", "high"}
LOOPBACK = Policy(
    schemes=frozenset({"http"}), ports=None, loopback=True, seconds=1.0, longest=10_000
)


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """One subscription: its address, its keys, and what it showed."""

    def __init__(self, service: "PushService", server_key: str) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)
        self.server_key = server_key
        self.name = secrets.token_urlsafe(12)
        self.endpoint = f"{service.origin}/push/{self.name}"
        self.shown: list[dict[str, Any]] = []
        service.browsers[self.name] = self

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {"p256dh": text_of(point), "auth": text_of(self.secret)}

    def open(self, body: bytes) -> None:
        plain = http_ece.decrypt(
            body, private_key=self.private, auth_secret=self.secret, version="aes128gcm"
        )
        self.shown.append(json.loads(plain))


class PushService(ThreadingHTTPServer):
    """The service; `answers` are statuses to give instead of taking a message, in their order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.browsers: dict[str, Browser] = {}
        self.answers: list[int | str] = []
        self.complaints: list[str] = []
        self.asked = 0
        self.over = threading.Event()

    def fault(self, browser: Browser, headers: Any, body: bytes) -> str:
        """What a real service would refuse this request for; nothing where all is well."""
        scheme, _, rest = headers.get("Authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or set(parts) != {"t", "k"}:
            return "no vapid authorization"
        if parts["k"] != browser.server_key:
            return "signed by another key than the browser subscribed with"
        if not Vapid02.verify(headers["Authorization"]):
            return "the signature is wrong"
        head, claims, _ = (part.encode() for part in parts["t"].split("."))
        told, now = json.loads(bytes_of(claims.decode())), time.time()
        faults = {
            "algorithm": json.loads(bytes_of(head.decode()))["alg"] != "ES256",
            "audience": told.get("aud") != self.origin,
            "expiry": not now < told.get("exp", 0) <= now + 86_400,
            "contact": not told.get("sub", "").startswith(("mailto:", "https:")),
            "TTL": not headers.get("TTL", "").isdigit(),
            "urgency": headers.get("Urgency", "normal") not in URGENCIES,
            "encoding": headers.get("Content-Encoding") != "aes128gcm",
            "size": not 0 < len(body) <= LARGEST,
        }
        return ", ".join(name for name, wrong in faults.items() if wrong)


class _Request(BaseHTTPRequestHandler):
    server: PushService
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.answers.pop(0) if self.server.answers else 0
        if answer == "slow":
            self.server.over.wait(5)
            self.close_connection = True
            return
        browser = self.server.browsers.get(self.path.rpartition("/")[2])
        if browser is None or answer:
            self._say(int(answer or 404))
            return
        fault = self.server.fault(browser, self.headers, body)
        if fault:
            self.server.complaints.append(fault)
            self._say(400)
            return
        browser.open(body)
        self._say(201)

    def _say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 429:
            self.send_header("Retry-After", "60")
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def push_service() -> Iterator[PushService]:
    service = PushService()
    thread = threading.Thread(target=service.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield service
    finally:
        service.over.set()
        service.shutdown()
        thread.join()
        service.server_close()
