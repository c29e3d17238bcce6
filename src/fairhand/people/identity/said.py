"""What a worker tells about their document, checked; and the closed lists of an identity check."""

import re
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.profile.choices import countries

MAX_HOLDER = 120
OLDEST = 120  # years
NUMBER = re.compile(r"[0-9A-Z]{4,30}")


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document: its name, and which sides of it are looked at."""

    label: str | Promise
    sides: tuple[str, ...]


DOCUMENTS: dict[str, Document] = {
    "passport": Document(_("Passport"), ("front",)),
    "id_card": Document(_("Identity card"), ("front", "back")),
    "residence": Document(_("Residence permit"), ("front", "back")),
    "licence": Document(_("Driving licence"), ("front", "back")),
}
# What somebody reads whose check was rejected, beside the words of those who looked.
REASONS: dict[str, str | Promise] = {
    "unreadable": _("The pictures could not be read well enough."),
    "incomplete": _("A side of the document, or the picture of you, was missing."),
    "expired": _("The document has run out."),
    "mismatch": _("The document does not say what you told."),
    "not_alike": _("The picture of you and the one in the document do not seem to be alike."),
    "not_accepted": _("This kind of document is not taken."),
    "altered": _("The document seems to have been changed."),
    "elsewhere": _("This document has proven another account. One person has one account."),
    "vendor": _("The service that checks documents could not confirm it."),
    "other": _("There was another reason."),
}
VOTED_FOR = tuple(reason for reason in REASONS if reason != "vendor")
NO_HOLDER = Refusal(
    "no_holder", _("Write your name as the document shows it, with at most 120 letters."), {}, 422
)
NO_BIRTH = Refusal("no_birth_date", _("This cannot be a date of birth."), status=422)
NO_KIND = Refusal("no_document", _("Choose one of the documents that are taken."), status=422)
NO_COUNTRY = Refusal("no_country", _("Choose the country that issued the document."), status=422)
NO_NUMBER = Refusal(
    "no_number",
    _("Write the document's number: 4 to 30 letters and digits, as printed on it."),
    status=422,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a worker tells about themselves and their document; `expires` None: it never does."""

    holder: str
    birth_date: date
    document_kind: str
    document_country: str
    number: str
    expires: date | None


def wrong_with(said: Said) -> tuple[str, Refusal] | None:
    """The first thing that cannot be: the field's name and a sentence; None where all can."""
    long = 1 < len(said.holder.strip()) <= MAX_HOLDER
    found: dict[str, Refusal | None] = {
        "holder": None if long and _has_letters(said.holder) else NO_HOLDER,
        "birth_date": wrong_birth(said.birth_date),
        "document_kind": None if said.document_kind in DOCUMENTS else NO_KIND,
        "document_country": None if said.document_country in country_names() else NO_COUNTRY,
        "number": None if NUMBER.fullmatch(plain_number(said.number)) else NO_NUMBER,
        "expires": wrong_expiry(said.expires),
    }
    return next(((field, wrong) for field, wrong in found.items() if wrong is not None), None)


def wrong_expiry(expires: date | None) -> Refusal | None:
    """A document that has run out proves nothing any more."""
    if expires is None or expires > timezone.localdate():
        return None
    return Refusal(
        "document_expired",
        _("This document ran out on %(day)s. Take one that is still valid."),
        {"day": expires.isoformat()},
        422,
    )


def wrong_birth(born: date) -> Refusal | None:
    """Nobody is born tomorrow; and who is too young is not checked here."""
    today = timezone.localdate()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if born > today or years > OLDEST:
        return NO_BIRTH
    if years < settings.IDENTITY_AGE:
        return Refusal(
            "too_young",
            _("Identity is checked here from the age of %(years)s on."),
            {"years": settings.IDENTITY_AGE},
            422,
        )
    return None


def plain_number(number: str) -> str:
    """A document's number without the spaces and signs that people write differently."""
    return re.sub(r"[\s./\\\-\N{EN DASH}]", "", number).upper()


def country_names() -> dict[str, str]:
    """Countries by code, in the reader's language."""
    return {code: name for _heading, pairs in countries() for code, name in pairs}


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text) and text.isprintable()
