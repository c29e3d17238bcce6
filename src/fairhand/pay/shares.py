"""What does a portal keep of a price, and what does the worker get? To the micro-unit.

A page is split as a whole: what is less than a millionth stays with the worker (work/sql/turn.sql
does the same sum when a page is taken). The price of one answer is told rounded down, so that a
page never pays less than the answers on it were said to.
"""

from dataclasses import dataclass

from fairhand.kit.money import Money
from fairhand.pay.models import PortalTerms
from fairhand.people.models import Portal

WHOLE = 1000  # permille


@dataclass(frozen=True, slots=True)
class Split:
    """What a requester pays, and the two parts of it; `kept` and `pay` make `price` exactly."""

    price: Money
    kept: Money
    pay: Money


@dataclass(frozen=True, slots=True)
class Price:
    """What an answer and a full page cost and pay; `keeper` is the portal's name, if it keeps."""

    answer: Split
    page: Split
    answers: int
    permille: int
    keeper: str


def of_page(price: Money, answers: int, permille: int) -> Split:
    """The split of a page of so many answers at this price each, as the hot path books it."""
    whole = price.micros * answers
    return _split(whole, whole * permille // WHOLE, price.currency)


def of_answer(price: Money, permille: int) -> Split:
    """The split of one answer: what its worker gets at least, whatever the page's length."""
    return _split(price.micros, -(-price.micros * permille // WHOLE), price.currency)


def price_at(price: Money, answers: int, portal: Portal | None, permille: int) -> Price:
    """What an answer, and a page of so many, come to for somebody who works through a portal."""
    return Price(
        of_answer(price, permille),
        of_page(price, answers, permille),
        answers,
        permille,
        portal.name if portal is not None and permille else "",
    )


def share_of(portal: Portal | None) -> int:
    """What a portal keeps of a price in permille; the installation's own site keeps nothing."""
    if portal is None or not portal.host:
        return 0
    terms = PortalTerms.objects.filter(portal=portal).first()
    return terms.share_permille if terms is not None else 0


def _split(whole: int, kept: int, currency: str) -> Split:
    return Split(Money(whole, currency), Money(kept, currency), Money(whole - kept, currency))
