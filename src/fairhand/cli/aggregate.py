"""`fairhand aggregate`: one label a task from a file of answers; needs no server."""

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from fairhand.host.refusal import gettext as _
from fairhand.quality.aggregation.dawid_skene import dawid_skene
from fairhand.quality.aggregation.labels import Labels, Result, TooManyClassesError
from fairhand.quality.aggregation.majority import majority
from fairhand.sim import tables

Method = Literal["majority", "dawid-skene"]

_ANSWERS = ("task", "worker", "label")
_TRUTH = ("task", "label")
# Who waits longer than this wants to see that something happens.
_PATIENCE_SECONDS = 2.0
_MOST_CLASSES_SHOWN = 20


class _RefusedError(ValueError):
    """The input cannot be used; the message is a sentence for the person who gave it."""


def aggregate(
    labels: Annotated[Path, Parameter(name="LABELS.csv")],
    /,
    *,
    method: Method = "majority",
    truth: Annotated[Path | None, Parameter(name="--truth")] = None,
    out: Annotated[Path | None, Parameter(name="--out")] = None,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Find the label of each task from the answers of several workers.

    Parameters
    ----------
    labels
        CSV file with the columns task, worker and label; one answer a line.
    method
        majority: the label that most workers gave. dawid-skene: weighs each worker by the
        mistakes they make, which it learns from the answers.
    truth
        CSV file with the columns task and label, to measure the accuracy.
    out
        CSV file to write: task, label, confidence, answers.
    json
        Print the figures as one JSON object on the last line.
    """
    try:
        figures, answers, result = _run(labels, method, truth)
        if out is not None:
            _write(out, answers, result, keep=(labels, truth))
    except (_RefusedError, tables.BadTableError) as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    print(_as_json(figures) if json else _as_table(figures, answers, result))


def _run(
    path: Path, method: Method, truth_path: Path | None
) -> tuple[dict[str, str | int | float | None], Labels, Result]:
    """Read, aggregate and measure: the figures of the JSON object, the answers and the result."""
    started = time.perf_counter()
    answers = _read_answers(path)
    truth = {} if truth_path is None else _read_truth(truth_path, answers, path)
    try:
        result = majority(answers) if method == "majority" else _patient_dawid_skene(answers)
    except TooManyClassesError as error:
        raise _RefusedError(
            _(
                "%(file)s has %(count)d different labels: too many to be choices from a list. "
                "Votes can only be counted where several workers give the very same label."
            )
            % {"file": path.name, "count": error.classes}
        ) from error
    return (
        {
            "method": method,
            "tasks": len(answers.tasks),
            "answers": answers.answers,
            "accuracy": result.accuracy(truth),
            "seconds": round(time.perf_counter() - started, 3),
            "iterations": result.iterations,
        },
        answers,
        result,
    )


def _read_answers(path: Path) -> Labels:
    task, worker, label = tables.read_columns(path, _ANSWERS)
    answers = Labels.from_codes(task, worker, label)
    repeat = answers.first_repeat()
    if repeat is None:
        return answers
    again, first = repeat
    lines = [row.line for row in tables.rows(path, _ANSWERS)]
    raise _RefusedError(
        _(
            "%(file)s, line %(again)d: worker “%(worker)s” answers task “%(task)s” again, after "
            "line %(first)d. One answer of a worker to a task counts: keep one of them."
        )
        % {
            "file": path.name,
            "again": lines[again],
            "first": lines[first],
            "worker": answers.workers[answers.worker[again]],
            "task": answers.tasks[answers.task[again]],
        }
    )


def _read_truth(path: Path, answers: Labels, answers_path: Path) -> dict[str, str]:
    """The right label of tasks; each of them must have an answer, and is named once."""
    task, label = tables.read_columns(path, _TRUTH)
    truth = dict(zip(task.values(), label.values(), strict=True))
    known = set(answers.tasks)
    if len(truth) == len(task.codes) and truth.keys() <= known:
        return truth
    seen: set[str] = set()
    for row in tables.rows(path, _TRUTH):
        place = {"file": path.name, "line": row.line, "task": row.values[0]}
        if row.values[0] not in known:
            place |= {"labels": answers_path.name, "count": len(truth.keys() - known)}
            raise _RefusedError(
                _(
                    "%(file)s, line %(line)d: task “%(task)s” has no answer in %(labels)s "
                    "(tasks without any: %(count)d). Is it the truth of another file?"
                )
                % place
            )
        if row.values[0] in seen:
            raise _RefusedError(
                _("%(file)s, line %(line)d: task “%(task)s” is there a second time.") % place
            )
        seen.add(row.values[0])
    raise AssertionError("the file changed while it was read")


def _patient_dawid_skene(answers: Labels) -> Result:
    progress = _progress() if sys.stderr.isatty() else None
    result = dawid_skene(answers, progress=progress)
    if progress is not None:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return result


def _progress() -> Callable[[int], None]:
    """Shows the iteration, in place, once the wait is long."""
    started = time.monotonic()

    def show(iteration: int) -> None:
        if time.monotonic() - started > _PATIENCE_SECONDS:
            line = _("Dawid-Skene, iteration %(number)d") % {"number": iteration}
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    return show


def _write(out: Path, answers: Labels, result: Result, *, keep: tuple[Path | None, ...]) -> None:
    """Write to a file beside it and rename, so that there is never half a result."""
    # What a link points at is written, not the link: /dev/stdout must stay what it is.
    target = out.resolve()
    if any(path is not None and target == path.resolve() for path in keep):
        raise _RefusedError(_("%(file)s is the input: name another file to write.") % {"file": out})
    if target.exists() and not target.is_file():
        raise _RefusedError(_("%(file)s is not a file that can be written.") % {"file": out})
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    columns = zip(
        result.tasks,
        (result.classes[code] for code in result.labels().tolist()),
        (f"{value:.6f}" for value in result.confidences().tolist()),
        answers.answers_per_task().tolist(),
        strict=True,
    )
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["task", "label", "confidence", "answers"])
            writer.writerows(columns)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _RefusedError(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": out, "reason": error.strerror or error}
        ) from error


def _as_json(figures: Mapping[str, str | int | float | None]) -> str:
    return json.dumps(figures)


def _as_table(
    figures: Mapping[str, str | int | float | None], answers: Labels, result: Result
) -> str:
    winners = result.winners()
    lines = [
        (_("method"), str(figures["method"])),
        (_("tasks"), f"{len(answers.tasks):,}"),
        (_("workers"), f"{len(answers.workers):,}"),
        (_("answers"), f"{answers.answers:,}"),
        (_("answers per task"), f"{answers.answers / len(answers.tasks):.1f}"),
        (_("ties"), f"{int((winners.sum(axis=1) > 1).sum()):,}"),
    ]
    if figures["accuracy"] is not None:
        lines.append((_("accuracy"), f"{figures['accuracy']:.2%}"))
    if result.iterations:
        lines.append((_("iterations"), str(result.iterations)))
    lines.append((_("seconds"), f"{figures['seconds']:.2f}"))
    if len(result.classes) <= _MOST_CLASSES_SHOWN:
        chosen = result.labels().tolist()
        for code, name in enumerate(result.classes):
            label = _("label “%(label)s”") % {"label": name}
            lines.append((label, f"{chosen.count(code):,}"))
    left = max(len(name) for name, _value in lines)
    right = max(len(value) for _name, value in lines)
    return "\n".join(f"{name:<{left}}  {value:>{right}}" for name, value in lines)
