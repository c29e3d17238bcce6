"""Two portals with host names and colours of their own: one worker on both, on a phone."""

import io
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from PIL import Image, ImageDraw
from playwright.sync_api import expect
from pytest_django import Settings

from fairhand.pay.models import PortalTerms
from fairhand.people.models import Account, Portal, PortalMember, Worker
from fairhand.people.portal_making import Look, make_portal, set_logo
from fairhand.work.deadlines import expire_pages
from fairhand.work.models import Answer
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.portals.scene import staff
from tests.world import World, let_pass

EVE, PASSWORD = "eve@example.org", "eve sings in the morning"
PLUM, FOREST = ("#7a1f5c", "#f0a8d8"), ("#0b6b3a", "#7fe0a8")


def logo() -> bytes:
    """A ring, as a portal might have it."""
    picture = Image.new("RGBA", (240, 240))
    ImageDraw.Draw(picture).ellipse((20, 20, 220, 220), outline="#7a1f5c", width=48)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def two_portals(committed_world: World, settings: Settings) -> tuple[Portal, Portal]:
    """Plum Work by invitation, which keeps a tenth; Forest Tasks for everybody."""
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.SENDS_MAIL = "none", False
    world, about = committed_world, {"en": "Short tasks about language, for who reads a lot."}
    plum = Look("one", "Plum Work", "one.localhost", about, *PLUM)
    forest = Look("two", "Forest Tasks", "two.localhost", {}, *FOREST, open=True)
    one, two = (make_portal(each, world.olga) for each in (plum, forest))
    for made, share in ((one, 100), (two, 0)):
        PortalTerms.objects.create(portal=made, share_permille=share)
    set_logo(one, logo(), world.olga)
    return one, two


def at(visitor: Visitor, portal: Portal) -> Visitor:
    """The same browser, at a portal's host."""
    visitor.site = re.sub(r"//[\w.]+", f"//{portal.host}", visitor.site)
    return visitor


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def accent(visitor: Visitor) -> str:
    """The colour of what can be done here, as the browser draws it."""
    colour: str = visitor.page.evaluate(
        """() => {
            const probe = document.createElement("i");
            probe.style.color = "var(--accent)";
            document.body.append(probe);
            const found = getComputedStyle(probe).color;
            probe.remove();
            return found;
        }"""
    )
    return colour


def seen(visitor: Visitor, name: str) -> None:
    """Nobody is kept out, nothing is wider than the screen, and there is a picture of it."""
    visitor.page.wait_for_selector("h1")
    visitor.check()
    visitor.shot(name)
    width = visitor.page.viewport_size["width"]  # type: ignore[index]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_invited_worker_comes_through_one_portal_and_joins_another(
    visit: Visit, committed_world: World, two_portals: tuple[Portal, Portal]
) -> None:
    world, (one, two) = committed_world, two_portals
    batch = world.batch(tasks=30, page_size=3, overlap=1)
    staff(one, world.oscar)
    with visit(PHONE) as oscar:
        link = invite(at(oscar, one), world.oscar)
    with visit(PHONE) as eve:
        come_in(at(eve, one), link)
        worker = Worker.objects.get(account__email=EVE)
        assert PortalMember.objects.get(worker=worker).portal == one
        work_a_page(eve, batch.ref, "portal-one")
        eve.page.goto(link)
        eve.page.wait_for_url("**/start")  # who belongs already is led on
        let_pass(batch, 3600)  # what she holds there goes back when its time is over
        expire_pages()
        join_as_well(at(eve, two))
        work_a_page(eve, batch.ref, "portal-two")
        eve.go("/account/portals")
        seen(eve, "portals-mine-phone")
        eve.go("/earnings")
        seen(eve, "portals-earnings-phone")
    answers = Answer.objects.filter(worker=worker)
    assert answers.count() == 6  # three through each portal, and the same task never twice
    assert len(set(answers.values_list("position", flat=True))) == 6
    with visit(PHONE) as oscar:
        at(oscar, one).sign_in(world.oscar)
        oscar.go("/portal")
        assert worker.ref in oscar.page.content()
        assert EVE not in oscar.page.content()
        seen(oscar, "portal-one-home-phone")


def invite(manager: Visitor, account: Account) -> str:
    """A manager makes a link for one person."""
    manager.sign_in(account)
    manager.go("/portal/invitations")
    manager.page.get_by_label("Whom it is for").fill("the reading circle")
    manager.page.get_by_label("For how many people").fill("1")
    press(manager, "Make the link")
    link = manager.page.locator("[data-invitation]").inner_text()
    seen(manager, "portal-one-invitations-phone")
    manager.go("/portal/staff")
    seen(manager, "portal-one-staff-phone")
    return link


