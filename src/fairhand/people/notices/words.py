"""What a notice says, in its reader's language: on the page, in a mail, on a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from fairhand.kit.money import Money
from fairhand.people.browsers import name_of
from fairhand.people.duties import NAMES as DUTIES
from fairhand.people.mail import one_line
from fairhand.people.models import Account
from fairhand.people.notices.kinds import KINDS, NAMES, Group, Kind

LONGEST = 300  # characters of a name or reason inside a sentence
ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in words: everything is plain text, and escaped only where HTML is made of it."""

    title: str
    sentence: str
    group: Group
    fixed: bool
    when: str = ""
    where: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be queued."""

    subject: str
    text: str
    html: str


def storable(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON keeps them: an amount stays an amount, everything else is text."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"micros": value.micros, "currency": value.currency}
    return one_line(str(value))[:LONGEST]


def said(kind: str, params: Mapping[str, Any], at: datetime | None = None) -> Said:
    """Put a notice into words of the current language."""
    what = KINDS[kind]
    words = {name: _spoken(value) for name, value in params.items()}
    origin = params.get(ORIGIN) or {}
    return Said(
        one_line(str(what.title) % words),
        str(what.sentence) % words,
        what.group,
        what.fixed,
        _moment(at) if at else "",
        _place(origin) if what.group == Group.SECURITY else "",
        _advice(what),
    )


def _advice(what: Kind) -> str:
    """What to do about it, with the address of the page to do it on."""
    advice = what.advice
    return str(advice.words) % {"address": address(advice.path)} if advice else ""


def _spoken(value: Any) -> str:
    """A parameter as it is read aloud: amounts, roles and duties in the reader's language."""
    if isinstance(value, Mapping):
        if "micros" in value:
            return Money(value["micros"], value["currency"]).format(get_language() or "en")
        return ""
    return str(NAMES.get(value) or dict(DUTIES).get(value) or value)


def _moment(at: datetime) -> str:
    return f"{format_datetime(at, 'long', locale=get_language() or 'en')}"


def _place(origin: Mapping[str, str]) -> str:
    """From where something was done, as far as it is known: address and browser."""
    agent = origin.get("agent", "")
    return " · ".join(filter(None, (origin.get("ip", ""), agent and name_of(agent))))


def letter_of(notice: Said, *, name: str = "", link: str = "", stop: str = "") -> Letter:
    """The mail that tells one notice, in the current language.

    `stop` is the address that ends this kind of mail; empty where it cannot be ended.
    """
    words = {"notice": notice, "name": name, "link": link, "stop": stop}
    return _letter(notice.title, "notice", words)


def digest_of(notices: list[tuple[Said, str]], *, name: str, stop: str) -> Letter:
    """One mail of all that waited; each notice comes with its address."""
    words = {"notices": notices, "name": name, "stop": stop, "address": address("/notices")}
    return _letter(_("What happened since yesterday"), "digest", words)


def _letter(subject: str, template: str, words: dict[str, Any]) -> Letter:
    words["name"] = one_line(words["name"])
    words |= {"subject": subject, "site": settings.BASE_URL, "wishes": address("/notices/wishes")}
    text = render_to_string(f"mail/{template}.txt", words)
    return Letter(subject, text.strip() + "\n", render_to_string(f"mail/{template}.html", words))


def address(path: str) -> str:
    """The whole address of a page of this site."""
    return f"{settings.BASE_URL}{path}" if path else ""


def in_language_of(account: Account) -> override:
    """Speak an account's language for as long as a block lasts."""
    known = dict(settings.LANGUAGES)
    return override(account.language if account.language in known else settings.LANGUAGE_CODE)
