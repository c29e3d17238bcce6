r"""Dawid-Skene: who confuses what with what is learnt together with the labels.

Each worker w has a confusion matrix e, where e[w, k, c] is the probability that w says k when c is
right; p[c] is the share of class c. Expectation-maximisation, from the shares of majority vote:

    M:  p[c]       = mean over tasks of q[t, c]
        e[w, k, c] = sum of q[t, c] over the answers k of w, scaled to sum to 1 over k
    E:  q[t, c]    ~ p[c] * product over the answers (w, k) of t of e[w, k, c]

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm, Journal of the Royal Statistical Society C 28 (1979), 20-28.

The conventions are those of crowd-kit 1.4 (`DawidSkene` without initial error rates), so that the
two can be compared number by number:
- a probability below 1e-10 counts as 1e-10;
- a worker's matrix has rows only for labels that the worker gave, so it stays sparse;
- the bound on the likelihood, divided by the number of answers, decides when to stop: when it
  grows by less than the tolerance. It counts the term of the class shares once an answer (the
  textbook: once a task). That moves the moment of stopping by a few steps and never the labels
  that a step computes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fairhand.quality.aggregation.labels import Codes, Floats, Labels, Result, refuse_huge
from fairhand.quality.aggregation.majority import majority

_LEAST = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """The answers, with (worker, label) pairs numbered: a sparse confusion matrix's rows."""

    task: Codes
    pair: Codes
    pair_worker: Codes
    tasks: int
    workers: int


def dawid_skene(
    labels: Labels,
    *,
    known: Mapping[str, str] | None = None,
    iterations: int = 100,
    tolerance: float = 1e-5,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Estimate the labels and every worker's errors together.

    known: tasks whose label is certain (gold); they stay fixed and teach the workers' errors.
    progress: called with the number of each finished iteration.
    Raises ValueError when a known label is not among the classes, and TooManyClassesError.
    """
    if not labels.answers:
        return majority(labels)
    answers = _number_pairs(labels)
    fixed = labels.codes_of(known or {})
    likely = _fix(majority(labels).probabilities, fixed)
    counts = _count(answers, likely)
    bound = -np.inf
    done = 0
    while done < iterations:
        done += 1
        log_shares, log_errors = _log_shares(likely), _log_errors(answers, counts)
        likely = _fix(_expect(answers, log_shares, log_errors), fixed)
        counts = _count(answers, likely)
        previous, bound = bound, _bound(answers, likely, counts)
        if progress is not None:
            progress(done)
        if bound - previous < tolerance:
            break
    return Result(labels.tasks, labels.classes, likely, done)


def _number_pairs(labels: Labels) -> _Answers:
    classes = len(labels.classes)
    cells = labels.worker.astype(np.int64) * classes + labels.label
    used = np.flatnonzero(np.bincount(cells))
    refuse_huge(len(used), classes)
    number = np.zeros(used[-1] + 1, dtype=np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    return _Answers(
        task=labels.task,
        pair=number[cells],
        pair_worker=(used // classes).astype(np.int32),
        tasks=len(labels.tasks),
        workers=len(labels.workers),
    )


def _fix(likely: Floats, fixed: Codes) -> Floats:
    """Certainty for the tasks whose label is known."""
    rows = np.flatnonzero(fixed >= 0)
    likely[rows] = 0.0
    likely[rows, fixed[rows]] = 1.0
    return likely


def _count(answers: _Answers, likely: Floats) -> Floats:
    """How often each (worker, label) pair is expected to have met each class: (pairs, classes)."""
    counts = np.empty((len(answers.pair_worker), likely.shape[1]))
    for column in range(likely.shape[1]):
        # take from a contiguous column: twice as quick as from a strided one
        weights = np.ascontiguousarray(likely[:, column]).take(answers.task)
        counts[:, column] = np.bincount(answers.pair, weights, minlength=len(counts))
    return counts


def _log_shares(likely: Floats) -> Floats:
    """The logarithm of p."""
    result: Floats = np.log(likely.mean(axis=0).clip(_LEAST))
    return result


def _log_errors(answers: _Answers, counts: Floats) -> Floats:
    """The logarithm of e: the counts, scaled to sum to 1 over the labels that a worker gave."""
    counts = counts.clip(_LEAST)
    # Pairs are numbered worker by worker, so each worker's rows are one segment.
    starts = np.flatnonzero(np.diff(answers.pair_worker, prepend=-1))
    totals = np.add.reduceat(counts, starts, axis=0)
    result: Floats = np.log(counts / totals[answers.pair_worker])
    return result


def _expect(answers: _Answers, log_shares: Floats, log_errors: Floats) -> Floats:
    """The E-step in logarithms, scaled by each row's greatest before it is exponentiated."""
    logs = np.empty((answers.tasks, len(log_shares)))
    for column, share in enumerate(log_shares):
        weights = np.ascontiguousarray(log_errors[:, column]).take(answers.pair)
        logs[:, column] = np.bincount(answers.task, weights, minlength=answers.tasks) + share
    logs -= logs.max(axis=1, keepdims=True)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=1, keepdims=True)
    return logs


def _bound(answers: _Answers, likely: Floats, counts: Floats) -> float:
    """The evidence lower bound per answer, from the counts instead of a pass over the answers."""
    joint = (counts * (_log_errors(answers, counts) + _log_shares(likely))).sum()
    likely = likely.clip(_LEAST)
    return float((joint - (np.log(likely) * likely).sum()) / len(answers.task))
