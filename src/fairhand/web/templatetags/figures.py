"""Numbers as people read them: money, shares, moments, in the reader's language."""

from datetime import date, timedelta
from typing import Any

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils.translation import get_language

from fairhand.kit.money import Money
from fairhand.projects.models import Batch

register = template.Library()
NEARLY = 0.995  # what would be rounded to certainty


def reader() -> str:
    """The language that this page is made in."""
    return get_language() or "en"


@register.filter
def money(amount: Money) -> str:
    """An amount in the reader's way of writing it."""
    return amount.format(reader())


@register.filter
def price(batch: Batch) -> str:
    """What one answer of a batch pays."""
    return Money(batch.price_micros, batch.currency).format(reader())


@register.filter
def number(value: float) -> str:
    """A count, with the reader's separators."""
    return str(format_decimal(value, locale=reader()))


@register.filter
def percent(value: float) -> str:
    """A share from 0 to 1 as per cent; whole, except where that would claim certainty."""
    if NEARLY < value < 1:
        value = min(value, 0.999)
        return str(format_percent(value, "#,##0.0\N{NO-BREAK SPACE}%", locale=reader()))
    return str(format_percent(value, "#,##0\N{NO-BREAK SPACE}%", locale=reader()))


@register.filter
def permille(value: int) -> str:
    """A share in thousandths as per cent, with a decimal where there is one."""
    return str(format_percent(value / 1000, "#,##0.#\N{NO-BREAK SPACE}%", locale=reader()))


@register.simple_tag
def share(part: int, whole: int) -> str:
    """Part of a whole as per cent; a dash where there is nothing to divide."""
    return percent(part / whole) if whole else "\N{EN DASH}"


@register.filter
def day(value: date) -> str:
    """A day, such as 22 Nov 2026."""
    return str(format_date(value, "medium", locale=reader()))


@register.filter
def short_day(value: date) -> str:
    """A day of a month that is named already, such as 22 Nov."""
    return str(format_skeleton("MMMd", value, locale=reader())).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def month(value: date) -> str:
    """A month and its year."""
    return str(format_date(value, "LLLL y", locale=reader()))


@register.filter
def lasting(seconds: float) -> str:
    """A length of time in its largest fitting unit, such as 30 minutes."""
    return str(format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=reader()))


@register.filter
def grouped(text: str) -> str:
    """An account number in groups of four, as it is printed."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@register.filter
def entry(data: dict[str, Any], name: str) -> str:
    """What stands under a name, as text; nothing when there is none."""
    return str(data.get(name, ""))


@register.filter
def label_of(field: dict[str, Any], value: dict[str, str]) -> str:
    """The label of what was answered to a field; a dash when nothing was."""
    given = value.get(field["name"])
    labels = {option["value"]: option["label"] for option in field["options"]}
    return str(labels.get(given, given)) if given is not None else "\N{EN DASH}"
