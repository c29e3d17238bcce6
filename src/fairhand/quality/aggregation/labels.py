"""What every algorithm takes and gives: answers as integer codes, and one distribution a task."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]

# Two probabilities nearer than this are the same: sums taken in another order differ by 1e-15.
TIE = 1e-9
# A dense table of tasks (or workers) by classes beyond this is a gigabyte: the answers are not
# choices from a list but free text, and counting votes says nothing about them.
MOST_CELLS = 2**27


class TooManyClassesError(ValueError):
    """There are so many different labels that a table of them does not fit into memory."""

    def __init__(self, rows: int, classes: int) -> None:
        super().__init__(f"{classes} classes for {rows} rows are too many to aggregate")
        self.rows = rows
        self.classes = classes


def refuse_huge(rows: int, classes: int) -> None:
    """Raise TooManyClassesError before a table of this size is made."""
    if rows * classes > MOST_CELLS:
        raise TooManyClassesError(rows, classes)


def factorise(values: Iterable[str]) -> tuple[Codes, list[str]]:
    """Number the distinct values in order of first appearance: (codes, names).

    A dictionary beats np.unique tenfold here, which would sort a million strings.
    """
    values = list(values)
    names = list(dict.fromkeys(values))
    code_of = dict(zip(names, range(len(names)), strict=True))
    codes = np.fromiter(map(code_of.__getitem__, values), dtype=np.int32, count=len(values))
    return codes, names


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Answers as three parallel arrays of codes, shape (n_answers,), and what the codes mean.

    Every task and worker has at least one answer; a class may have none. `classes` is sorted by
    from_ids and from_codes, so that which class is named first in a tie does not depend on the
    order of the answers.
    """

    task: Codes
    worker: Codes
    label: Codes
    tasks: Sequence[str]
    workers: Sequence[str]
    classes: tuple[str, ...]

    @classmethod
    def from_ids(
        cls,
        tasks: Iterable[str],
        workers: Iterable[str],
        labels: Iterable[str],
        classes: Iterable[str] = (),
    ) -> Self:
        """Number string ids. `classes` adds classes that nobody may have chosen.

        Raises ValueError when the three differ in length.
        """
        return cls.from_codes(factorise(tasks), factorise(workers), factorise(labels), classes)

    @classmethod
    def from_codes(
        cls,
        tasks: tuple[Codes, Sequence[str]],
        workers: tuple[Codes, Sequence[str]],
        labels: tuple[Codes, Sequence[str]],
        classes: Iterable[str] = (),
    ) -> Self:
        """Take columns that are numbered already, each as (codes, names).

        Raises ValueError when the columns differ in length or a name has no answer.
        """
        (task, task_names), (worker, worker_names), (label, label_names) = tasks, workers, labels
        if not len(task) == len(worker) == len(label):
            raise ValueError("tasks, workers and labels differ in length")
        for codes, names in ((task, task_names), (worker, worker_names)):
            if (np.bincount(codes, minlength=len(names)) == 0).any():
                raise ValueError("a task or worker without an answer has no place here")
        ordered = tuple(sorted({*label_names, *classes}))
        place = dict(zip(ordered, range(len(ordered)), strict=True))
        moved = np.array([place[name] for name in label_names], dtype=np.int32)
        label = moved[label] if len(label) else label
        return cls(task, worker, label, task_names, worker_names, ordered)

    @property
    def answers(self) -> int:
        return len(self.task)

    def votes(self) -> NDArray[np.int64]:
        """How often each class was chosen for each task, shape (n_tasks, n_classes)."""
        rows, columns = len(self.tasks), len(self.classes)
        refuse_huge(rows, columns)
        cells = self.task.astype(np.int64) * columns + self.label
        return np.bincount(cells, minlength=rows * columns).reshape(rows, columns)

    def answers_per_task(self) -> NDArray[np.int64]:
        """Shape (n_tasks,)."""
        return np.bincount(self.task, minlength=len(self.tasks))

    def first_repeat(self) -> tuple[int, int] | None:
        """The first row in which a worker answers a task again, and the row of their first answer.

        None when nobody answered twice.
        """
        pairs = self.task.astype(np.int64) * max(1, len(self.workers)) + self.worker
        order = np.argsort(pairs, kind="stable")
        again = np.flatnonzero(pairs[order[1:]] == pairs[order[:-1]])
        if not len(again):
            return None
        row = int(order[again + 1].min())
        return row, int(np.flatnonzero(pairs == pairs[row])[0])

    def codes_of(self, known: Mapping[str, str]) -> Codes:
        """The code of each task's known label, -1 where none is known, shape (n_tasks,).

        Tasks without an answer are passed over. Raises ValueError for a label that is no class.
        """
        place = dict(zip(self.classes, range(len(self.classes)), strict=True))
        codes = np.full(len(self.tasks), -1, dtype=np.int32)
        if not known:
            return codes
        for position, task in enumerate(self.tasks):
            label = known.get(task)
            if label is None:
                continue
            if label not in place:
                raise ValueError(f"the known label {label!r} of task {task!r} is not a class")
            codes[position] = place[label]
        return codes


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What the crowd said: a distribution over the classes for each task.

    probabilities: shape (n_tasks, n_classes), rows sum to 1. iterations: 0 where none are made.
    """

    tasks: Sequence[str]
    classes: tuple[str, ...]
    probabilities: Floats
    iterations: int = 0

    def winners(self) -> NDArray[np.bool_]:
        """Per task the classes with the greatest probability, within TIE; more than one: a tie."""
        best = self.probabilities.max(axis=1, keepdims=True, initial=0.0)
        within: NDArray[np.bool_] = self.probabilities >= best - TIE
        return within

    def labels(self) -> Codes:
        """The code of each task's label; in a tie the winner that comes first in `classes`."""
        if not len(self.tasks):
            return np.zeros(0, dtype=np.int32)
        codes: Codes = self.winners().argmax(axis=1).astype(np.int32)
        return codes

    def confidences(self) -> Floats:
        """The probability of each task's label, shape (n_tasks,)."""
        greatest: Floats = self.probabilities.max(axis=1, initial=0.0)
        return greatest

    def accuracy(self, truth: Mapping[str, str]) -> float | None:
        """The share of the tasks with a truth that are right, a k-fold tie with it counting 1/k.

        So the score is what breaking ties by lot would give on average, and no order of classes
        is favoured. A truth that nobody chose is wrong. None when no task has a truth.
        """
        place = dict(zip(self.classes, range(len(self.classes)), strict=True))
        truths = [truth.get(task) for task in self.tasks]
        rows = np.flatnonzero(np.array([label is not None for label in truths], dtype=bool))
        if not len(rows):
            return None
        winners = self.winners()
        right = np.array([place.get(truths[row] or "", -1) for row in rows], dtype=np.int64)
        shares = 1.0 / winners[rows].sum(axis=1)
        hit = (right >= 0) & winners[rows, right]
        return float((shares * hit).mean())
