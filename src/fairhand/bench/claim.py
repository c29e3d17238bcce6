"""`fairhand bench claim`: what the hot path does, beside what the database alone could do.

A shared machine changes its speed by the minute, so whatever is compared takes turns: bare SQL and
HTTP, of which the ratio is the median of the pairs, and, in slices of a fraction of a second, a
small batch and a large one. The lines of the table come one after the other, the small batches
before anything large is in their tables.
"""

import dataclasses
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from fairhand.bench import bare, scene
from fairhand.bench.load import Crowd, Load
from fairhand.bench.place import Place
from fairhand.bench.proctime import cpu_seconds
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
    slices: int  # of a small batch beside a large one
    sizes: dict[int, Sequence[int]]
    workers: Sequence[int] = WORKERS  # how many at once

    def bare_at(self, page: int) -> int:
        """The size at which a page is compared with bare SQL: the largest measured."""
        return max(self.sizes[page])


FULL = Effort(3.0, 3, 10, {1: (SMALL, LARGE), 10: (SMALL, LARGE)})
# Filling a million bundles of one task takes longer than the rest: pages of one stay small.
QUICK = Effort(1.0, 1, 5, {1: (SMALL,), 10: (SMALL, LARGE)}, WORKERS[-1:])


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
        self.scene = scene.Scene.make()
        self.crowd = scene.programs(MOST)
        self.cells: list[Cell] = []
        self.p95 = (0.0, 0.0)  # at 16 workers and pages of ten, of a small batch and a large one
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
            "p95_ms_10k": self.p95[0],
            "p95_ms_1m": self.p95[1],
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
        for workers in self.effort.workers[:-1]:
            self._add(tasks, page, workers, [self.http(next(batches), workers)])
        runs, beside = [], []
        compared = tasks == self.effort.bare_at(page)
        for _ in range(self.effort.rounds if compared else 1):
            if compared:
                beside.append(self._bare(next(batches)))
            runs.append(self.http(next(batches), MOST))
        self._add(tasks, page, MOST, runs, beside)
        if (tasks, page) == (LARGE, 10):
            self.p95 = self._small_beside_large(self.fresh(SMALL, page), next(batches))

    def _for_runs(self, tasks: int, page: int) -> Iterator[Batch]:
        """A batch for each run: a large one lasts, a small one is new each time."""
        batch = self.fresh(tasks, page)
        while True:
            yield batch
            if tasks != LARGE:
                batch = self.fresh(tasks, page)

    def _small_beside_large(self, small: Batch, large: Batch) -> tuple[float, float]:
        """Milliseconds within which 95 % of the pages of each were done, in many short turns."""
        secrets = [program.secret for program in self.crowd]
        turns = _workable(small, MOST)
        assert turns is not None
        pooled = Load(), Load()
        with ExitStack() as stack:
            crowds = [
                stack.enter_context(Crowd(self.place.url, batch.ref, secrets, batch.page_size))
                for batch in (small, large)
            ]
            for crowd in crowds:
                crowd.work(WARM_UP, MOST * WARM_UP_TURNS)
            for _ in range(self.effort.slices):
                for crowd, load in zip(crowds, pooled, strict=True):
                    part = crowd.work(self.effort.seconds / 2, turns // self.effort.slices)
                    load.latencies += part.latencies
                    load.refused = part.refused
        self.refused += sum(load.refused for load in pooled)
        return round(pooled[0].percentile(0.95), 4), round(pooled[1].percentile(0.95), 4)

    def _bare(self, batch: Batch) -> bare.Bare:
        """Let pgbench do a run, as many workers who are new to the batch.

        It gets more time where a busy machine spends too much of it on the warm-up.
        """
        for factor in (1, 2, 4, 8):
            label = f"bare{next(self._labels)}"
            who = scene.programs(MOST)
            bare.prepare(who, batch, label)
            self._script = bare.script(batch.ref, batch.page_size, label)
            seconds = max(1, round(self.effort.seconds)) * factor
            with suppress(bare.StillWarmingUpError):
                return bare.run(self.place, batch, who, seconds, label)
        raise bare.BareRunError("pgbench did not get to work: is the machine busy with something?")

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
