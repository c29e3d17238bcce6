"""The closed list of what a worker may tell about themselves.

Nothing here is asked for its own sake: each field says what it is good for and who sees it, and can
be withdrawn at any time. What a value looks like (JSON) is said at its kind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.profile import choices as lists
from fairhand.people.profile.choices import LEVELS, Choices, Groups, listed

LONGEST = 80  # characters of a text
MOST_LANGUAGES = 20
OLDEST = 120  # years; a date before that is mistyped


class Kind(StrEnum):
    """How a field is asked for, and what its value is."""

    LANGUAGES = "languages"  # {language: level}
    ONE = "one"  # one code of the list
    MANY = "many"  # a list of codes, each once, in the order of the list
    TEXT = "text"  # one short line
    DATE = "date"  # YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, how it is asked, why, who sees it, and what can be told.

    `nothing` is what an empty list is called, where that says something. `consent` is the purpose
    that must be agreed to first (`fairhand.people.consents`).
    """

    label: str | Promise
    question: str | Promise
    why: str | Promise
    seen_by: str | Promise
    kind: Kind
    choices: Choices = list
    nothing: str | Promise = ""
    consent: str = ""


YOU_AND_HELP = _("you, and operators who help you")
ONLY_YOU = _("you alone")
FIELDS: dict[str, Field] = {
    "languages": Field(
        _("Languages"),
        _("Which languages do you know, and how well?"),
        _("Many tasks need somebody who knows one language."),
        YOU_AND_HELP,
        Kind.LANGUAGES,
        lists.languages,
    ),
    "country": Field(
        _("Country"),
        _("In which country do you live?"),
        _("Some tasks are about one country, or may be done there only."),
        YOU_AND_HELP,
        Kind.ONE,
        lists.countries,
    ),
    "region": Field(
        _("Region"),
        _("In which region or town do you live?"),
        _("Some tasks need somebody who knows a place."),
        YOU_AND_HELP,
        Kind.TEXT,
    ),
    "time_zone": Field(
        _("Time zone"),
        _("Which time does your clock show?"),
        _("Some work has to be done at certain hours of a place."),
        YOU_AND_HELP,
        Kind.ONE,
        lists.time_zones,
    ),
    "education": Field(
        _("Education"),
        _("What did you finish last?"),
        _("Some tasks need knowledge that is learned."),
        YOU_AND_HELP,
        Kind.ONE,
        listed(lists.EDUCATION),
    ),
    "expertise": Field(
        _("Fields that you know well"),
        _("In which fields could you judge the work of others?"),
        _("Tasks for people who know a field are shown to them first, and often pay more."),
        YOU_AND_HELP,
        Kind.MANY,
        listed(lists.EXPERTISE),
        _("none of these"),
    ),
    "birth_date": Field(
        _("Date of birth"),
        _("When were you born?"),
        _("Asked only where work is for adults. Only whether you are old enough is used."),
        YOU_AND_HELP,
        Kind.DATE,
    ),
    "devices": Field(
        _("Devices"),
        _("What do you have at hand?"),
        _("Some tasks need a camera, a microphone or a large screen."),
        YOU_AND_HELP,
        Kind.MANY,
        listed(lists.DEVICES),
        _("none of these"),
    ),
    "accessibility": Field(
        _("What helps you to work"),
        _("What should tasks have, or not have, so that you can do them?"),
        _("So that you are shown tasks that you can do, and given the time that you need."),
        ONLY_YOU,
        Kind.MANY,
        listed(lists.ACCESSIBILITY),
        consent="health",
    ),
    "risks": Field(
        _("Difficult content"),
        _("Which of these are you ready to see at work?"),
        _(
            "Tasks with such content are shown only to whoever said yes to it. A no costs you "
            "nothing else, and you can change your mind at any time."
        ),
        YOU_AND_HELP,
        Kind.MANY,
        listed(lists.RISKS),
        _("none of these"),
    ),
}
# What a gate may want to be told at all. A date of birth and difficult content have gates of their
# own that learn less, and what helps somebody to work is told freely or not at all.
FOR_GATES = ("languages", "country", "region", "time_zone", "education", "expertise", "devices")
UNKNOWN_FIELD = Refusal("not_found", _("A profile has no such field."), status=404)
NO_SHAPE = Refusal("wrong_shape", _("This is not how the field is filled in."), {}, 422)
NOTHING_CHOSEN = Refusal("nothing_chosen", _("Choose at least one, or go back."), {}, 422)
NOT_LISTED = Refusal(
    "not_listed", _("“%(value)s” is not on the list. Choose what it offers."), {}, 422
)
NO_LEVEL = Refusal("no_level", _("Say how well you know %(language)s."), {}, 422)
TOO_MANY = Refusal(
    "too_many", _("You chose %(count)s languages; keep the %(most)s that you know best."), {}, 422
)
NO_TEXT = Refusal("no_text", _("Type a name, or go back."), {}, 422)
TOO_LONG = Refusal(
    "too_long", _("This has %(length)s letters; there is room for %(most)s."), {}, 422
)
NO_DATE = Refusal("no_date", _("“%(value)s” is no day of the calendar."), {}, 422)
TOMORROW = Refusal("in_the_future", _("%(value)s is still to come."), {}, 422)
TOO_OLD = Refusal(
    "too_long_ago", _("%(value)s is more than %(years)s years ago. Is the year right?"), {}, 422
)


