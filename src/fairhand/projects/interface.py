"""What a task looks like and what its answer may be: the interface document, read and enforced.

    {"views":  [{"kind": "text", "from": "sentence"}],
     "fields": [{"kind": "choice", "name": "mood", "label": "Mood",
                 "options": [{"value": "good", "label": "Good"},
                             {"value": "bad", "label": "Bad"}]}]}

Views show parts of a task's data; fields are what is answered. An answer is an object with one
value for each field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem, UnusableInput

VIEW_KINDS = ("text", "image")
FIELD_KINDS = ("choice",)
MAX_FIELDS = 20
MIN_OPTIONS, MAX_OPTIONS = 2, 200
MAX_NAME = 60
_NOT_TEXT = frozenset("\0") | frozenset(map(chr, range(0xD800, 0xE000)))


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer out of a list."""

    name: str
    values: tuple[str, ...]

    def problem_with(self, value: object) -> Problem | None:
        if isinstance(value, str) and value in self.values:
            return None
        return Problem(
            _("Choose one of the offered answers."),
            field=self.name,
        )


@dataclass(frozen=True, slots=True)
class View:
    """A part of the task's data and how it is shown."""

    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that was checked."""

    views: tuple[View, ...]
    fields: tuple[Choice, ...]

    def task_problems(self, data: Mapping[str, Any]) -> list[Problem]:
        """What a task's data lacks to be shown."""
        return [
            Problem(_("A task needs text here."), field=view.source)
            for view in self.views
            if not isinstance(data.get(view.source), str) or not data[view.source].strip()
        ]

    def answer_problems(self, value: object) -> list[Problem]:
        """What is wrong with an answer; empty when it may be stored."""
        if not isinstance(value, Mapping):
            return [Problem(_("An answer is an object with one value for each field."))]
        found = [f.problem_with(value.get(f.name)) for f in self.fields]
        known = {f.name for f in self.fields}
        extra = [
            Problem(_("There is no such field."), field=str(name)[:MAX_NAME])
            for name in value
            if name not in known
        ]
        return [problem for problem in found if problem is not None] + extra

    def known_answer_problems(self, expected: object) -> list[Problem]:
        """What is wrong with a gold answer: it may leave fields open, but must name one."""
        if not isinstance(expected, Mapping) or not expected:
            return [Problem(_("A known answer names at least one field."))]
        by_name = {f.name: f for f in self.fields}
        problems: list[Problem] = []
        for name, value in expected.items():
            field = by_name.get(name)
            if field is None:
                problems.append(Problem(_("There is no such field."), field=str(name)[:MAX_NAME]))
            elif (problem := field.problem_with(value)) is not None:
                problems.append(problem)
        return problems


def parse(document: object) -> Interface:
    """Check an interface document. Raises UnusableInput, naming each place that is wrong."""
    if not isinstance(document, Mapping):
        raise UnusableInput([Problem(_("An interface is an object with views and fields."))])
    if not storable(document):
        raise UnusableInput([Problem(_("The interface holds something that cannot be stored."))])
    problems: list[Problem] = []
    views = _views(document.get("views"), problems)
    fields = _fields(document.get("fields"), problems)
    if problems:
        raise UnusableInput(problems)
    return Interface(tuple(views), tuple(fields))


def storable(value: object) -> bool:
    """Whether the database can hold this text or JSON value.

    It has no character with the number zero, no half characters, and no number that is none.
    """
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str) and not _NOT_TEXT.isdisjoint(part):
            return False
        if isinstance(part, float) and not isfinite(part):
            return False
        if isinstance(part, Mapping):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
    return True


def _views(raw: object, problems: list[Problem]) -> list[View]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_FIELDS:
        problems.append(Problem(_("List at least one view."), field="views"))
        return []
    views: list[View] = []
    for i, view in enumerate(raw):
        kind = view.get("kind") if isinstance(view, Mapping) else None
        source = view.get("from") if isinstance(view, Mapping) else None
        if kind not in VIEW_KINDS:
            problems.append(Problem(_("A view's kind is text or image."), field=f"views[{i}].kind"))
        elif not _is_name(source):
            problems.append(Problem(_("Name the column that is shown."), field=f"views[{i}].from"))
        else:
            views.append(View(str(kind), str(source)))
    return views


def _fields(raw: object, problems: list[Problem]) -> list[Choice]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_FIELDS:
        problems.append(Problem(_("List at least one field."), field="fields"))
        return []
    fields: list[Choice] = []
    for i, field in enumerate(raw):
        at = f"fields[{i}]"
        if not isinstance(field, Mapping) or field.get("kind") not in FIELD_KINDS:
            problems.append(Problem(_("A field's kind is choice."), field=f"{at}.kind"))
            continue
        name, values = field.get("name"), _option_values(field.get("options"))
        if not _is_name(name) or name in {f.name for f in fields}:
            problems.append(Problem(_("A field needs a name of its own."), field=f"{at}.name"))
        elif values is None:
            problems.append(
                Problem(
                    _("Offer 2 to 200 answers, each an object with a value and a label."),
                    field=f"{at}.options",
                )
            )
        else:
            fields.append(Choice(str(name), values))
    return fields


def _option_values(raw: object) -> tuple[str, ...] | None:
    if not isinstance(raw, list) or not MIN_OPTIONS <= len(raw) <= MAX_OPTIONS:
        return None
    values = [option.get("value") for option in raw if isinstance(option, Mapping)]
    labels = [option.get("label") for option in raw if isinstance(option, Mapping)]
    texts = [v for v in values if isinstance(v, str) and v]
    named = [label for label in labels if isinstance(label, str) and label]
    if len(texts) != len(raw) or len(named) != len(raw) or len(set(texts)) != len(raw):
        return None
    return tuple(texts)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME
