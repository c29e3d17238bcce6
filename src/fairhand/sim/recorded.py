"""A crowd that once worked, read from a folder, so that it can work again.

The folder has `labels.csv` (task, worker, label, and `order` where it is known: 1 for the first
answer to a task), `truth.csv` (task, label; for some tasks or all) and perhaps `meta.json` (kind,
classes, truth_kind).
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

from fairhand.host.refusal import gettext as _
from fairhand.sim import tables

# Without meta.json: this many different labels, and one for every third answer, is free text.
_MANY_CLASSES = 50
_ANSWERS_PER_CLASS = 3
_CLASSIFICATION = {"binary", "multiclass", "pairwise"}


class NotUsableError(ValueError):
    """The folder holds no recorded crowd that can be replayed; the message says why."""


class RecordedAnswer(NamedTuple):
    task: str
    worker: str
    label: str


@dataclass(frozen=True)
class RecordedCrowd:
    """Answers in the order in which they are to be given, and the truth where it is known.

    tasks: in order of their first row in the file. repeats: answers dropped because the same
    worker had answered the task before. independent_truth: False where the truth was computed from
    these same answers, so that accuracy on it means nothing.
    """

    name: str
    title: str
    tasks: tuple[str, ...]
    classes: tuple[str, ...]
    answers: tuple[RecordedAnswer, ...]
    truth: Mapping[str, str]
    repeats: int
    independent_truth: bool

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises NotUsableError (or tables.BadTableError) with a sentence for a person."""
        if not folder.is_dir():
            raise NotUsableError(_("%(folder)s is not a folder.") % {"folder": folder})
        meta = _read_meta(folder)
        _refuse_kind(folder, meta.get("kind"))
        tasks, everything = _read_answers(folder / "labels.csv")
        answers = _first_answers(everything)
        truth = _read_truth(folder / "truth.csv", set(tasks))
        classes = _classes(folder, meta, answers, truth)
        return cls(
            name=str(meta.get("name") or folder.resolve().name),
            title=str(meta.get("title") or folder.resolve().name),
            tasks=tasks,
            classes=classes,
            answers=answers,
            truth=truth,
            repeats=len(everything) - len(answers),
            independent_truth=meta.get("truth_kind", "independent") == "independent",
        )

    @cached_property
    def by_worker(self) -> Mapping[str, Sequence[RecordedAnswer]]:
        """What each worker answered, in order; workers in order of their first answer."""
        return _grouped(self.answers, by="worker")

    @cached_property
    def by_task(self) -> Mapping[str, Sequence[RecordedAnswer]]:
        """Who answered each task, in order; tasks in order of their first answer."""
        return _grouped(self.answers, by="task")

    def choose_gold(self, share: float, seed: int) -> dict[str, str]:
        """Tasks with truth that serve as gold, with their labels: the same ones for the same seed.

        share: of the tasks with truth, between 0 and 1; of a share above 0 at least one task, and
        one is always left to be scored. Raises ValueError for another share.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"the share of gold lies between 0 and 1, not at {share}")
        candidates = sorted(self.truth)
        count = min(max(round(share * len(candidates)), int(share > 0)), len(candidates) - 1)
        chosen = random.Random(seed).sample(candidates, max(0, count))
        return {task: self.truth[task] for task in sorted(chosen)}


def _read_meta(folder: Path) -> dict[str, Any]:
    path = folder / "meta.json"
    if not path.exists():
        return {}
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotUsableError(
            _("%(file)s is not readable JSON: %(reason)s.") % {"file": path, "reason": error}
        ) from error
    if not isinstance(meta, dict):
        raise NotUsableError(_("%(file)s does not hold a JSON object.") % {"file": path})
    return meta


def _refuse_kind(folder: Path, kind: object) -> None:
    if kind is not None and kind not in _CLASSIFICATION:
        raise NotUsableError(
            _("%(set)s is not a classification set: its kind is “%(kind)s”.")
            % {"set": folder.resolve().name, "kind": kind}
        )


def _read_answers(path: Path) -> tuple[tuple[str, ...], list[RecordedAnswer]]:
    """The tasks in the order of the file, and the answers in the order of the `order` column.

    Everybody's first answers come first, then the second ones: the sort is stable, so that within
    one number, and without the column, the order of the file stands.
    """
    wanted = ["task", "worker", "label"]
    ordered = "order" in tables.header(path, str(path))
    columns = tables.read_columns(path, [*wanted, "order"] if ordered else wanted, str(path))
    answers = list(map(RecordedAnswer, *(column.values() for column in columns[:3])))
    if ordered:
        ranks = _ranks(path, columns[3])
        answers = [answers[row] for row in sorted(range(len(answers)), key=ranks.__getitem__)]
    return tuple(columns[0].names), answers


def _ranks(path: Path, column: tables.Column) -> list[int]:
    try:
        return [int(value) for value in column.values()]
    except ValueError:
        for row in tables.rows(path, ["order"]):
            if not row.values[0].lstrip("-").isdecimal():
                raise NotUsableError(
                    _("%(file)s, line %(line)d, column “order”: “%(value)s” is no whole number.")
                    % {"file": path, "line": row.line, "value": row.values[0]}
                ) from None
        raise


def _first_answers(answers: Sequence[RecordedAnswer]) -> tuple[RecordedAnswer, ...]:
    """One answer of a worker to a task: the first."""
    first: dict[tuple[str, str], RecordedAnswer] = {}
    for answer in answers:
        first.setdefault((answer.task, answer.worker), answer)
    return tuple(first.values())


def _read_truth(path: Path, tasks: set[str]) -> dict[str, str]:
    """The truth of the tasks that somebody answered."""
    task, label = tables.read_columns(path, ["task", "label"], str(path))
    truth: dict[str, str] = {}
    for name, known in zip(task.values(), label.values(), strict=True):
        if truth.setdefault(name, known) != known:
            raise NotUsableError(
                _("%(file)s gives task “%(task)s” two different labels.")
                % {"file": path, "task": name}
            )
    return {name: known for name, known in truth.items() if name in tasks}


def _classes(
    folder: Path,
    meta: Mapping[str, Any],
    answers: Sequence[RecordedAnswer],
    truth: Mapping[str, str],
) -> tuple[str, ...]:
    """The declared classes in their order, or all labels that occur."""
    seen = {answer.label for answer in answers} | set(truth.values())
    declared = [str(name) for name in meta.get("classes") or ()]
    if declared:
        strange = sorted(seen - set(declared))
        if strange:
            raise NotUsableError(
                _("%(set)s has the label “%(label)s”, which is not among its classes.")
                % {"set": folder.resolve().name, "label": strange[0]}
            )
        return tuple(declared)
    if len(seen) > _MANY_CLASSES and len(seen) * _ANSWERS_PER_CLASS > len(answers):
        raise NotUsableError(
            _("%(set)s is not a classification set: it has %(count)d different labels.")
            % {"set": folder.resolve().name, "count": len(seen)}
        )
    return tuple(sorted(seen))


def _grouped(
    answers: Sequence[RecordedAnswer], *, by: str
) -> dict[str, tuple[RecordedAnswer, ...]]:
    groups: dict[str, list[RecordedAnswer]] = {}
    for answer in answers:
        groups.setdefault(getattr(answer, by), []).append(answer)
    return {name: tuple(group) for name, group in groups.items()}
