"""Who can be paid now? Each portal's people apart, by its own minimum and the rails it pays by."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from fairhand.kit.money import Money
from fairhand.ledger.posting import accounts_of, balances
from fairhand.pay import events
from fairhand.pay.models import Destination, Payer
from fairhand.pay.providers.sepa.target import banking_day_after
from fairhand.pay.terms import LEAST, least_of, next_payday, pays_by, terms_of
from fairhand.people.models import Portal


@dataclass(frozen=True, slots=True)
class Due:
    """One worker who can be paid: the destination, the account, the whole cents."""

    destination: Destination
    account: int
    amount: Money


def own_site(portal: Portal | None) -> Portal | None:
    """A portal that pays apart; None for the installation's own site, also where it is set up."""
    return portal if portal is not None and portal.host else None


def due(payer: Payer, currency: str, portal: Portal | None = None) -> list[Due]:
    """Everybody who has a destination on this rail and at least the minimum payable there.

    Only what was earned through this portal counts; without one, on the installation's own site.
    """
    terms = terms_of(portal)
    if not pays_by(terms, payer.rail):
        return []
    apart = own_site(portal)
    ref = apart.ref if apart is not None else ""
    found = Destination.objects.select_related("worker").filter(rail=payer.rail).order_by("pk")
    codes = {events.payable(events.whose(d.worker.ref, ref), currency): d for d in found}
    known = accounts_of(codes)  # who has no account was never paid anything
    accounts = {known[code]: d for code, d in codes.items() if code in known}
    held = balances(list(accounts))
    minimum = least_of(terms, payer, currency)
    least = max(LEAST, minimum.micros if minimum is not None else 0)
    return [
        Due(destination, account, Money(held[account], currency).whole_cents()[0])
        for account, destination in accounts.items()
        if held[account] >= least
    ]


def bank_day(portal: Portal | None, lead_days: int) -> date | None:
    """The day that a run prepared now is paid on: the portal's next payday.

    None where it has no calendar, or that day is too soon for the bank: then the rail's first.
    """
    terms, today = terms_of(portal), timezone.now().date()
    if terms is None:
        return None
    payday = next_payday(terms, today + timedelta(days=1))
    return payday if payday > banking_day_after(today, lead_days) else None
