"""How is a cent accounted for? What workers earn: pending, then payable, then paid.

Handing in a page pays it inside the hot path (sql/earn.sql), in the transaction that stores the
answers. Everything later goes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, balances, open_account, post
from fairhand.pay import events
from fairhand.people.models import Worker


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page that is accepted after review. Amounts in micro-units; `source` names the page."""

    worker_ref: str
    pay: int
    fee: int
    source: str


@dataclass(frozen=True, slots=True)
class Earnings:
    """A worker's money in one currency."""

    pending: Money
    payable: Money


def earning_account(worker: Worker, currency: str, *, at_once: bool) -> int:
    """The account that a page pays into: payable when the batch accepts at once, else pending."""
    code = events.payable if at_once else events.pending
    return open_account(code(worker.ref, currency), currency)


def accept(pages: Sequence[Accepted], *, escrow: int, fee: int, currency: str) -> int:
    """Make reviewed pages payable and charge their fees; returns how many transfers were new."""
    entries: list[Entry] = []
    for page in pages:
        pending = open_account(events.pending(page.worker_ref, currency), currency)
        payable = open_account(events.payable(page.worker_ref, currency), currency)
        entries.append(Entry(pending, payable, page.pay, currency, "accept", page.source))
        if page.fee > 0:
            entries.append(Entry(escrow, fee, page.fee, currency, "fee", page.source))
    return post(entries)


def earnings_of(worker: Worker, currency: str) -> Earnings:
    """What a worker has pending and payable."""
    pending = open_account(events.pending(worker.ref, currency), currency)
    payable = open_account(events.payable(worker.ref, currency), currency)
    held = balances([pending, payable])
    return Earnings(Money(held[pending], currency), Money(held[payable], currency))
