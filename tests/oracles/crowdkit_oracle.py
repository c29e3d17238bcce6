"""Aggregates recorded crowds with crowd-kit; run by the python of the oracle environment.

    python crowdkit_oracle.py OUT FOLDER...

writes OUT/<name>.npz for each folder (per method the probabilities, with the names of rows and
columns) and prints one JSON object: {name: {method: {accuracy, iterations, seconds}}}. It imports
nothing of Fairhand, and states the rule for ties by itself.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from crowdkit.aggregation import DawidSkene, MajorityVote

TIE = 1e-9


def accuracy(probabilities: "pd.DataFrame", truth: dict[str, str]) -> float:
    """The mean over tasks with a truth of 1/k if the truth is among the k winners, else 0."""
    scores = []
    for task, row in probabilities.iterrows():
        if task in truth:
            winners = list(row.index[row >= row.max() - TIE])
            scores.append(truth[task] in winners and 1 / len(winners))
    return float(np.mean(scores))


def run(folder: Path, out: Path) -> dict[str, dict[str, float | int]]:
    """Both methods on one set."""
    data = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False)
    data = data[["task", "worker", "label"]]
    rows = pd.read_csv(folder / "truth.csv", dtype=str, keep_default_na=False)
    truth = dict(zip(rows["task"], rows["label"], strict=True))
    report, arrays = {}, {}
    for name, method in (("majority", MajorityVote()), ("dawid-skene", DawidSkene())):
        started = time.perf_counter()
        probabilities = method.fit_predict_proba(data)
        report[name] = {
            "seconds": time.perf_counter() - started,
            "iterations": len(getattr(method, "loss_history_", [])),
            "accuracy": accuracy(probabilities, truth),
        }
        arrays[f"{name}_probabilities"] = probabilities.to_numpy(dtype=float)
        arrays[f"{name}_tasks"] = probabilities.index.to_numpy(dtype="U")
        arrays[f"{name}_classes"] = probabilities.columns.to_numpy(dtype="U")
    np.savez(out / f"{folder.name}.npz", **arrays)
    return report


if __name__ == "__main__":
    target = Path(sys.argv[1])
    print(json.dumps({Path(name).name: run(Path(name), target) for name in sys.argv[2:]}))  # noqa: T201
