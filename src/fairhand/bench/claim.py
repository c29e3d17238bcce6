"""`fairhand bench claim`: what the hot path does, beside what the database alone could do.

Sizes come one after the other, the small one first: all batches share their tables, so a small one
measured beside a million tasks would say nothing about growth. At 16 workers bare SQL and HTTP take
turns and their ratio is the median of the pairs, because a shared machine changes its speed by the
minute.
"""

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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

    def bare_at(self, page: int) -> int:
        """The size at which a page is compared with bare SQL: the largest measured."""
        return max(self.sizes[page])


FULL = Effort(3.0, 3, {1: (SMALL, LARGE), 10: (SMALL, LARGE)})
# Filling a million bundles of one task takes longer than the rest: pages of one stay small.
QUICK = Effort(1.0, 3, {1: (SMALL,), 10: (SMALL, LARGE)})


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
    bare_cpu_ms_per_answer: float | None = None
    ratio: float | None = None


@dataclass
class Report:
    """All that was measured."""

    cells: list[Cell] = field(default_factory=list)
    surplus: int = 0
    script: str = ""

    def cell(self, tasks: int, page: int, workers: int = MOST) -> Cell:
        """One line."""
        return next(
            cell
            for cell in self.cells
            if (cell.tasks, cell.page, cell.workers) == (tasks, page, workers)
        )

    def figures(self, effort: Effort) -> dict[str, Any]:
        """The report as one JSON object."""
        ten = self.cell(effort.bare_at(10), 10)
        return {
            "ratio_page_1": self.cell(effort.bare_at(1), 1).ratio,
            "ratio_page_10": ten.ratio,
            "p95_ms_10k": self.cell(SMALL, 10).p95_ms,
            "p95_ms_1m": self.cell(LARGE, 10).p95_ms,
            "cpu_ms_per_answer_page_10": ten.cpu_ms_per_answer,
            "refused": sum(cell.refused for cell in self.cells),
            "surplus": self.surplus,
            "script": self.script,
            "cells": [dataclasses.asdict(cell) for cell in self.cells],
        }


@dataclass(frozen=True)
class _Run:
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
        self.report = Report()
        self._labels = count()

    def measure(self) -> Report:
        """Measure every size, page and number of workers."""
        for tasks in (SMALL, LARGE):
            for page in PAGES:
                if tasks in self.effort.sizes[page]:
                    self._measure_size(tasks, page)
        return self.report

    def http(self, batch: Batch, workers: int, seconds: float | None = None) -> _Run:
        """One run of so many workers over HTTP, for so long or as the effort says."""
        turns = self._workable(batch, workers)
        roots = [self.place.postgres, *self.place.server]
        secrets = [program.secret for program in self.crowd[:workers]]
        with Crowd(self.place.url, batch.ref, secrets, batch.page_size) as crowd:
            crowd.work(WARM_UP, workers * WARM_UP_TURNS)
            before = cpu_seconds(roots)
            load = crowd.work(seconds or self.effort.seconds, turns)
            spent = cpu_seconds(roots) - before
        return _run(load, batch.page_size, spent)

    def _measure_size(self, tasks: int, page: int) -> None:
        self.say(f"{tasks:,} tasks, pages of {page}")
        batch = self.fresh(tasks, page)
        for workers in WORKERS[:-1]:
            self._add(tasks, page, workers, [self.http(batch, workers)])
            batch = self._next(batch)
        compared = self.effort.bare_at(page) == tasks
        runs, beside = [], []
        for _ in range(self.effort.rounds):
            if compared:
                beside.append(self._bare(batch))
                batch = self._next(batch)
            runs.append(self.http(batch, MOST))
            batch = self._next(batch)
        self._add(tasks, page, MOST, runs, beside)
        if tasks == LARGE:
            self.report.surplus += scene.surplus(batch)

    def _bare(self, batch: Batch) -> tuple[bare.Bare, float]:
        """A run of pgbench, and the milliseconds of PostgreSQL's CPU for an answer."""
        label = f"bare{next(self._labels)}"
        who = scene.programs(MOST)
        bare.prepare(who, batch, label)
        self.report.script = bare.script(batch.ref, batch.page_size, label)
        before = cpu_seconds([self.place.postgres])
        done = bare.run(self.place, batch, who, self.effort.seconds, label)
        return done, (cpu_seconds([self.place.postgres]) - before) * 1000 / done.answers

    def fresh(self, tasks: int, page: int) -> Batch:
        """A new batch of so many tasks, a tenth of them answered."""
        batch = self.scene.batch(tasks, page)
        # Writing out what was filled in would otherwise fall into the runs.
        with databases.connected(self.place.admin_url) as connection:
            connection.execute("checkpoint")
        return batch

    def _next(self, batch: Batch) -> Batch:
        """The batch for the next run: a large one lasts, a small one was worked on enough."""
        if batch.tasks == LARGE:
            return batch
        self.report.surplus += scene.surplus(batch)
        return self.fresh(batch.tasks, batch.page_size)

    def _workable(self, batch: Batch, workers: int) -> int | None:
        """How many pages of a small batch so many workers may take in a run; None: no limit."""
        if batch.tasks == LARGE:
            return None
        slots = batch.tasks * 9 // 10 * min(workers, batch.overlap)
        return int(slots * WORKABLE) // batch.page_size

    def _add(
        self,
        tasks: int,
        page: int,
        workers: int,
        runs: Sequence[_Run],
        beside: Sequence[tuple[bare.Bare, float]] = (),
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
            cell.bare_answers_per_second = _median([done.rate for done, _cpu in beside])
            cell.bare_p95_ms = _median([done.p95 for done, _cpu in beside])
            cell.bare_cpu_ms_per_answer = _median([cpu for _done, cpu in beside])
            pairs = zip(runs, beside, strict=True)
            cell.ratio = _median([run.rate / done.rate for run, (done, _cpu) in pairs])
        self.report.cells.append(cell)


def _run(load: Load, page: int, spent: float) -> _Run:
    answers = (len(load.latencies) - load.refused) * page
    return _Run(
        rate=answers / load.seconds,
        p50=load.percentile(0.5),
        p95=load.percentile(0.95),
        cpu=spent * 1000 / max(answers, 1),
        share=load.own_cpu / load.seconds,
        refused=load.refused,
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 4)
