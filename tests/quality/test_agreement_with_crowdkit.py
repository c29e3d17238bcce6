"""Both methods against crowd-kit, which lives in an environment of its own."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from fairhand.quality.aggregation.dawid_skene import dawid_skene
from fairhand.quality.aggregation.labels import Labels, Result
from fairhand.quality.aggregation.majority import majority
from fairhand.sim.recorded import RecordedCrowd

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "data" / "crowds"
ORACLE = HERE.parent / "oracles" / "crowdkit_oracle.py"
METHODS: dict[str, Callable[[Labels], Result]] = {
    "majority": majority,
    "dawid-skene": dawid_skene,
}
# By name, so that a set that is not there is seen as skipped and not as if it had never been.
SETS = [
    "adult2", "d_product", "dog", "ducks", "music_pairs", "quiz_chinese", "quiz_english",
    "quiz_itmanage", "rte", "sentiment_pop", "sentiment_pop_amt", "temp_order", "weather_amt",
    "weather_cf", "wsd",
]  # fmt: skip


class Oracle(NamedTuple):
    report: dict[str, dict[str, dict[str, float]]]
    arrays: Path


def folder_of(name: str) -> Path | None:
    elsewhere = os.environ.get("FAIRHAND_DATASETS")
    candidates = [SHIPPED / name, *([Path(elsewhere) / name] if elsewhere else [])]
    return next((path for path in candidates if (path / "labels.csv").is_file()), None)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """crowd-kit's results for every set there is: one start, since importing it takes seconds."""
    python = os.environ.get("FAIRHAND_ORACLES_PYTHON")
    if not python:
        pytest.skip("FAIRHAND_ORACLES_PYTHON does not name the oracle environment's python")
    arrays = tmp_path_factory.mktemp("crowdkit")
    folders = [str(folder) for name in SETS if (folder := folder_of(name))]
    done = subprocess.run(
        [python, str(ORACLE), str(arrays), *folders],
        check=True,
        capture_output=True,
        text=True,
        timeout=280,
    )
    return Oracle(json.loads(done.stdout.splitlines()[-1]), arrays)


def read(name: str) -> tuple[Labels, RecordedCrowd]:
    folder = folder_of(name)
    if folder is None:
        pytest.skip(f"the set {name} is not in the folder that FAIRHAND_DATASETS names")
    crowd = RecordedCrowd.read(folder)
    tasks, workers, labels = zip(*crowd.answers, strict=True)
    return Labels.from_ids(tasks, workers, labels), crowd


def probabilities(arrays: Any, method: str, result: Result) -> Any:
    """crowd-kit's table with its rows and columns in our order."""
    rows = {task: row for row, task in enumerate(arrays[f"{method}_tasks"].tolist())}
    columns = arrays[f"{method}_classes"].tolist()
    table = arrays[f"{method}_probabilities"][[rows[task] for task in result.tasks]]
    return table[:, [columns.index(name) for name in result.classes]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SETS)
def test_crowdkit_says_the_same(name: str, method: str, oracle: Oracle) -> None:
    labels, crowd = read(name)
    started = time.perf_counter()
    result = METHODS[method](labels)
    seconds = time.perf_counter() - started
    theirs = oracle.report[name][method]
    accuracy = result.accuracy(crowd.truth)
    print(  # noqa: T201 - pytest -rP shows the figures
        f"{name} {method}: {accuracy:.4f}, crowd-kit {theirs['accuracy']:.4f}, "
        f"{theirs['seconds'] / seconds:.0f} times as quick"
    )
    assert accuracy == pytest.approx(theirs["accuracy"], abs=0.002)
    assert result.iterations == theirs["iterations"]
    with np.load(oracle.arrays / f"{name}.npz") as arrays:
        expected = probabilities(arrays, method, result)
    assert np.abs(result.probabilities - expected).max() < 1e-6
