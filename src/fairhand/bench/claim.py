"""`fairhand bench claim`: what the hot path does, beside what the database alone could do.

A shared machine changes its speed by the minute, so whatever is compared takes turns: bare SQL and
HTTP, of which the ratio is the median of the pairs, and a small batch and a large one. The other
lines come one after the other, the small batches before anything large is in their tables.
"""

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from fairhand.bench import bare, scene
from fairhand.bench.load import Crowd, Load
from fairhand.bench.place import Place
from fairhand.bench.proctime import cpu_seconds
from fairhand.host import databases
from fairhand.projects.models import Batch

SMALL, LARGE = 10_000, 1_000_000
PAGES = (1, 10)
WORKERS = (1, 4, 16)
MOST = WORKERS[-1]
# Of a small batch only so much is worked off in one run: near its end there is little to choose.
WORKABLE = 0.6
# Every thread of the server makes its connection and its plans first.
WARM_UP, WARM_UP_TURNS = 0.5, 10


@dataclass(frozen=True)
class Effort:
    """How long is measured, and which sizes for pages of one and of ten."""

    seconds: float
    rounds: int
    sizes: dict[int, Sequence[int]]
    # On a machine too busy for all rounds, no further one begins after so many seconds.
    patience: float = math.inf

    def bare_at(self, page: int) -> int:
        """The size at which a page is compared with bare SQL: the largest measured."""
        return max(self.sizes[page])


FULL = Effort(3.0, 3, {1: (SMALL, LARGE), 10: (SMALL, LARGE)})
# Filling a million bundles of one task takes longer than the rest: pages of one stay small.
QUICK = Effort(1.0, 3, {1: (SMALL,), 10: (SMALL, LARGE)}, patience=28.0)


@dataclass
class Cell:
    """One line of the report: medians over the runs of one size, page and number of workers."""

    tasks: int
    page: int
    workers: int
    answers_per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms_per_answer: float
    load_share: float  # of one core, spent by the simulated workers
    refused: int
    bare_answers_per_second: float | None = None
    bare_p95_ms: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Run:
    """One run over HTTP, in the units of the report."""

    rate: float
    p50: float
    p95: float
    cpu: float
    share: float
    refused: int


