"""How is a cent accounted for? What workers earn: pending, then payable, then paid.

Handing in a page pays it inside the hot path (sql/earn.sql), in the transaction that stores the
answers. Everything later goes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, accounts_beginning, balances, open_account, post
from fairhand.pay import events
from fairhand.pay.models import Payer, PortalTerms
from fairhand.pay.shares import share_of
from fairhand.pay.terms import calendar_sentence, least_of, next_payday
from fairhand.people.models import Portal, Worker
from fairhand.people.portals import number_of


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


@dataclass(frozen=True, slots=True)
class Purse:
    """What a worker earned through one portal (None: the installation's own site).

    `minimum` is what is paid out at least, None while the installation pays nobody; `missing` is
    what is still short of it. `payday` is the next one, where a calendar says which.
    """

    portal: Portal | None
    pending: Money
    payable: Money
    minimum: Money | None
    missing: Money
    payday: date | None
    calendar: str

    @property
    def empty(self) -> bool:
        return not (self.pending.micros or self.payable.micros)


def earning_account(worker: Worker, currency: str, *, at_once: bool) -> int:
    """The account that a page pays into: payable when the batch accepts at once, else pending."""
    code = events.payable if at_once else events.pending
    return open_account(code(worker.ref, currency), currency)


def channel_of(worker: Worker, portal: Portal | None, currency: str, *, at_once: bool) -> Channel:
    """Where the money of somebody who works through this portal goes.

    Each portal pays by its own calendar and threshold, so what is earned there is kept apart.
    """
    if portal is None or not portal.host:
        return Channel(0, 0, 0, earning_account(worker, currency, at_once=at_once))
    code = events.payable if at_once else events.pending
    whose = events.whose(worker.ref, portal.ref)
    return Channel(
        number_of(portal),
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
    """What a worker has pending and payable, through all portals together."""
    held = _held(worker, currency)
    return Earnings(
        Money(sum(pending for pending, _payable in held.values()), currency),
        Money(sum(payable for _pending, payable in held.values()), currency),
    )


def purses_of(worker: Worker, currency: str, rail: str = "sepa") -> list[Purse]:
    """A worker's money by where it was earned, the own site first; it is paid out apart.

    Portals that they belong to are there also while nothing was earned.
    """
    held = _held(worker, currency)
    earned_at = Q(ref__in=[ref for ref in held if ref])
    joined = Q(members__worker=worker, members__left_at=None) & ~Q(host="")
    # What was earned counts by where it is kept, whatever host its portal has today.
    portals = Portal.objects.filter(earned_at | joined).distinct()
    own = Portal.objects.filter(host="").first()
    terms = {one.portal_id: one for one in PortalTerms.objects.filter(portal__in=[*portals, own])}
    payer, today = Payer.objects.filter(rail=rail).first(), timezone.now().date()
    found = []
    for portal in (None, *sorted(portals, key=lambda one: one.name)):
        at = own if portal is None else portal
        its = terms.get(at.pk) if at is not None else None
        pending, payable = held.get(portal.ref if portal is not None else "", (0, 0))
        least = least_of(its, payer, currency)
        found.append(
            Purse(
                portal,
                Money(pending, currency),
                Money(payable, currency),
                least,
                Money(max(0, least.micros - payable) if least is not None else 0, currency),
                next_payday(its, today) if its is not None else None,
                calendar_sentence(its) if its is not None else "",
            )
        )
    return found


def _held(worker: Worker, currency: str) -> dict[str, tuple[int, int]]:
    """Micro-units pending and payable by the portal's reference; "" is the own site."""
    accounts = accounts_by_portal(worker, currency)
    held = balances(list(accounts))
    found: dict[str, tuple[int, int]] = {}
    for account, (kind, portal) in accounts.items():
        pending, payable = found.get(portal, (0, 0))
        amount = held[account]
        found[portal] = (
            (pending + amount, payable) if kind == "pending" else (pending, payable + amount)
        )
    return found


def accounts_by_portal(worker: Worker, currency: str) -> dict[int, tuple[str, str]]:
    """The accounts of a worker's earnings: kind (pending, payable) and portal, by id."""
    starts = [code(worker.ref, "") for code in (events.pending, events.payable)]
    codes = accounts_beginning([start.removesuffix(":") for start in starts])
    found = {}
    for code, account in codes.items():
        kind, earner, kept_in = code.split(":")
        ref, _at, portal = earner.partition("@")
        if (ref, kept_in) == (worker.ref, currency):
            found[account] = (kind, portal)
    return found
