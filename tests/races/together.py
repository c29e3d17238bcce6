"""Doing things at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from django.db import connections

from fairhand.kit import database

LONGEST = 500.0  # seconds; the test's own timeout is sooner in most
Value = TypeVar("Value")


class Team:
    """Threads that keep their database connections from one race to the next."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.barrier = threading.Barrier(size)
        self.pool = ThreadPoolExecutor(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.barrier = threading.Barrier(self.size)
        list(self.pool.map(self._leave, range(self.size)))
        self.pool.shutdown()

    def _leave(self, _number: int) -> None:
        self.barrier.wait(60)  # one farewell a thread
        database.drop_direct()
        connections.close_all()

    def race(self, *verbs: Callable[[], Value]) -> list[Value]:
        """Start all verbs (as many as the team has threads) at one moment; their answers."""
        assert len(verbs) == self.size

        def run(verb: Callable[[], Value]) -> Value:
            self.barrier.wait(60)
            return verb()

        return [
            future.result(LONGEST) for future in [self.pool.submit(run, verb) for verb in verbs]
        ]


def wins(answers: Sequence[Any]) -> int:
    return sum(bool(answer) for answer in answers)
