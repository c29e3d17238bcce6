"""Allowed, or refused with a reason: the answer to every question about access."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Refusal:
    """A "no" with a reason.

    `code` is stable and for programs, `message` is a sentence for the person in front of it (lazy,
    so that it appears in the reader's language), `params` are the numbers in that sentence, and
    `status` is what HTTP calls this kind of no.
    """

    code: str
    message: str | Promise
    params: dict[str, Any] = field(default_factory=dict)
    status: int = 409

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)

    def fail(self) -> NoReturn:
        """Raise this refusal, for a verb that cannot go on."""
        raise Refused(self)


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A verb was refused; nothing was changed. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Allowed:
    """A "yes"; true in a condition."""

    def __bool__(self) -> bool:
        return True


Decision = Allowed | Refusal
ALLOWED = Allowed()


def require(decision: Decision) -> None:
    """Go on when allowed; raise Refused otherwise."""
    if isinstance(decision, Refusal):
        raise Refused(decision)


class UnusableInput(ValueError):  # noqa: N818 - names what it is
    """Input that was refused, with the places where it is wrong.

    `problems` lists at most 100 places: line (1-based, the header being line 1), field, sentence.
    """

    LIMIT = 100

    def __init__(self, problems: list["Problem"]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = problems[: self.LIMIT]


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where input is wrong."""

    message: str | Promise
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = ""
        if self.line is not None:
            place = str(gettext_lazy("Line %(line)s")) % {"line": self.line}
            if self.field:
                place += ", " + str(gettext_lazy("field %(field)s")) % {"field": self.field}
            place += ": "
        elif self.field:
            place = str(gettext_lazy("Field %(field)s")) % {"field": self.field} + ": "
        return place + str(self.message)
