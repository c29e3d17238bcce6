"""Simulated workers over HTTP: one thread, raw sockets, no think time.

It costs few CPU, since it shares the machine with what it measures: a worker's next request is made
of parts that are ready, and of an answer only the page's number is read. `own_cpu` says what it
cost all the same.
"""

import json
import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self
from urllib.parse import urlsplit

ANSWER: dict[str, Any] = {"value": {"mood": "good"}, "seconds": 2.0}
LONGEST = 1 << 17  # bytes read at once; a page of ten short texts takes 2,000
SILENCE = 30.0  # seconds without an answer: the server hangs
NEXT_PAGE = re.compile(rb'"page":\{"no":(\d+)')
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
HANDED_IN = b'{"submitted":{'
END_OF_HEAD = b"\r\n\r\n"


class ServerHangsError(RuntimeError):
    """No worker got an answer for a long time."""


def answers_text(items: int) -> str:
    """The answers of a page of so many items, as the JSON that is sent."""
    return json.dumps([{"item": i, **ANSWER} for i in range(items)], separators=(",", ":"))


@dataclass
class Load:
    """What the workers saw: seconds of each turn, and how many were not as wished."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    stored: int = 0  # pages
    refused: int = 0
    own_cpu: float = 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the turns was done; 0 without any."""
        if not self.latencies:
            return 0.0
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class Crowd:
    """Workers who each hold a connection and a page of one batch.

    `secrets` are their keys. Making a crowd takes everybody's first page, which also enrols them,
    so that `work` measures handing in and taking only. Raises ServerHangsError.
    """

    def __init__(self, url: str, batch_ref: str, secrets: Sequence[str], items: int) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        answers = answers_text(items).encode()
        self._tail = b',"answers":' + answers + b"}"
        self._selector = selectors.DefaultSelector()
        self.workers = []
        for secret in secrets:
            opened = socket.create_connection((parts.hostname, parts.port), timeout=SILENCE)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = (
                f"POST /api/v1/work/{batch_ref} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"Authorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
                "Content-Length: "
            ).encode()
            worker = _Worker(opened, head)
            worker.page = _page_of(worker.ask(b"{}"))
            self._selector.register(opened, selectors.EVENT_READ, worker)
            self.workers.append(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self._selector.close()
        for worker in self.workers:
            worker.socket.close()

    def work(self, seconds: float, turns: int | None = None) -> Load:
        """Work for so long, or until so many turns have been begun. Raises ServerHangsError."""
        # Who holds no page was refused before, when taking the first one or warming up.
        load = Load(refused=sum(worker.page is None for worker in self.workers))
        clock, cpu = time.perf_counter, time.process_time()
        begin = clock()
        end = begin + seconds
        tickets = count(1)
        left = turns or (1 << 60)
        busy = 0
        for worker in self.workers:
            busy += self._hand_in(worker, clock()) if next(tickets) <= left else 0
        while busy:
            ready = self._selector.select(SILENCE)
            if not ready:
                raise ServerHangsError(f"no answer within {SILENCE:g} s")
            for key, _events in ready:
                worker = key.data
                text = worker.receive()
                if text is None:
                    continue
                now = clock()
                busy -= 1
                load.latencies.append(now - worker.sent)
                worker.page = _page_of(text)
                load.stored += HANDED_IN in text
                if worker.page is None or HANDED_IN not in text:
                    load.refused += 1
                elif now < end and next(tickets) <= left:
                    busy += self._hand_in(worker, now)
        load.seconds = clock() - begin
        load.own_cpu = time.process_time() - cpu
        return load

    def _hand_in(self, worker: "_Worker", now: float) -> int:
        """Send a worker's page; 0 if they hold none."""
        if worker.page is None:
            return 0
        worker.sent = now
        worker.send(b'{"page":' + worker.page + self._tail)
        return 1


class _Worker:
    """One connection, the page held, and what has come of the answer so far."""

    def __init__(self, opened: socket.socket, head: bytes) -> None:
        self.socket, self.head = opened, head
        self.page: bytes | None = None
        self.sent = 0.0
        self.got = b""

    def send(self, body: bytes) -> None:
        self.socket.sendall(b"%s%d\r\n\r\n%s" % (self.head, len(body), body))

    def receive(self) -> bytes | None:
        """Read what has come; the whole answer once it is there."""
        more = self.socket.recv(LONGEST)
        if not more:
            raise ServerHangsError("the server closed the connection")
        text = self.got + more if self.got else more
        head = text.find(END_OF_HEAD)
        length = LENGTH.search(text, 0, head) if head > 0 else None
        if length is None or len(text) < head + 4 + int(length[1]):
            self.got = text
            return None
        self.got = b""
        return text

    def ask(self, body: bytes) -> bytes:
        """Send one request and wait for its answer."""
        self.send(body)
        while (text := self.receive()) is None:
            pass
        return text


def _page_of(text: bytes) -> bytes | None:
    found = NEXT_PAGE.search(text)
    return found[1] if found else None