class Bench:
    """A platform with a scene, on which runs are made one after the other."""

    def __init__(self, place: Place, effort: Effort, say: Callable[[str], None]) -> None:
        self.place, self.effort, self.say = place, effort, say
        self.begin = time.monotonic()
        self.scene = scene.Scene.make()
        self.crowd = scene.programs(MOST)
        self.cells: list[Cell] = []
        self.small_beside_large: list[Run] = []
        self.refused = 0
        self._script = ""
        self._batches: list[Batch] = []
        self._labels = count()

    def measure(self) -> None:
        """Measure every size, page and number of workers."""
        for tasks in (SMALL, LARGE):
            for page in PAGES:
                if tasks in self.effort.sizes[page]:
                    self.say(f"{tasks:,} tasks, pages of {page}")
                    self._measure_size(tasks, page)

    def figures(self) -> dict[str, Any]:
        """All that was measured, as one JSON object."""
        compared = {
            cell.page: cell for cell in self.cells if cell.tasks == self.effort.bare_at(cell.page)
        }
        return {
            "ratio_page_1": compared[1].ratio,
            "ratio_page_10": compared[10].ratio,
            "p95_ms_10k": _median([run.p95 for run in self.small_beside_large]),
            "p95_ms_1m": compared[10].p95_ms,
            "cpu_ms_per_answer_page_10": compared[10].cpu_ms_per_answer,
            "refused": self.refused,
            "surplus": sum(scene.surplus(batch) for batch in self._batches),
            "script": self._script,
            "cells": [dataclasses.asdict(cell) for cell in self.cells],
        }

    def fresh(self, tasks: int, page: int) -> Batch:
        """Make a batch of so many tasks, a tenth of them answered."""
        batch = self.scene.batch(tasks, page)
        self._batches.append(batch)
        if tasks == LARGE:
            # Writing out what was filled in would otherwise fall into some of the runs.
            with databases.connected(self.place.admin_url) as connection:
                connection.execute("checkpoint")
        return batch

    def http(self, batch: Batch, workers: int) -> Run:
        """Let so many workers do a run over HTTP."""
        roots = [self.place.postgres, *self.place.server]
        secrets = [program.secret for program in self.crowd[:workers]]
        with Crowd(self.place.url, batch.ref, secrets, batch.page_size) as crowd:
            crowd.work(WARM_UP, workers * WARM_UP_TURNS)
            before = cpu_seconds(roots)
            load = crowd.work(self.effort.seconds, _workable(batch, workers))
            spent = cpu_seconds(roots) - before
        self.refused += load.refused
        return _run(load, batch.page_size, spent)

    def _measure_size(self, tasks: int, page: int) -> None:
        batches = self._for_runs(tasks, page)
        for workers in WORKERS[:-1]:
            self._add(tasks, page, workers, [self.http(next(batches), workers)])
        runs, beside = [], []
        for number in range(self.effort.rounds):
            if number and time.monotonic() - self.begin > self.effort.patience:
                break
            if tasks == self.effort.bare_at(page):
                beside.append(self._bare(next(batches)))
            runs.append(self.http(next(batches), MOST))
            if (tasks, page) == (LARGE, 10):
                self.small_beside_large.append(self.http(self.fresh(SMALL, page), MOST))
        self._add(tasks, page, MOST, runs, beside)

    def _for_runs(self, tasks: int, page: int) -> Iterator[Batch]:
        """A batch for each run: a large one lasts, a small one is new each time."""
        batch = self.fresh(tasks, page)
        while True:
            yield batch
            if tasks != LARGE:
                batch = self.fresh(tasks, page)

    def _bare(self, batch: Batch) -> bare.Bare:
        """Let pgbench do a run, as many workers who are new to the batch."""
        label = f"bare{next(self._labels)}"
        who = scene.programs(MOST)
        bare.prepare(who, batch, label)
        self._script = bare.script(batch.ref, batch.page_size, label)
        return bare.run(self.place, batch, who, self.effort.seconds, label)

    def _add(
        self,
        tasks: int,
        page: int,
        workers: int,
        runs: Sequence[Run],
        beside: Sequence[bare.Bare] = (),
    ) -> None:
        cell = Cell(
            tasks,
            page,
            workers,
            answers_per_second=_median([run.rate for run in runs]),
            p50_ms=_median([run.p50 for run in runs]),
            p95_ms=_median([run.p95 for run in runs]),
            cpu_ms_per_answer=_median([run.cpu for run in runs]),
            load_share=_median([run.share for run in runs]),
            refused=sum(run.refused for run in runs),
        )
        if beside:
            cell.bare_answers_per_second = _median([done.rate for done in beside])
            cell.bare_p95_ms = _median([done.p95 for done in beside])
            pairs = zip(runs, beside, strict=True)
            cell.ratio = _median([run.rate / done.rate for run, done in pairs])
        self.cells.append(cell)


def _run(load: Load, page: int, spent: float) -> Run:
    answers = load.stored * page
    return Run(
        rate=answers / load.seconds,
        p50=load.percentile(0.5),
        p95=load.percentile(0.95),
        cpu=spent * 1000 / max(answers, 1),
        share=load.own_cpu / load.seconds,
        refused=load.refused,
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 4)


def _workable(batch: Batch, workers: int) -> int | None:
    """How many pages of a small batch so many workers may take in a run; None: no limit."""
    if batch.tasks == LARGE:
        return None
    slots = batch.tasks * 9 // 10 * min(workers, batch.overlap)
    return int(slots * WORKABLE) // batch.page_size
