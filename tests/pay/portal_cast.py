"""Portals that keep something, and money that was earned through them."""

from datetime import date
from typing import Any

from tests.world import caller, page_of, turn

from fairhand.pay.models import PortalTerms
from fairhand.people.models import Portal, PortalMember, Worker
from fairhand.projects.models import Batch

IBANS = ("ES9121000418450200051332", "PL61109010140000071219812874")


def portal(name: str, *members: Worker, share: int = 0, **terms: Any) -> Portal:
    """A portal with these people, which keeps so many thousandths of the price."""
    made = Portal.objects.create(slug=name, name=name.title(), host=f"{name}.example.org")
    PortalTerms.objects.create(portal=made, share_permille=share, **terms)
    for worker in members:
        PortalMember.objects.create(portal=made, worker=worker)
    return made


def own_site(**terms: Any) -> Portal:
    """The installation's own site, set up with terms."""
    made = Portal.objects.create(slug="own", name="Own", host="")
    PortalTerms.objects.create(portal=made, **terms)
    return made


def works(worker: Worker, batch: Batch, through: Portal | None, pages: int = 1) -> None:
    """Hand in so many pages through a portal, and hold none afterwards."""
    who = caller(worker)
    page = page_of(turn(who, batch, portal=through))
    for left in range(pages - 1, -1, -1):
        done = turn(who, batch, page, portal=through)
        if done.page is not None:
            page = page_of(done)
            if not left:
                turn(who, batch, page, verb="give_back", portal=through)


def weekly(day: int, **more: Any) -> PortalTerms:
    return PortalTerms(calendar="weekly", day=day, **more)


def monthly(day: int) -> PortalTerms:
    return PortalTerms(calendar="monthly", day=day)


def fortnightly(first: date) -> PortalTerms:
    return PortalTerms(calendar="fortnightly", first=first, day=first.isoweekday())
