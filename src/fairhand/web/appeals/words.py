"""Decisions about people in words: what was decided, why, from what, and by whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.people.appeals import KINDS
from fairhand.people.identity.said import REASONS
from fairhand.people.models import Appeal, AppealState
from fairhand.web.templatetags.figures import percent

Facts = Mapping[str, Any]
Lines = tuple[tuple[str, str | datetime], ...]
STATES: dict[str, tuple[str | Promise, str]] = {
    AppealState.OPEN: (_("Waits for an answer"), "warn"),
    AppealState.UPHELD: (_("Decided for the person"), "ok"),
    AppealState.DISMISSED: (_("The decision stays"), "refuse"),
    AppealState.LAPSED: (_("Nobody answered: decided for the person"), "ok"),
    AppealState.WITHDRAWN: (_("Taken back"), ""),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A decision as its person and an operator read it."""

    about: str | Promise
    title: str
    why: str
    facts: Lines
    maker: str


def shown(kind: str, facts: Facts, made_by: Sequence[str]) -> Shown:
    """Put a decision into words of the current language."""
    title, why, lines = SPOKEN[kind](facts)
    return Shown(KINDS[kind].label, title, why, lines, _maker(made_by))


def shown_of(appeal: Appeal) -> Shown:
    """The decision that an appeal is about, as it stood when it was contested."""
    return shown(appeal.kind, appeal.facts, appeal.made_by)


def _maker(made_by: Sequence[str]) -> str:
    if any(not one.startswith("system:") for one in made_by):
        return say("people of this installation")
    return say("a rule that is checked automatically")


def _standing(facts: Facts) -> tuple[str, str, Lines]:
    if facts["state"] != "suspended":
        return say("Excluded from work"), facts["why"], ()
    until = parse_datetime(facts["until"]) if facts["until"] else None
    lines = ((say("Ends"), until),) if until else ()
    return say("Suspended from work for a time"), facts["why"], lines


def _identity(facts: Facts) -> tuple[str, str, Lines]:
    title = say("Identity check without success")
    reason = str(REASONS.get(facts["reason"], ""))
    return title, f"{reason} {facts['words']}".strip(), ()


def _restriction(facts: Facts) -> tuple[str, str, Lines]:
    title = say("No more pages of “%(batch)s”") % {"batch": facts["name"]}
    why = say(
        "%(right)s of %(seen)s checked answers were right, and the batch asks for %(bar)s."
    ) % {"right": facts["right"], "seen": facts["seen"], "bar": percent(facts["bar"])}
    lines = (
        (say("Right at best, 95 times in 100"), percent(facts["upper_end"])),
        (say("Would have kept access"), str(facts["needed"])),
        (say("Rule"), f"{facts['rule']} {facts['version']}"),
    )
    return title, why, lines


SPOKEN: dict[str, Callable[[Facts], tuple[str, str, Lines]]] = {
    "standing": _standing,
    "identity": _identity,
    "restriction": _restriction,
}