def come_in(eve: Visitor, link: str) -> None:
    """A stranger looks at the portal, opens the link and makes an account."""
    eve.go("/")
    seen(eve, "portal-one-door-phone")
    assert accent(eve) == "rgb(122, 31, 92)"
    eve.page.emulate_media(color_scheme="dark")
    assert accent(eve) == "rgb(240, 168, 216)"
    seen(eve, "portal-one-door-phone-dark")
    eve.page.emulate_media(color_scheme="light")
    eve.page.goto(link)
    seen(eve, "portal-one-invited-phone")
    eve.page.get_by_role("main").get_by_role("link", name="Make an account").click()
    eve.page.get_by_label("E-mail address").fill(EVE)
    eve.page.get_by_label("Password").fill(PASSWORD)
    press(eve, "Make the account")
    eve.page.wait_for_url("**/start")
    seen(eve, "portal-one-start-phone")


def join_as_well(eve: Visitor) -> None:
    """Somebody with an account joins a second portal with one click."""
    eve.go("/join")
    eve.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    eve.page.get_by_label("E-mail address").fill(EVE)
    eve.page.get_by_label("Password").fill(PASSWORD)
    press(eve, "Sign in")
    eve.page.wait_for_url("**/join")
    assert accent(eve) == "rgb(11, 107, 58)"
    seen(eve, "portal-two-join-phone")
    press(eve, "Join")
    eve.page.wait_for_url("**/start")


def work_a_page(visitor: Visitor, ref: str, name: str) -> None:
    """From the list of work to a page that is handed in, by keyboard."""
    page = visitor.page
    visitor.go("/work")
    seen(visitor, f"{name}-work-phone")
    visitor.go(f"/work/{ref}")
    seen(visitor, f"{name}-batch-phone")
    there = page.get_by_role("main")
    in_one = re.compile("^(Start|Go on)$")
    there.get_by_role("button", name=in_one).or_(there.get_by_role("link", name=in_one)).click()
    page.wait_for_url("**/task")
    begin = page.get_by_role("button", name="Understood, start")
    begin.or_(page.get_by_text("1 of 3")).first.wait_for()
    if begin.count():
        begin.click()
    visitor.shot(f"{name}-task-phone")
    for i in range(3):
        expect(page.get_by_text(f"{i + 1} of 3")).to_be_visible()
        # A key that comes within moments of the last task is taken for one meant for that.
        while not page.get_by_role("radio", name="Good").is_checked():
            page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect(page.get_by_text("Handed in: 3 answers")).to_be_visible()


def test_operators_make_a_portal_and_order_its_steps(
    visit: Visit, committed_world: World, two_portals: tuple[Portal, Portal]
) -> None:
    one = two_portals[0]
    for size, kind in ((PHONE, "phone"), (DESK, "desk")):
        with visit(size) as olga:
            olga.sign_in(committed_world.olga)
            olga.go("/operator/portals")
            seen(olga, f"operator-portals-{kind}")
            olga.go("/operator/portals/new")
            seen(olga, f"operator-portal-new-{kind}")
            olga.go("/operator/portals").get_by_role("link", name="Plum Work").click()
            olga.page.get_by_label("Another step").select_option("identity")
            press(olga, "Add the step")
            olga.page.wait_for_load_state()
            if kind == "phone":
                olga.page.get_by_label("Another step").select_option("profile:languages")
                press(olga, "Add the step")
                olga.page.wait_for_load_state()
            seen(olga, f"operator-portal-{kind}")
            olga.page.get_by_role("link", name="Change name and look").click()
            seen(olga, f"operator-portal-look-{kind}")
            Portal.objects.filter(pk=one.pk).update(gates=["email"])


def test_somebody_asks_whether_a_link_is_real(
    visit: Visit, committed_world: World, two_portals: tuple[Portal, Portal]
) -> None:
    del committed_world, two_portals
    with visit(PHONE) as visitor:
        visitor.go("/portals")
        seen(visitor, "portals-phone")
        visitor.page.get_by_label("The link").fill("https://one.localhost@evil.example/join")
        press(visitor, "Look at it")
        visitor.page.get_by_text("No, do not trust this link").wait_for()
        seen(visitor, "portals-link-no-phone")
        port = urlsplit(settings.BASE_URL).port
        visitor.go(f"/portals?link=one.localhost:{port}/join")
        visitor.page.get_by_text("Yes, this link is real").wait_for()
        seen(visitor, "portals-link-yes-phone")


def test_a_host_name_that_nobody_owns_gets_a_page_that_can_be_read(
    visit: Visit, committed_world: World
) -> None:
    assert Account.objects.filter(pk=committed_world.olga.pk).exists()
    with visit(PHONE) as visitor:
        visitor.site = visitor.site.replace("127.0.0.1", "nobodys.localhost")
        page = visitor.go("/join")
        page.get_by_role("heading", name="Nobody here has this address").wait_for()
        visitor.shot("nobodys-host-phone")
