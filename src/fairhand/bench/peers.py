"""Fairhand beside another system, measured in turns in the same run on the same machine."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairhand.bench import label_studio
from fairhand.bench.claim import MOST, PAGES, SMALL, Bench

WORKERS = (4, MOST)
SECONDS = 5.0


def beside_label_studio(bench: Bench, python: Path) -> dict[str, Any]:
    """Run Label Studio and Fairhand in turns on 10,000 tasks each; how many times as fast we are.

    Label Studio's figure is the better of its rates at 4 and at 16 workers. Raises PeerError.
    """
    bench.say("Label Studio: making its tables and importing its tasks …")
    ours: dict[int, list[float]] = {page: [] for page in PAGES}
    our_cpu: dict[int, list[float]] = {page: [] for page in PAGES}
    theirs: dict[int, list[label_studio.Load]] = {workers: [] for workers in WORKERS}
    with label_studio.running(bench.place, python, MOST) as peer:
        for number in range(bench.effort.rounds):
            bench.say(f"Label Studio beside Fairhand, {number + 1} of {bench.effort.rounds}")
            for workers in WORKERS:
                theirs[workers].append(peer.work(workers, SECONDS))
            for page in PAGES:
                run = bench.http(bench.fresh(SMALL, page), MOST)
                ours[page].append(run.rate)
                our_cpu[page].append(run.cpu)
    best = [max(loads, key=_rate) for loads in zip(*theirs.values(), strict=True)]
    figures: dict[str, Any] = {
        "label_studio": {
            f"answers_per_second_{workers}_workers": _median([load.rate for load in loads])
            for workers, loads in theirs.items()
        }
    }
    cpu = [load.cpu * 1000 / max(len(load.turns), 1) for load in best]
    figures["label_studio"]["cpu_ms_per_answer"] = _median(cpu)
    figures["label_studio"]["refused"] = sum(x.refused for loads in theirs.values() for x in loads)
    for page in PAGES:
        pairs = zip(ours[page], best, strict=True)
        figures[f"times_label_studio_page_{page}"] = _median([our / x.rate for our, x in pairs])
        saved = zip(our_cpu[page], cpu, strict=True)
        figures[f"cpu_times_label_studio_page_{page}"] = _median([b / a for a, b in saved])
    return figures


def _rate(load: label_studio.Load) -> float:
    return load.rate


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)
