"""How right a crowd was, against a truth that the platform never saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairhand.quality.aggregation.labels import Result


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the scored tasks that are right; None where there is nothing to score.

    scored: tasks with a truth that is not gold and with a result. missing: those without a result.
    """

    accuracy: float | None
    majority: float | None
    scored: int
    missing: int


def score(
    results: Sequence[tuple[str, str, Mapping[str, int]]],
    truth: Mapping[str, str],
    classes: Sequence[str],
) -> Score:
    """Compare results, each (task, label, votes of each class), with the truth of the tasks.

    In majority vote a k-fold tie that holds the truth counts 1/k, as everywhere.
    """
    ours = [row for row in results if row[0] in truth]
    if not ours:
        return Score(None, None, 0, len(truth))
    right = sum(truth[task] == label for task, label, _votes in ours)
    votes = np.array([[row[2].get(name, 0) for name in classes] for row in ours], dtype=float)
    shares = votes / votes.sum(axis=1, keepdims=True)
    counted = Result([row[0] for row in ours], tuple(classes), shares)
    return Score(right / len(ours), counted.accuracy(truth), len(ours), len(truth) - len(ours))
