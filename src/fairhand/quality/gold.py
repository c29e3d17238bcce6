"""The bar: how many gold answers a worker must get right to keep access to a batch.

A worker is restricted only when their gold answers refute the claim that they meet the bar: when
the upper end of the one-sided 95 % interval of their accuracy lies below it. The interval is the
exact one of C. J. Clopper and E. S. Pearson, The Use of Confidence or Fiducial Limits Illustrated
in the Case of the Binomial, Biometrika 26 (1934), 404-413. It never promises more than it holds
(Wilson's is shorter, and on few answers errs against the worker), and it has a plain meaning:
somebody who is right exactly as often as the bar asks would do this badly less than one time in
twenty. In formulas, with r right of n: restricted if P(Binomial(n, bar) <= r) < 0.05.

Below FEWEST gold answers nobody is restricted, however they went. Five is the least number that
could refute even a bar of one half: 0.5**5 < 0.05 < 0.5**4.

The interval is read after every gold answer, so the chance that a worker who just meets the bar is
restricted at some time is more than one in twenty. `chance_of_restriction` computes it, for
choosing a bar before a batch opens.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, lgamma, log, log1p

import numpy as np

EVIDENCE = 0.95
FEWEST = 5
# Raised when the rule changes: stored decisions name the version they were made by.
RULE = "gold-bar"
VERSION = 1


def bar_table(bar: float | None, longest: int = 400, evidence: float = EVIDENCE) -> list[int]:
    """The smallest number right that keeps access, for each number of gold answers 0..longest.

    bar: the accuracy asked for, above 0 and at most 1; None asks for nothing.
    evidence: the confidence of the interval, between 0.5 and 1.
    Raises ValueError for figures outside these ranges.
    """
    if bar is None:
        return [0] * (longest + 1)
    _check(bar, evidence)
    table = []
    needed = 0
    for seen in range(longest + 1):
        # One more gold answer raises the number needed by at most one.
        while needed < seen and _refutes(needed, seen, bar, evidence):
            needed += 1
        table.append(needed if seen >= FEWEST else 0)
    return table


def upper_end(right: int, seen: int, evidence: float = EVIDENCE) -> float:
    """The upper end of the exact one-sided interval of the accuracy, given the gold answers.

    Raises ValueError when more are right than were seen.
    """
    if not 0 <= right <= seen:
        raise ValueError(f"{right} right of {seen} gold answers cannot be")
    if right == seen:
        return 1.0
    low, high = right / seen, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _refutes(right, seen, middle, evidence):
            high = middle
        else:
            low = middle
    return high


def explain(
    right: int, seen: int, bar: float | None, evidence: float = EVIDENCE
) -> dict[str, str | int | float | bool | None]:
    """The decision with every number that it rests on, to be stored and replayed.

    `accuracy` is None before the first gold answer. `needed` is what would have kept access.
    """
    end = upper_end(right, seen, evidence)
    needed = _needed(bar, seen, evidence)
    return {
        "rule": RULE,
        "version": VERSION,
        "right": right,
        "seen": seen,
        "accuracy": round(right / seen, 6) if seen else None,
        "upper_end": round(end, 6),
        "evidence": evidence,
        "bar": bar,
        "fewest": FEWEST,
        "needed": needed,
        "restricted": right < needed,
    }


def chance_of_restriction(table: Sequence[int], accuracy: float) -> float:
    """The chance that a worker of this accuracy is restricted somewhere along the table.

    Exact, by following the distribution of the number right through every gold answer.
    """
    if not 0 <= accuracy <= 1:
        raise ValueError(f"an accuracy lies between 0 and 1, not at {accuracy}")
    alive = np.ones(1)
    for seen, needed in enumerate(table):
        if seen:
            alive = np.append(alive * (1 - accuracy), 0.0) + np.append(0.0, alive * accuracy)
        alive[:needed] = 0.0
    return float(1 - alive.sum())


@lru_cache(maxsize=64)
def _table(bar: float, longest: int, evidence: float) -> tuple[int, ...]:
    return tuple(bar_table(bar, longest, evidence))


def _needed(bar: float | None, seen: int, evidence: float) -> int:
    """One entry of the table; tables come in whole hundreds so that few are made."""
    if bar is None:
        return 0
    return _table(bar, -(-max(seen, 400) // 100) * 100, evidence)[seen]


def _check(bar: float, evidence: float) -> None:
    if not 0 < bar <= 1:
        raise ValueError(f"the bar lies above 0 and at most at 1, not at {bar}")
    if not 0.5 <= evidence < 1:  # noqa: PLR2004 - less would be evidence of nothing
        raise ValueError(f"the evidence lies between 0.5 and 1, not at {evidence}")


def _refutes(right: int, seen: int, accuracy: float, evidence: float) -> bool:
    """Whether so few right are too improbable at this accuracy: P(X <= right) < 1 - evidence."""
    # The median is at most one above the mean, so this much is never too little; it also spares
    # the sum below the far right tail, where its first term would vanish.
    if right >= min(seen, seen * accuracy + 1):
        return False
    if accuracy >= 1:
        return True
    # Summed from the greatest term down, each from the one above it, until nothing is added.
    term = exp(_log_term(right, seen, accuracy))
    total, odds = term, (1 - accuracy) / accuracy
    for k in range(right, 0, -1):
        term *= odds * k / (seen - k + 1)
        total += term
        if term < total * 1e-17:
            break
    return total < 1 - evidence


def _log_term(right: int, seen: int, accuracy: float) -> float:
    """The logarithm of P(X = right) of the binomial distribution."""
    ways = lgamma(seen + 1) - lgamma(right + 1) - lgamma(seen - right + 1)
    return ways + right * log(accuracy) + (seen - right) * log1p(-accuracy)
