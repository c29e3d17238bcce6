"""What did a worker earn and get, and what is still to come? The same numbers as the ledger's."""

from dataclasses import dataclass
from datetime import date, datetime

from fairhand.kit.money import Money
from fairhand.ledger.history import daily, held_at
from fairhand.pay.earnings import accounts_by_portal
from fairhand.people.models import Worker


@dataclass(frozen=True, slots=True)
class Line:
    """One day's transfers of one kind in one matter (a batch or a payout run), at one portal.

    `amount` in micro-units, gains above zero; `sources` name the pages or payments; `portal` is a
    reference, empty for the installation's own site.
    """

    day: date
    reason: str
    matter: str
    amount: int
    transfers: int
    portal: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A worker's money over a time; `opening` plus the lines gives `closing`."""

    opening: Money
    lines: list[Line]
    closing: Money


def statement(worker: Worker, currency: str, since: datetime, until: datetime) -> Statement:
    """Everything that came to or left a worker, pending or payable, from `since` to `until`.

    Through all portals, a line for each: the money of all of them is theirs.
    """
    portals = {pk: at for pk, (_kind, at) in accounts_by_portal(worker, currency).items()}
    accounts = list(portals)
    opening = held_at(accounts, since)
    lines = [
        Line(
            line.day,
            line.reason,
            line.matter,
            line.amount,
            line.transfers,
            portals[line.account],
            tuple(line.sources),
        )
        for line in daily(accounts, since, until)
    ]
    closing = held_at(accounts, until)
    assert opening + sum(line.amount for line in lines) == closing
    return Statement(Money(opening, currency), lines, Money(closing, currency))
