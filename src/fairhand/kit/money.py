"""Money: whole micro-units and a currency, never a float.

One micro-unit is a millionth of the currency's main unit (1 EUR = 1,000,000), whatever the
currency, so that a price of 0.005 EUR is exact. Whole smallest units (cents) matter only where
money leaves the house; `micros_to_minor` finds them and leaves the rest.
"""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.numbers import NumberPattern
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.currencies import EXPONENTS, exponent
from fairhand.kit.decision import Refusal

MICROS: Final = 1_000_000  # in one main unit
DECIMALS: Final = 6
MAX_MICROS: Final = 2**63 - 1  # what a bigint holds: 9.2 million million main units

_NUMBER: Final = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]+))?")
# Unicode's locale data part a currency written in letters from its digits (CHF 5, but €5); Babel
# leaves that step out.
_TIGHT: Final = re.compile(r"(?<=[^\W\d_])(?=[0-9])")


class CurrencyMismatch(ValueError):  # noqa: N818 - names what it is
    """Two currencies in one sum: a fault in the code, there is no rate to apply."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount (may be negative) in micro-units of one currency of ISO 4217."""

    micros: int
    currency: str

    def __post_init__(self) -> None:
        # bool is an int and a float may look like one: both are mistakes here.
        if type(self.micros) is not int:
            raise TypeError(f"micros must be an int, not {type(self.micros).__name__}")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.micros + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.micros - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.micros, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.micros < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.micros <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.micros > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.micros >= self._same(other)

    def __str__(self) -> str:
        return f"{decimal_text(self.micros, exponent(self.currency))} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be put together")
        return other.micros

    def whole_cents(self) -> tuple["Money", "Money"]:
        """Split into what can be paid in whole smallest units, and the remainder.

        0.015 EUR gives 0.01 and 0.005; 1.5 JPY gives 1 and 0.5. Raises ValueError if negative.
        """
        minor, rest = micros_to_minor(self.micros, self.currency)
        payable = minor_to_micros(minor, self.currency)
        return Money(payable, self.currency), Money(rest, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Share out by `weights`, to the micro-unit; see `split_micros`."""
        return [Money(share, self.currency) for share in split_micros(self.micros, weights)]

    def format(self, locale: str) -> str:
        """Show to a person; see `format_micros`."""
        return format_micros(self.micros, self.currency, locale)


def micros_to_minor(micros: int, currency: str) -> tuple[int, int]:
    """Return whole smallest units (cents, yen, fils) and the micro-units left over.

    Raises ValueError for a negative amount: only what is owed leaves the house.
    """
    if micros < 0:
        raise ValueError("a negative amount cannot be paid out")
    return divmod(micros, minor_to_micros(1, currency))


def minor_to_micros(minor: int, currency: str) -> int:
    """Return the micro-units of so many smallest units (cents, yen, fils)."""
    return minor * int(10 ** (DECIMALS - exponent(currency)))


def split_micros(micros: int, weights: Sequence[int]) -> list[int]:
    """Share `micros` out in proportion to whole `weights`; the shares sum to it exactly.

    Largest remainder (Hamilton): every share is rounded down, and the units left over go one by
    one to the largest fractions. Equal fractions: the larger weight first, then the earlier
    position, so that only positions of equal weight can ever trade a unit. Raises ValueError for
    a negative amount or weight, or when no weight is above zero.
    """
    total = sum(weights)
    if micros < 0 or total <= 0 or min(weights) < 0:
        raise ValueError("an amount is split by weights of zero or more, one at least above zero")
    shares = [micros * weight // total for weight in weights]
    by_fraction = sorted(
        range(len(weights)), key=lambda i: (-(micros * weights[i] % total), -weights[i], i)
    )
    for i in by_fraction[: micros - sum(shares)]:
        shares[i] += 1
    return shares


def decimal_text(micros: int, at_least: int) -> str:
    """Write as a plain decimal with a point: `at_least` decimals, more only where needed."""
    whole, part = divmod(abs(micros), MICROS)
    decimals = f"{part:06d}".rstrip("0").ljust(at_least, "0")
    text = f"{whole}.{decimals}" if decimals else str(whole)
    return f"-{text}" if micros < 0 else text


def parse_money(text: str, currency: str, *, decimals: int = DECIMALS) -> Money | Refusal:
    """Read a plain decimal such as `0.005`; refuses what would have to be rounded.

    `decimals` is how many the caller can take: six for prices, `exponent(currency)` for amounts
    that leave the house. Zeros beyond them are harmless and accepted.
    """
    if currency not in EXPONENTS:
        return _refused("money.currency", _("%(currency)s is not a known currency."), currency)
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        message = _('"%(text)s" is not an amount: write digits and a point, such as 0.05.')
        return _refused("money.not_a_number", message, currency, text=text[:40])
    sign, whole, part = match.groups(default="")
    part = part.rstrip("0")
    if len(part) > decimals:
        message = _("%(text)s %(currency)s is too precise: at most %(decimals)s decimals.")
        return _refused("money.too_precise", message, currency, text=text[:40], decimals=decimals)
    micros = int(whole) * MICROS + int(part.ljust(DECIMALS, "0"))
    if micros > MAX_MICROS:
        message = _("%(text)s %(currency)s is more than can be handled.")
        return _refused("money.too_large", message, currency, text=text[:40])
    return Money(-micros if sign else micros, currency)


def _refused(code: str, message: str | Promise, currency: str, **params: str | int) -> Refusal:
    return Refusal(code, message, {"currency": currency, **params}, status=422)


def format_micros(micros: int, currency: str, locale: str) -> str:
    """Show to a person in `locale` (`de`, `pt-br`): the currency's decimals, up to six if needed.

    0.005 EUR shows as "€0.005" in English, never as "€0.01": a price must be readable exactly.
    """
    value = Decimal(micros).scaleb(-DECIMALS)
    decimals = max(exponent(currency), -int(value.normalize().as_tuple().exponent))
    parsed, pattern = _pattern(locale, decimals)
    shown = pattern.apply(value, parsed, currency=currency, currency_digits=False)
    return _TIGHT.sub("\N{NO-BREAK SPACE}", shown)


@cache  # parsing a locale costs more than formatting; installed languages times seven entries
def _pattern(locale: str, decimals: int) -> tuple[Locale, NumberPattern]:
    parsed = Locale.parse(locale.replace("-", "_"))
    pattern = copy(parsed.currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return parsed, pattern
