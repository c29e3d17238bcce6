"""Many workers at once, each with their own key, over HTTP and nothing else.

Who takes the next turn is decided by a clock of the simulation, never by sleeping: the worker whose
clock is the furthest behind comes next. What the platform decides by lot itself (which gold task
comes first, the order on a page) is not seeded, so figures repeat within noise, not to the digit.
"""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairhand.client import Page, Problem, Worker

# Refusals that end somebody's work on a batch; any other one is a fault that must be seen.
ENDINGS = frozenset(
    {"nothing_left", "restricted", "batch_closed", "batch_settled", "batch_paused", "not_reserved"}
)
POLL_SECONDS = 0.2  # how soon Ctrl-C is heard

Given = tuple[dict[str, Any], float | None]  # an answer's value and its seconds


@dataclass(eq=False)
class Seat:
    """One worker at work on one batch.

    judge: what this worker answers to a task's data. clock: seconds of the simulation. pause: what
    each page takes beside the seconds of its answers. most_pages: go home after so many, None for
    never. `over` is why the work ended, by the refusal's code.
    """

    worker: Worker
    judge: Callable[[dict[str, Any]], Given]
    clock: float = 0.0
    pause: float = 0.0
    most_pages: int | None = None
    page: Page | None = None
    pages: int = 0
    answers: int = 0
    over: str | None = None

    def turn(self, batch: str) -> int:
        """Hand in the page that is held, if any, and take the next; returns new answers."""
        number, answers = self._answered()
        last = self.most_pages is not None and self.pages + (number is not None) >= self.most_pages
        try:
            done = self.worker.turn(batch, page=number, answers=answers)
        except Problem as problem:
            if problem.code not in ENDINGS:
                raise
            self.page, self.over = None, problem.code
            return 0
        self.page = done.page
        if done.page is None:
            self.over = done.refusal.code if done.refusal is not None else "nothing_left"
        given = 0
        if done.submitted is not None:
            self.pages, given = self.pages + 1, done.submitted.answers
            self.answers += given
        if last and self.over is None:
            self.leave(batch)
            self.over = "went_home"
        return given

    def leave(self, batch: str) -> None:
        """Give back the page that is held, so that others can have it."""
        if self.page is not None:
            self.worker.turn(batch, page=self.page.no, give_back=True)
            self.page = None

    def _answered(self) -> tuple[int | None, list[dict[str, Any]]]:
        if self.page is None:
            return None, []
        self.clock += self.pause
        answers = []
        for item in self.page.items:
            value, seconds = self.judge(item.data)
            answers.append({"item": item.item, "value": value, "seconds": seconds})
            self.clock += seconds or 0.0
        return self.page.no, answers


@dataclass
class _Line:
    """Who waits for a turn, the furthest behind first, and how many are still at work."""

    left: int
    waiting: queue.PriorityQueue[tuple[float, int, Seat | None]] = field(
        default_factory=queue.PriorityQueue
    )
    tickets: Iterator[int] = field(default_factory=itertools.count)
    lock: threading.Lock = field(default_factory=threading.Lock)
    trouble: list[BaseException] = field(default_factory=list)

    def join(self, seat: Seat) -> None:
        self.waiting.put((seat.clock, next(self.tickets), seat))

    def leave(self, threads: int) -> None:
        with self.lock:
            self.left -= 1
            finished = self.left == 0
        if finished:
            self.end(threads)

    def end(self, threads: int) -> None:
        for _ in range(threads):
            self.waiting.put((-1.0, next(self.tickets), None))


def work_off(
    seats: Sequence[Seat],
    batch: str,
    *,
    threads: int = 4,
    pages_a_turn: int | None = 1,
    leaving: bool = False,
    told: Callable[[int], None] = lambda _answers: None,
) -> int:
    """Let all seats work until each is over; returns how many answers were given.

    pages_a_turn: how many pages somebody does before others come to their turn; None lets everybody
    work to their end, one after the other, `threads` at a time. leaving: nobody holds a page while
    others have their turn. told: called from the threads with the number of new answers. Raises
    what the first worker met that is no answer.
    """
    if not seats:
        return 0
    line = _Line(left=len(seats))
    for seat in seats:
        line.join(seat)
    crew = [
        threading.Thread(
            target=_serve, args=(line, batch, threads, pages_a_turn, leaving, told), daemon=True
        )
        for _ in range(threads)
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        while thread.is_alive():
            thread.join(POLL_SECONDS)
    if line.trouble:
        raise line.trouble[0]
    return sum(seat.answers for seat in seats)


def _serve(
    line: _Line,
    batch: str,
    threads: int,
    pages_a_turn: int | None,
    leaving: bool,
    told: Callable[[int], None],
) -> None:
    """One thread: give turns to whoever is next until nobody is left or something broke."""
    while not line.trouble:
        seat = line.waiting.get()[2]
        if seat is None:
            return
        try:
            until = None if pages_a_turn is None else seat.pages + pages_a_turn
            while seat.over is None and seat.pages != until and not line.trouble:
                told(seat.turn(batch))
            if leaving:
                seat.leave(batch)
        except BaseException as fault:  # noqa: BLE001 - raised again where the crowd was called
            line.trouble.append(fault)
            line.end(threads)
            return
        if seat.over is None:
            line.join(seat)
        else:
            line.leave(threads)
