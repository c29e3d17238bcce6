"""What workers see of portals' money, on a phone; terms and payouts of portals, on a desk."""

import re

import pytest
from playwright.sync_api import expect

from fairhand.kit.money import Money
from fairhand.pay.models import PayoutRun, PortalTerms
from fairhand.pay.payouts import set_destination, set_payer
from fairhand.people.models import Account, Portal
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.pay.portal_cast import IBANS, portal, works
from tests.web.scene import IBAN_PAYER
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(visitor: Visitor, name: str) -> None:
    """The page on a phone and on a desk: open to everybody, and no wider than the screen."""
    for size, (width, height) in (("phone", PHONE), ("desk", DESK)):
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.shot(f"{name}-{size}-light")
        visitor.check()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


def scene(world: World) -> Portal:
    """Two portals, the first of which keeps a fifth; Ada worked through both and without one."""
    first = portal("one", world.ada, share=200, calendar="weekly", day=5, minimum_micros=9_000_000)
    second = portal("two", world.ada, share=0, calendar="monthly", day=14)
    Portal.objects.filter(pk=first.pk).update(name="Plum Work", host="one.localhost")
    Portal.objects.filter(pk=second.pk).update(name="Forest Tasks", host="two.localhost")
    batch = world.batch(tasks=400, page_size=100, overlap=1, price_micros=50_001)
    for through in (first, second, None):
        works(world.ada, batch, through)
    world.batch(tasks=40, page_size=10, overlap=1, price_micros=50_001, expected_seconds=9.0)
    set_payer(name="Fairhand Test", address=IBAN_PAYER, minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada Lovelace", address=IBANS[0])
    first.refresh_from_db()
    return first


def test_a_worker_sees_the_split_before_and_after(committed_world: World, visit: Visit) -> None:
    world = committed_world
    scene(world)
    with visit() as visitor:
        visitor.site = re.sub(r"//[\w.]+", "//one.localhost", visitor.site)
        visitor.sign_in(Account.objects.get(pk=world.ada.pk))
        page = visitor.go("/work")
        page.get_by_role("link", name="Moods").last.click()
        expect(page.get_by_text("Plum Work keeps")).to_be_visible()
        expect(page.get_by_text("The requester pays")).to_be_visible()
        looked_at(visitor, "portal-price")
        page = visitor.go("/earnings")
        expect(page.get_by_role("heading", name="Plum Work")).to_be_visible()
        expect(page.get_by_text("the portal kept €1.00002")).to_be_visible()
        looked_at(visitor, "portal-earnings")


def test_an_operator_sets_terms_and_pays_a_portal(committed_world: World, visit: Visit) -> None:
    world = committed_world
    one = scene(world)
    with visit() as visitor:
        visitor.sign_in(world.olga)
        page = visitor.go("/operator/payouts")
        page.get_by_role("link", name="Plum Work").click()
        page.get_by_role("link", name="Change the terms").click()
        page.get_by_label("The portal keeps").fill("12,5")
        page.get_by_label("Smallest payout").fill("4.00")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        assert PortalTerms.objects.get(portal=one).share_permille == 125
        looked_at(visitor, "operator-portal-terms")
        page = visitor.go(f"/operator/payouts?portal={one.ref}")
        looked_at(visitor, "operator-portal-payouts")
        page.locator("summary", has_text="Prepare the payout").click()
        page.get_by_role("button", name="Prepare the payout").last.click()
        expect(page.get_by_text("The file is fit to be sent")).to_be_visible()
        assert PayoutRun.objects.get().portal == one
