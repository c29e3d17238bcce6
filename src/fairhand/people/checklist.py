"""Where am I, what is next, how long does it take, and why? Somebody's way to work, in words.

It is computed from the gates each time, so it goes on wherever somebody left it, on any device.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem
from fairhand.people.agreements import titles_of
from fairhand.people.consents import PURPOSES
from fairhand.people.gates import GATES, Step, Way, steps_for, still_open
from fairhand.people.models import Worker
from fairhand.people.phone import NO_TEXTS, provider
from fairhand.people.profile.choices import RISKS
from fairhand.people.profile.fields import FIELDS, FOR_GATES

YOUNGEST, OLDEST = 13, 99  # years that an age gate may ask for
RECORDED = ("photos", "recordings")  # the consents that work may ask for
MOST = 20
NO_TITLES: Mapping[str, str] = MappingProxyType({})


class State(StrEnum):
    """How a step stands to somebody."""

    DONE = "done"
    NEXT = "next"
    WAITING = "waiting"  # others decide
    LATER = "later"  # its turn comes after the next one
    BARRED = "barred"  # nothing that one can do


@dataclass(frozen=True, slots=True)
class Item:
    """A step in the reader's words; it is done at `page` and takes about so many `minutes`."""

    spec: str
    state: State
    label: str
    why: str
    minutes: int
    page: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps of a way in their order."""

    items: tuple[Item, ...]

    @property
    def done(self) -> int:
        """How many steps are behind somebody."""
        return sum(item.state == State.DONE for item in self.items)

    @property
    def left(self) -> int:
        """How many are not, also those that others have to decide on."""
        return len(self.items) - self.done

    @property
    def place(self) -> int:
        """The number of the step that comes next, counted from one."""
        return min(self.done + 1, len(self.items))

    @property
    def minutes(self) -> int:
        """About how long what is left for oneself to do takes."""
        mine = (State.NEXT, State.LATER)
        return sum(item.minutes for item in self.items if item.state in mine)

    @property
    def next(self) -> Item | None:
        """The step to go on with; None where there is nothing to do for oneself."""
        return next((item for item in self.items if item.state == State.NEXT), None)

    @property
    def barred(self) -> tuple[Item, ...]:
        """What keeps somebody out whatever they do."""
        return tuple(item for item in self.items if item.state == State.BARRED)

    @property
    def waiting(self) -> tuple[Item, ...]:
        """What others have to decide on."""
        return tuple(item for item in self.items if item.state == State.WAITING)


def checklist(worker: Worker, way: Way) -> Checklist:
    """Somebody's steps on one way, in the current language."""
    return checklists(worker, [way])[way]


def checklists(worker: Worker, ways: Iterable[Way]) -> dict[Way, Checklist]:
    """The same for many ways, by as many queries as there are different gates and no more."""
    found = steps_for(worker, ways)
    papers = {
        step.arg for steps in found.values() for step in steps if step.spec.startswith("agreement:")
    }
    titles = titles_of(papers, get_language() or "en") if papers else {}
    return {way: _in_words(steps, titles) for way, steps in found.items()}


def _in_words(steps: Sequence[Step], titles: dict[str, str]) -> Checklist:
    """The first step that is one's own to do comes next; once one is barred, none does."""
    open_ones = still_open(steps)
    shut = any(step.answer.barred for step in open_ones)
    mine = [step for step in open_ones if not (step.answer.waiting or step.answer.barred)]
    following = None if shut or not mine else mine[0]
    return Checklist(tuple(_item(step, _state(step, following), titles) for step in steps))


def _state(step: Step, following: Step | None) -> State:
    if step.answer.met:
        return State.DONE
    if step.answer.barred:
        return State.BARRED
    if step.answer.waiting:
        return State.WAITING
    return State.NEXT if step is following else State.LATER


def _item(step: Step, state: State, titles: dict[str, str]) -> Item:
    gate = step.gate
    label, page = said(step.spec, titles), gate.page % {"arg": step.arg}
    return Item(step.spec, state, label, str(gate.why), gate.minutes, page)


def said(spec: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """A gate as the step that it makes, in the current language."""
    name, _colon, arg = spec.partition(":")
    return str(GATES[name].label) % {"what": _named(name, arg, titles)}


def _named(name: str, arg: str, titles: Mapping[str, str]) -> str:
    """What a gate's argument is called."""
    if name == "agreement":
        return titles.get(arg, arg)
    if name == "profile" and arg in FIELDS:
        return str(FIELDS[arg].label)
    if name == "risk":
        return str(RISKS.get(arg, arg))
    if name == "consent" and arg in PURPOSES:
        return str(PURPOSES[arg].label)
    return arg


def problems(
    specs: Sequence[str], field: str = "gates", *, with_agreements: bool = False
) -> list[Problem]:
    """What is wrong with a list of gates that somebody asks for, a sentence for each wrong entry.

    What is to be signed follows from the agreements in force, so it cannot be asked for by name;
    `with_agreements`: a portal says by `agreements` at which place it is.
    """
    if len(specs) > MOST:
        sentence = _("Ask for %(most)s things at most.") % {"most": MOST}
        return [Problem(sentence, field=field)]
    found = []
    for number, spec in enumerate(specs):
        place = f"{field}.{number}"
        if spec in specs[:number]:
            sentence = _("“%(gate)s” is named twice.") % {"gate": spec[:60]}
            found.append(Problem(sentence, field=place))
        elif with_agreements and spec == "agreements":
            continue
        elif (wrong := _wrong(spec) or _impossible_here(spec)) is not None:
            found.append(Problem(wrong, field=place))
    return found


def _wrong(spec: str) -> str | None:
    """Why this names no gate that can be asked for, or None."""
    name, colon, arg = spec.partition(":")
    if name == "agreement":
        return str(_("What is to be signed is published as an agreement; it is not named here."))
    if name not in GATES:
        words = {"gate": spec[:60], "known": ", ".join(sorted(GATES.keys() - {"agreement"}))}
        return str(_("There is no gate “%(gate)s”. There are: %(known)s.")) % words
    if name == "age":
        return _wrong_age(arg)
    choices: dict[str, Iterable[str]] = {"profile": FOR_GATES, "risk": RISKS, "consent": RECORDED}
    if name in choices and arg not in choices[name]:
        words = {"gate": name, "known": ", ".join(choices[name])}
        return str(_("Write one of these after “%(gate)s:”: %(known)s.")) % words
    if name not in choices and colon:
        return str(_("“%(gate)s” takes nothing after a colon.")) % {"gate": name}
    return None


def _impossible_here(spec: str) -> str | None:
    """Why nobody could get past this gate on this installation, or None."""
    return str(NO_TEXTS) if spec == "phone" and provider() is None else None


def _wrong_age(arg: str) -> str | None:
    if re.fullmatch("[0-9]{2}", arg) and YOUNGEST <= int(arg) <= OLDEST:
        return None
    words = {"least": YOUNGEST, "most": OLDEST}
    return str(_("Write an age from %(least)s to %(most)s, such as age:18.")) % words
