"""Accounts that a SEPA transfer can reach."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from schwifty import IBAN
from schwifty.exceptions import (
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

from fairhand.kit.decision import ALLOWED, Decision, Refusal

# fmt: off
EEA: Final = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))
# The other members of SEPA, by the country that opens their IBANs. schwifty's own list still lacks
# those that joined in 2025 and 2026: Albania, Moldova, Montenegro, North Macedonia and Serbia.
BEYOND_EEA: Final = frozenset((
    "AD", "AL", "CH", "GB", "GI", "MC", "MD", "ME", "MK", "RS", "SM", "VA",
))
# fmt: on

_FAULTS: Final = {
    InvalidCountryCode: (
        "iban.country",
        _("The IBAN begins with %(country)s, which is no country with IBANs."),
    ),
    InvalidLength: (
        "iban.length",
        _("The IBAN has %(length)s characters; an IBAN of %(country)s has another number."),
    ),
    InvalidChecksumDigits: (
        "iban.check_digits",
        _("The IBAN's check digits do not match: there is a typing error in it."),
    ),
}
_SHAPE: Final = (
    "iban.shape",
    _("This is not an IBAN: it begins with a country and two digits, then letters and digits."),
)


def compact(text: str) -> str:
    """Return the IBAN as files carry it: capitals, no spaces."""
    return "".join(text.split()).upper()


def check_iban(text: str) -> Decision:
    """Say whether `text` (spaces and small letters allowed) is an IBAN of a SEPA country.

    Checks country, length, shape and check digits (ISO 13616, ISO 7064 mod 97-10). Whether the
    account exists and whose it is only the bank knows.
    """
    iban = compact(text)
    if not iban:
        return Refusal("iban.missing", _("Enter an IBAN."), status=422)
    country = iban[:2]
    try:
        IBAN(iban)
    except SchwiftyException as fault:
        code, message = _FAULTS.get(type(fault), _SHAPE)
        params = {"country": country, "length": len(iban)}
        return Refusal(code, message, params, status=422)
    if country not in EEA | BEYOND_EEA:
        message = _("A SEPA transfer cannot reach accounts in %(country)s.")
        return Refusal("iban.not_sepa", message, {"country": country}, status=422)
    return ALLOWED
