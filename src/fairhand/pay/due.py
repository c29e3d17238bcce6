"""Who can be paid now? Each portal's people apart, by its own minimum and the rails it pays by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from fairhand.kit.money import Money
from fairhand.ledger.posting import accounts_of, balances
from fairhand.pay import events
from fairhand.pay.models import Destination, Payer, PortalTerms
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
    return _due(payer, currency, [own_site(portal)])[own_site(portal)]


def due_everywhere(payer: Payer, currency: str) -> dict[Portal | None, list[Due]]:
    """The same of the own site (None) and of every portal, also of closed ones: a few queries."""
    portals = Portal.objects.exclude(host="").defer("logo").order_by("name", "pk")
    return _due(payer, currency, [None, *portals])


def _due(
    payer: Payer, currency: str, portals: Sequence[Portal | None]
) -> dict[Portal | None, list[Due]]:
    found = list(
        Destination.objects.select_related("worker").filter(rail=payer.rail).order_by("pk")
    )
    codes = {
        (portal, one): events.payable(
            events.whose(one.worker.ref, portal.ref if portal is not None else ""), currency
        )
        for portal in portals
        for one in found
    }
    known = accounts_of(codes.values())  # who has no account was never paid anything
    held = balances(list(known.values()))
    least = _least(payer, currency, portals)
    people: dict[Portal | None, list[Due]] = {portal: [] for portal in portals}
    for (portal, destination), code in codes.items():
        at_least = least[portal]
        if code in known and at_least is not None and held[known[code]] >= at_least:
            cents, _rest = Money(held[known[code]], currency).whole_cents()
            people[portal].append(Due(destination, known[code], cents))
    return people


def _least(
    payer: Payer, currency: str, portals: Sequence[Portal | None]
) -> dict[Portal | None, int | None]:
    """The least that each portal pays out, in micro-units; None: it does not pay by this rail."""
    own = Q(portal__host="") if None in portals else Q(pk__in=[])
    listed = [portal for portal in portals if portal is not None]
    found = PortalTerms.objects.filter(own | Q(portal__in=listed)).select_related("portal")
    terms = {one.portal if one.portal.host else None: one for one in found}
    least: dict[Portal | None, int | None] = {}
    for portal in portals:
        its = terms.get(portal)
        minimum = least_of(its, payer, currency)
        pays = pays_by(its, payer.rail) and minimum is not None
        least[portal] = max(LEAST, minimum.micros) if pays and minimum is not None else None
    return least


def bank_day(portal: Portal | None, lead_days: int) -> date | None:
    """The day that a run prepared now is paid on: the portal's next payday.

    None where it has no calendar, or that day is too soon for the bank: then the rail's first.
    """
    terms, today = terms_of(portal or _own()), timezone.now().date()
    if terms is None:
        return None
    payday = next_payday(terms, today + timedelta(days=1))
    return payday if payday > banking_day_after(today, lead_days) else None


def _own() -> Portal | None:
    return Portal.objects.filter(host="").first()
