"""What did a worker earn and get, and what is still to come? The same numbers as the ledger's."""

from dataclasses import dataclass
from datetime import datetime

from fairhand.kit.money import Money
from fairhand.ledger.history import DayLine, daily, held_at
from fairhand.ledger.posting import open_account
from fairhand.pay import events
from fairhand.people.models import Worker


@dataclass(frozen=True, slots=True)
class Statement:
    """A worker's money over a time; `opening` plus the lines gives `closing`."""

    opening: Money
    lines: list[DayLine]
    closing: Money


def statement(worker: Worker, currency: str, since: datetime, until: datetime) -> Statement:
    """Everything that came to or left a worker, pending or payable, from `since` to `until`."""
    accounts = [
        open_account(events.pending(worker.ref, currency), currency),
        open_account(events.payable(worker.ref, currency), currency),
    ]
    opening = held_at(accounts, since)
    lines = daily(accounts, since, until)
    closing = held_at(accounts, until)
    assert opening + sum(line.amount for line in lines) == closing
    return Statement(Money(opening, currency), lines, Money(closing, currency))
