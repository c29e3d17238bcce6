"""When a task has answers enough: the rule of adaptive overlap, used at every submission.

The model has one accuracy a worker: a worker with accuracy a gives the right label with
probability a and each of the other k - 1 classes with (1 - a) / (k - 1). Before any answer each
class is equally likely. Then

    p(c) ~ product over the answers of (a if the answer is c else (1 - a) / (k - 1))

(the one-coin model; Y. Zhang, X. Chen, D. Zhou, M. Jordan, Spectral Methods Meet EM, JMLR 17,
2016). The accuracy comes from the worker's gold answers, shrunk towards a prior, so
that three right gold answers do not make anybody infallible:

    a = (alpha + right) / (alpha + beta + seen)

The prior is not tuned to any data. It says: every accuracy between guessing (1 / k) and perfection
is equally likely. That uniform distribution has the mean m = (k + 1) / 2k and the variance
v = ((k - 1) / k)**2 / 12, and Beta(alpha, beta) is the one with the same two moments, so that
learning stays one addition: alpha + beta = m (1 - m) / v - 1 = (2 k + 4) / (k - 1). For two classes
it is Beta(6, 2): a newcomer counts as right three times in four.

An accuracy never falls below guessing: an answer may count for nothing, but never against the
label that it gives. Nobody could be told why three people saying "duck" made it "no duck", and a
wrong gold key would turn good workers' answers around.
"""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from math import exp, log
from typing import Any, TypeVar

Label = TypeVar("Label", bound=Hashable)


@lru_cache(maxsize=1024)
def prior(classes: int) -> tuple[float, float]:
    """(alpha, beta) of the Beta prior of a worker's accuracy. Raises ValueError below 2 classes."""
    if classes < 2:  # noqa: PLR2004 - one class is no question
        raise ValueError("a question has at least two classes")
    strength = (2 * classes + 4) / (classes - 1)
    mean = (classes + 1) / (2 * classes)
    return mean * strength, (1 - mean) * strength


def accuracy(right: int, seen: int, classes: int) -> float:
    """The accuracy a worker is credited with after `seen` gold answers, `right` of them right."""
    alpha, beta = prior(classes)
    if not 0 <= right <= seen:
        raise ValueError(f"{right} right of {seen} gold answers cannot be")
    return max(1 / classes, (alpha + right) / (alpha + beta + seen))


@lru_cache(maxsize=65536)
def _weight(right: int, seen: int, classes: int) -> float:
    """How much one answer moves the log-odds of its label against every other class."""
    credited = accuracy(right, seen, classes)
    return max(0.0, log(credited) - log((1 - credited) / (classes - 1)))


def posterior(answers: Iterable[tuple[Label, int, int]], classes: int) -> dict[Label, float]:
    """The probability of each label that was given; the classes nobody gave share the rest.

    answers: one (label, right, seen) an answer, the last two of its worker's gold. No answer gives
    an empty mapping. The order of the answers changes nothing but the order of the keys.
    Raises ValueError for more labels than classes, or more right than seen.
    """
    logs: dict[Label, float] = {}
    for label, right, seen in answers:
        logs[label] = logs.get(label, 0.0) + _weight(right, seen, classes)
    if len(logs) > classes:
        raise ValueError(f"{len(logs)} labels were given, of {classes} classes")
    if not logs:
        return {}
    greatest = max(logs.values())
    odds = {label: exp(value - greatest) for label, value in logs.items()}
    total = sum(odds.values()) + (classes - len(odds)) * exp(-greatest)
    return {label: value / total for label, value in odds.items()}


def enough(posterior: Mapping[Any, float], confidence: float) -> bool:
    """Whether the likeliest label is likely enough to stop asking; never without an answer.

    confidence: between 0 and 1; at 1 it is never enough, whatever rounding makes of the posterior.
    """
    return bool(posterior) and confidence < 1 and max(posterior.values()) >= confidence
