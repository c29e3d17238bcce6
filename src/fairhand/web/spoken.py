"""What an event of the trail changed, in words, and not as programs write it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.kit.money import Money, parse_money
from fairhand.people.approvals import KINDS
from fairhand.people.duties import NAMES
from fairhand.people.keys import SCOPES
from fairhand.people.models import Event
from fairhand.people.rights import ROLE_NAMES

NONE = "\N{EN DASH}"
REFERENCE = re.compile(r"(?:acc|org)_[0-9a-z]{16}")
AMOUNT = re.compile(r"(-?)([0-9.]+) ([A-Z]{3})")
FIELDS: dict[str, str | Promise] = {
    "address": _("Account number"),
    "amount": _("Amount"),
    "asked_by": _("Asked by"),
    "bic": _("BIC"),
    "by": _("Way to sign in"),
    "country": _("Country"),
    "devices": _("Devices that are told nothing more"),
    "domains": _("Domains"),
    "duties": _("Duties"),
    "email": _("E-mail address"),
    "ended": _("Browsers signed out"),
    "expires": _("Until"),
    "expires_at": _("Until"),
    "factor": _("Way to sign in"),
    "files": _("Files"),
    "from_email": _("Old address"),
    "holder": _("Account holder"),
    "invitations": _("Invitations withdrawn"),
    "issuer": _("Site"),
    "keys": _("Keys ended"),
    "kind": _("What was asked"),
    "minimum": _("Smallest payout"),
    "name": _("Name"),
    "organisation": _("Organisation"),
    "owner": _("Owner"),
    "payments": _("Payments"),
    "people": _("People"),
    "page": _("Page"),
    "phone": _("Phone number"),
    "picture": _("Picture"),
    "rail": _("Way of payment"),
    "reason": _("Reason"),
    "reference": _("Reference"),
    "replaced_by": _("New key ends in"),
    "reserved": _("Reserved"),
    "restricted": _("Restricted"),
    "role": _("Role"),
    "scopes": _("What it may do"),
    "second_factor": _("Second factor"),
    "sessions": _("Browsers signed out"),
    "standing": _("Standing"),
    "state": _("State"),
    "tail": _("Key ends in"),
    "to_email": _("New address"),
    "tokens": _("What other sites held"),
    "total": _("Total"),
    "town": _("Town"),
    "uris": _("Addresses"),
    "why": _("Why"),
    "words": _("Words"),
}
# What people wrote stays as they wrote it, even where it looks like a word of ours.
WRITTEN = {"email", "holder", "name", "reference", "town", "why", "words"}
WORDS: dict[str, str | Promise] = {
    **{str(duty): name for duty, name in NAMES.items()},
    **{str(role): name for role, name in ROLE_NAMES.items()},
    **SCOPES,
    **{name: kind.label for name, kind in KINDS.items()},
    "True": _("yes"),
    "False": _("no"),
    "active": _("may work"),
    "bounced": _("came back"),
    "cancelled": _("stopped"),
    "closed": _("excluded"),
    "done": _("paid"),
    "paid": _("paid"),
    "prepared": _("prepared"),
    "sent": _("given to the bank"),
    "suspended": _("suspended"),
    "email": _("a code by mail"),
    "elsewhere": _("Sign-in from elsewhere"),
    "passkey": _("a passkey"),
    "password": _("Password"),
    "recovery_codes": _("Recovery codes"),
    "socialaccount": _("Sign-in from elsewhere"),
    "totp": _("a code from an app"),
    "webauthn": _("a passkey"),
    "sepa": "SEPA",
    "a link of the demonstration": _("by a link of the demonstration"),
}
Namer = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an event changed or set."""

    name: str
    before: str
    after: str


def references(event: Event) -> Iterator[str]:
    """The accounts and organisations that an event names anywhere."""
    yield from (event.actor, event.account, event.organisation)
    yield from REFERENCE.findall(f"{event.subject} {event.before} {event.after}")


def subject_of(event: Event, named: Namer) -> str:
    """What an event is about beside whom it concerns; nothing where that is told already."""
    if event.subject in {event.account, event.organisation, event.actor}:
        return ""
    return _spoken("", event.subject, named) if event.subject else ""


def changes_of(event: Event, named: Namer) -> list[Change]:
    """What an event changed, each field with its value before and after."""
    before, after = _whole(event.before), _whole(event.after)
    names = [*after, *(name for name in before if name not in after)]
    return [
        Change(
            named(name) if REFERENCE.fullmatch(name) else str(FIELDS.get(name, name)),
            _spoken(name, before[name], named) if name in before else "",
            _spoken(name, after[name], named) if name in after else "",
        )
        for name in names
        if before.get(name) != after.get(name)
    ]


def _whole(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with an amount in one piece, and each organisation told once."""
    told = dict(facts)
    if "micros" in told:
        micros, currency = int(told.pop("micros")), str(told.pop("currency", "EUR"))
        told["amount"] = str(Money(micros, currency))
    if "organisation" in told:
        told.pop("name", None)
    return told


def _spoken(field: str, value: Any, named: Namer) -> str:
    if field == "scopes" and isinstance(value, list):
        value = [scope for scope in SCOPES if scope in value]
    if isinstance(value, list) and value:
        return ", ".join(_spoken(field, one, named) for one in value)
    if isinstance(value, dict) and value:
        return "; ".join(
            f"{FIELDS.get(name, name)}: {_spoken(name, inner, named)}"
            for name, inner in value.items()
        )
    text = "" if value in (None, [], {}) else str(value)
    return (text if field in WRITTEN else _word(field, text, named)) or NONE


def _word(field: str, text: str, named: Namer) -> str:
    """A value of ours: a reference, a day, a word or an amount."""
    if REFERENCE.fullmatch(text):
        return named(text)
    if field.startswith("expires"):
        return _day(text)
    return str(WORDS[text]) if text in WORDS else _amount(text)


def _day(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return str(format_date(moment, "medium", locale=get_language() or "en"))


def _amount(text: str) -> str:
    """An amount as its reader writes it; any other text as it is."""
    match = AMOUNT.fullmatch(text)
    amount = match and parse_money(match[1] + match[2], match[3])
    return amount.format(get_language() or "en") if isinstance(amount, Money) else text