def check(name: str, value: Any) -> Refusal | None:
    """What is wrong with a value for this field; None: nothing. The value is JSON as told."""
    field = FIELDS.get(name)
    if field is None:
        return UNKNOWN_FIELD
    if field.kind == Kind.LANGUAGES:
        return _check_languages(value)
    if field.kind == Kind.MANY:
        return _check_many(field, value)
    if not isinstance(value, str):
        return NO_SHAPE
    if field.kind == Kind.ONE:
        return _unlisted([value], _codes(name)) if value else NOTHING_CHOSEN
    return _check_date(value) if field.kind == Kind.DATE else _check_text(value)


def in_order(name: str, value: Any) -> Any:
    """A value that passed `check` as it is kept: several codes in the order of their list."""
    if FIELDS[name].kind == Kind.MANY:
        return [code for code in _codes(name) if code in value]
    return value.strip() if FIELDS[name].kind == Kind.TEXT else value


def said(name: str, value: Any) -> list[str]:
    """A value in words of the current language, one for each thing told."""
    field = FIELDS[name]
    if field.kind == Kind.DATE:
        return [date_format(date.fromisoformat(value), "DATE_FORMAT")]
    if field.kind == Kind.TEXT:
        return [value]
    if name == "time_zone":
        return [lists.zone_said(value)]
    names = {code: label for _heading, pairs in field.choices() for code, label in pairs}
    if field.kind == Kind.LANGUAGES:
        levels = {code: say("own") if code == "native" else code for code in LEVELS}
        return [f"{names.get(code, code)} ({levels[level]})" for code, level in value.items()]
    chosen = [value] if field.kind == Kind.ONE else value
    return [names.get(code, code) for code in chosen] or [str(field.nothing)]


def _codes(name: str) -> Iterable[str]:
    if name == "time_zone":
        return lists.zone_names()
    return dict.fromkeys(_of(FIELDS[name].choices()))


def _of(groups: Groups) -> list[str]:
    return [code for _heading, pairs in groups for code, _label in pairs]


def _unlisted(chosen: Iterable[str], codes: Iterable[str]) -> Refusal | None:
    known = frozenset(codes)
    wrong = next((one for one in chosen if one not in known), None)
    return _with(NOT_LISTED, value=wrong[:LONGEST]) if wrong is not None else None


def _check_languages(value: Any) -> Refusal | None:
    if not isinstance(value, dict) or not _texts([*value.keys(), *value.values()]):
        return NO_SHAPE
    if not value:
        return NOTHING_CHOSEN
    if len(value) > MOST_LANGUAGES:
        return _with(TOO_MANY, count=len(value), most=MOST_LANGUAGES)
    if (unlisted := _unlisted(value, _codes("languages"))) is not None:
        return unlisted
    without = next((code for code, level in value.items() if not level), None)
    if without is not None:
        names = dict(pair for _heading, pairs in lists.languages() for pair in pairs)
        return _with(NO_LEVEL, language=names[without])
    return _unlisted(value.values(), LEVELS)


def _check_many(field: Field, value: Any) -> Refusal | None:
    if not isinstance(value, list) or not _texts(value):
        return NO_SHAPE
    if not value and not field.nothing:
        return NOTHING_CHOSEN
    return _unlisted(value, _of(field.choices()))


def _check_text(value: str) -> Refusal | None:
    text = value.strip()
    if not text or not text.isprintable():
        return NO_TEXT
    return _with(TOO_LONG, length=len(text), most=LONGEST) if len(text) > LONGEST else None


def _check_date(value: str) -> Refusal | None:
    try:
        born = date.fromisoformat(value)
    except ValueError:
        return _with(NO_DATE, value=value[:LONGEST])
    if value != born.isoformat():
        return _with(NO_DATE, value=value[:LONGEST])  # fromisoformat also reads 2000-W01-1
    today = timezone.localdate()
    if born > today:
        return _with(TOMORROW, value=date_format(born, "DATE_FORMAT"))
    if today.year - born.year > OLDEST:
        return _with(TOO_OLD, value=date_format(born, "DATE_FORMAT"), years=OLDEST)
    return None


def _texts(values: Iterable[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def _with(refusal: Refusal, **params: Any) -> Refusal:
    return Refusal(refusal.code, refusal.message, params, refusal.status)
