"""Requests that are tried again until they get through, and the connections they go by.

Only what may be repeated is repeated: reading, writing under an idempotency key, and a worker's
turn, which the server recognises by itself.
"""

import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit

import httpx2

from fairhand.client.problem import CutOffError, Problem

AWAY = {429, 502, 503, 504}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MOST_CONNECTIONS = 100
_chance = SystemRandom()


class Pool:
    """Connections to one server, for any number of programs and threads."""

    def __init__(self, base_url: str, *, seconds: float = 60.0) -> None:
        address = urlsplit(base_url)
        secure = address.scheme == "https"
        self.http = httpx2.Client(
            base_url=base_url.rstrip("/") + "/api/v1/",
            timeout=httpx2.Timeout(seconds, connect=5.0),
            limits=httpx2.Limits(
                max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS
            ),
            # Reading the system's certificates takes a third of a second; http needs none.
            verify=ssl.create_default_context() if secure else False,
            # A proxy of the environment cannot reach this machine's own loopback.
            trust_env=address.hostname not in LOOPBACK,
        )
        weakref.finalize(self, self.http.close)

    def close(self) -> None:
        self.http.close()


_pools: weakref.WeakValueDictionary[str, Pool] = weakref.WeakValueDictionary()
_pools_lock = threading.Lock()


def shared_pool(base_url: str) -> Pool:
    """The pool that all who ask for this address share; it closes when the last one is gone."""
    with _pools_lock:
        pool = _pools.get(base_url)
        if pool is None or pool.http.is_closed:
            pool = _pools[base_url] = Pool(base_url)
        return pool


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on trying: `seconds` in all, with pauses that double and are drawn by lot."""

    seconds: float = 60.0
    first: float = 0.1
    longest: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic

    def pause(self, tried: int, wanted: float) -> float:
        """Seconds until the next try. `wanted` is what the server asked for."""
        drawn = _chance.uniform(0, min(self.longest, self.first * 2.0 ** min(tried, 30)))
        return max(wanted, drawn)


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends requests in the name of one key."""

    pool: Pool
    key: str
    language: str | None = None
    patience: Patience = field(default_factory=Patience)

    def send(
        self,
        method: str,
        path: str,
        *,
        content: Callable[[], Any] | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx2.Response:
        """Send until it gets through; `content` makes the body anew for each try.

        Raises Problem when the server refuses, or httpx2.TransportError when patience ends.
        """

        def once() -> httpx2.Response:
            return self.pool.http.request(
                method,
                path,
                content=None if content is None else content(),
                headers=self.named(headers),
                params=params,
            )

        return self.insist(once)

    def insist(self, attempt: Callable[[], httpx2.Response]) -> httpx2.Response:
        """Repeat an attempt while the connection fails or the server asks to come back."""
        begun, tried = self.patience.now(), 0
        while True:
            try:
                response = attempt()
            except (httpx2.TransportError, CutOffError) as error:
                failure: Exception = error
                wanted = 0.0
            else:
                if response.is_success:
                    return response
                failure = Problem.of(response)
                if response.status_code not in AWAY and failure.code != "in_progress":
                    raise failure
                wanted = _retry_after(response)
            pause = self.patience.pause(tried, wanted)
            if self.patience.now() + pause - begun > self.patience.seconds:
                raise failure
            self.patience.sleep(pause)
            tried += 1

    @contextmanager
    def stream(self, path: str, params: dict[str, Any]) -> Iterator[httpx2.Response]:
        """One try at a long answer, whose body is read by the caller."""
        headers = self.named(None)
        with self.pool.http.stream("GET", path, params=params, headers=headers) as response:
            if not response.is_success:
                response.read()
            yield response

    def named(self, headers: dict[str, str] | None) -> dict[str, str]:
        """Headers with the key, and the language in which refusals are wanted."""
        language = {} if self.language is None else {"Accept-Language": self.language}
        return {"Authorization": f"Bearer {self.key}", **language, **(headers or {})}


def _retry_after(response: httpx2.Response) -> float:
    """Seconds that the server asks to wait; the header holds a number or a date."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
