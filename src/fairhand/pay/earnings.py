"""How is a cent accounted for? What workers earn: pending, then payable, then paid.

Handing in a page pays it inside the hot path (sql/earn.sql), in the transaction that stores the
answers. Everything later goes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, balances, open_account, post
from fairhand.pay import events
from fairhand.pay.shares import share_of
from fairhand.people.models import Portal, Worker


@dataclass(frozen=True, slots=True)
class Accepted:
    """A page that is accepted after review. Amounts in micro-units; `source` names the page.

    `whose` is whose money it is, as `events.whose` says it; `portal_ref` who keeps the share.
    """

    whose: str
    pay: int
    fee: int
    source: str
    share: int = 0
    portal_ref: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """Through which portal somebody works (0: none), what it keeps, and the accounts of both."""

    portal: int
    share_permille: int
    share_account: int
    earning_account: int


@dataclass(frozen=True, slots=True)
class Earnings:
    """A worker's money in one currency."""

    pending: Money
    payable: Money


def earning_account(worker: Worker, currency: str, *, at_once: bool) -> int:
    """The account that a page pays into: payable when the batch accepts at once, else pending."""
    code = events.payable if at_once else events.pending
    return open_account(code(worker.ref, currency), currency)


def channel_of(worker: Worker, portal: Portal | None, currency: str, *, at_once: bool) -> Channel:
    """Where the money of somebody who works through this portal goes.

    Each portal pays by its own calendar and threshold, so what is earned there is kept apart.
    """
    if portal is None or not portal.host:
        return Channel(
            portal.pk if portal is not None else 0,
            0,
            0,
            earning_account(worker, currency, at_once=at_once),
        )
    code = events.payable if at_once else events.pending
    whose = events.whose(worker.ref, portal.ref)
    return Channel(
        portal.pk,
        share_of(portal),
        # Also where nothing is kept now: of pages that are held, something may be.
        open_account(events.portal(portal.ref, currency), currency),
        open_account(code(whose, currency), currency),
    )


def accept(pages: Sequence[Accepted], *, escrow: int, fee: int, currency: str) -> int:
    """Make reviewed pages payable and charge their fees; returns how many transfers were new."""
    entries: list[Entry] = []
    for page in pages:
        pending = open_account(events.pending(page.whose, currency), currency)
        payable = open_account(events.payable(page.whose, currency), currency)
        entries.append(Entry(pending, payable, page.pay, currency, "accept", page.source))
        if page.share > 0:
            keeper = open_account(events.portal(page.portal_ref, currency), currency)
            entries.append(Entry(escrow, keeper, page.share, currency, "share", page.source))
        if page.fee > 0:
            entries.append(Entry(escrow, fee, page.fee, currency, "fee", page.source))
    return post(entries)


def earnings_of(worker: Worker, currency: str) -> Earnings:
    """What a worker has pending and payable."""
    pending = open_account(events.pending(worker.ref, currency), currency)
    payable = open_account(events.payable(worker.ref, currency), currency)
    held = balances([pending, payable])
    return Earnings(Money(held[pending], currency), Money(held[payable], currency))
