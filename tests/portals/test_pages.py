"""A portal's pages: its look, joining, running it, and operators' part."""

import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from fairhand.people.models import (
    Account,
    Event,
    Notice,
    Portal,
    PortalInvitation,
    PortalMember,
    PortalStaff,
    Worker,
)
from fairhand.people.portal_making import set_logo
from fairhand.work.portals import leave
from tests.portals.scene import browser, invited, portal, staff
from tests.world import World, count

PASSWORD = "a long and quiet evening"


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 100)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#883311").save(out, kind)
    return out.getvalue()


def sign_up(client: Client, email: str, there: str = "/") -> Any:
    form = {"email": email, "password1": PASSWORD, "password2": PASSWORD, "next": there}
    return client.post("/accounts/signup/", form)


# --- how it looks ---------------------------------------------------------------------------------


def test_every_page_of_a_portal_carries_its_name_and_colours(world: World) -> None:
    one = portal(world, "one", accent="#7a1f5c", accent_dark="#f0a8d8", about={"en": "Quiet work."})
    two = portal(world, "two")
    page = browser(one).get("/").content.decode()
    assert "Quiet work." in page
    assert "<title>Paid human data work · One</title>" in page
    style = re.search(r'href="(/brand\.css\?v=\w+)"', page)
    assert style is not None
    sheet = browser(one).get(style[1])
    assert "--accent: light-dark(#7a1f5c, #f0a8d8);" in sheet.content.decode()
    assert sheet.headers["Cache-Control"] == "public, max-age=86400"
    assert "#7a1f5c" not in browser(two).get("/brand.css").content.decode()
    assert browser(None).get("/brand.css").content == b""
    assert "brand.css" not in browser(None).get("/").content.decode()


def test_the_installed_app_is_the_portals(world: World) -> None:
    one = portal(world, "one")
    set_logo(one, picture(), world.olga)
    told = json.loads(browser(one).get("/manifest.webmanifest").content)
    assert (told["name"], told["theme_color"]) == ("One", "#1f5fae")
    icon = browser(one).get(told["icons"][0]["src"])
    assert Image.open(io.BytesIO(icon.content)).size == (512, 512)
    assert json.loads(browser(None).get("/manifest.webmanifest").content)["name"] == "Fairhand"


def test_a_logo_is_drawn_anew_and_served_as_a_picture_alone(world: World) -> None:
    one, two = portal(world, "one"), portal(world, "two")
    operator = browser(None, world.olga)
    logo = io.BytesIO(picture("JPEG") + b"<script>alert(1)</script>")
    logo.name = "logo.html"
    assert operator.post(f"/operator/portals/{one.ref}/logo", {"logo": logo}).status_code == 302
    served = browser(one).get("/brand/logo.png")
    assert served.headers["Content-Type"] == "image/png"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert b"script" not in served.content
    assert Image.open(io.BytesIO(served.content)).format == "PNG"
    assert browser(two).get("/brand/logo.png").status_code == 404


def test_what_is_no_picture_is_refused_and_the_logo_stays(world: World) -> None:
    one = portal(world, "one")
    set_logo(one, picture(), world.olga)
    before = Portal.objects.get(pk=one.pk).logo
    logo = io.BytesIO(b"%PDF-1.7 not a picture")
    logo.name = "logo.png"
    operator = browser(None, world.olga)
    answer = operator.post(f"/operator/portals/{one.ref}/logo", {"logo": logo})
    assert answer.status_code == 422
    assert Portal.objects.get(pk=one.pk).logo == before


# --- coming in ------------------------------------------------------------------------------------


def test_a_stranger_signs_up_at_an_open_portal_and_belongs_to_it(world: World) -> None:
    one = portal(world, "one")
    client = browser(one)
    assert "/accounts/signup/" in client.get("/join").content.decode()
    assert sign_up(client, "new@example.org", "/join").status_code == 302
    member = PortalMember.objects.get()
    assert (member.portal, member.worker.account.email) == (one, "new@example.org")


def test_nobody_signs_up_at_a_portal_by_invitation_without_one(world: World) -> None:
    one, before = portal(world, "one", open=False), count("people_account")
    client = browser(one)
    assert client.get("/join").status_code == 403
    sign_up(client, "new@example.org")
    assert count("people_account") == before


def test_an_invitation_makes_as_many_accounts_as_it_has_uses(world: World) -> None:
    one, two = portal(world, "one", open=False), portal(world, "two", open=False)
    token = invited(staff(one, world.oscar), uses=1)
    there, before = f"/join/with/{token}", count("people_account")
    first, second, elsewhere = browser(one), browser(one), browser(two)
    for client in (first, second):
        assert client.get(there).status_code == 200
    assert elsewhere.get(there).status_code == 404
    sign_up(elsewhere, "elsewhere@example.org")
    assert count("people_account") == before
    sign_up(first, "first@example.org", there)
    assert PortalInvitation.objects.get().uses_left == 0
    sign_up(second, "second@example.org", there)
    assert count("people_account") == before + 1
    assert [row.worker.account.email for row in PortalMember.objects.all()] == ["first@example.org"]
    over = browser(one).get(there)
    assert over.status_code == 410
    assert "Ask for a new one" in over.content.decode()


def test_who_has_an_account_joins_with_one_click(world: World) -> None:
    one = portal(world, "one", open=False)
    token = invited(staff(one, world.oscar), uses=1)
    ada = browser(one, world.ada.account)
    assert ada.get("/").headers["Location"] == "/join"
    assert "Join One" in ada.get(f"/join/with/{token}").content.decode()
    assert PortalMember.objects.count() == 0  # looking is not joining
    assert ada.post(f"/join/with/{token}").headers["Location"] == "/start"
    assert ada.get("/").headers["Location"] == "/work"
    assert ada.get(f"/join/with/{token}").headers["Location"] == "/start"


def test_who_only_asked_until_now_becomes_a_worker_by_joining(world: World) -> None:
    one = portal(world, "one")
    assert browser(one, world.rita).post("/join").status_code == 302
    assert PortalMember.objects.get().worker == Worker.objects.get(account=world.rita)
    assert Event.objects.filter(action="work.begun", account=world.rita.ref).count() == 1


def test_joining_needs_a_portals_address(world: World) -> None:
    assert browser(None, world.ada.account).get("/join").status_code == 404


def test_a_worker_sees_their_portals_and_leaves_one(world: World) -> None:
    one = portal(world, "one", world.ada)
    portal(world, "two", world.ben)
    ada = browser(None, world.ada.account)
    page = ada.get("/account/portals").content.decode()
    assert "one.example.org" in page
    assert "two.example.org" not in page
    ada.post(f"/account/portals/{one.ref}/leave")
    assert PortalMember.objects.get(worker=world.ada).left_at is not None
    two = Portal.objects.get(slug="two")
    assert ada.post(f"/account/portals/{two.ref}/leave").status_code == 404


# --- running it -----------------------------------------------------------------------------------


def test_staff_see_their_own_people_by_number_and_nothing_else_of_them(world: World) -> None:
    one, two = portal(world, "one", world.ada), portal(world, "two", world.ada, world.ben)
    staff(one, world.oscar, "support")
    staff(two, world.rita)
    page = browser(one, world.oscar).get("/portal").content.decode()
    assert world.ada.ref in page
    for hidden in (world.ben.ref, world.ada.account.email, world.ada.account.name, "two.example"):
        assert hidden not in page, hidden


@pytest.mark.parametrize("address", ["/portal", "/portal/invitations", "/portal/staff"])
def test_a_portals_pages_are_not_there_for_others(world: World, address: str) -> None:
    one, two = portal(world, "one", world.ada), portal(world, "two")
    staff(one, world.oscar)
    for client in (
        browser(two, world.oscar),
        browser(None, world.oscar),
        browser(one, world.ada.account),
        browser(one, world.olga),
    ):
        assert client.get(address).status_code == 404
    assert browser(one).get(address).status_code == 302
    assert browser(one, world.oscar).get(address).status_code in {200, 302}


def test_support_makes_no_invitations_and_is_told_whom_to_ask(world: World) -> None:
    one = portal(world, "one")
    staff(one, world.oscar, "support")
    answer = browser(one, world.oscar).post("/portal/invitations", {"label": "x", "days": 3})
    assert answer.status_code == 403
    assert "ask its manager" in answer.content.decode()
    assert PortalInvitation.objects.count() == 0


def test_a_manager_makes_a_link_that_is_shown_once_and_kept_nowhere(world: World) -> None:
    one = portal(world, "one", open=False)
    staff(one, world.oscar)
    oscar = browser(one, world.oscar)
    page = oscar.post("/portal/invitations", {"label": "school", "days": 3, "uses": 2})
    link = re.search(r"<code data-invitation>(.*?)</code>", page.content.decode())
    assert link is not None
    assert link[1].startswith("http://one.example.org/join/with/")
    token = link[1].rpartition("/")[2]
    assert token not in oscar.get("/portal/invitations").content.decode()
    assert PortalInvitation.objects.filter(digest__contains=token).count() == 0
    assert browser(one, world.ben.account).post(f"/join/with/{token}").status_code == 302
    number = PortalInvitation.objects.get().pk
    oscar.post(f"/portal/invitations/{number}/withdraw")
    assert browser(one, world.ada.account).get(f"/join/with/{token}").status_code == 410


def test_a_manager_cannot_withdraw_another_portals_invitation(world: World) -> None:
    one, two = portal(world, "one"), portal(world, "two")
    staff(one, world.oscar)
    invited(staff(two, world.rita))
    number = PortalInvitation.objects.get().pk
    answer = browser(one, world.oscar).post(f"/portal/invitations/{number}/withdraw")
    assert answer.status_code == 404
    assert PortalInvitation.objects.get().withdrawn_at is None


def test_an_excluded_account_runs_no_portal(world: World) -> None:
    one = portal(world, "one")
    staff(one, world.ben.account)
    Worker.objects.filter(pk=world.ben.pk).update(standing=Worker.Standing.EXPELLED)
    assert browser(one, world.ben.account).get("/portal").status_code == 404


# --- operators ------------------------------------------------------------------------------------

LOOK = {
    "name": "Northern Work",
    "slug": "north",
    "host": "north.example.org",
    "accent": "#1f5fae",
    "accent_dark": "#8fc0ff",
    "listed": "on",
    "about_de": "Ruhige Arbeit.",
}


def test_an_administrator_makes_a_portal_and_orders_its_steps(world: World) -> None:
    olga = browser(None, world.olga)
    there = olga.post("/operator/portals/new", LOOK).headers["Location"]
    made = Portal.objects.get()
    assert (made.gates, made.about) == (["email", "agreements"], {"de": "Ruhige Arbeit."})
    for what in ({"do": "add", "gate": "identity"}, {"do": "up:identity"}, {"do": "up:identity"}):
        olga.post(f"{there}/gates", what)
    assert Portal.objects.get().gates == ["identity", "email", "agreements"]
    olga.post(f"{there}/gates", {"do": "down:identity"})
    olga.post(f"{there}/gates", {"do": "drop:agreements"})
    olga.post(f"{there}/gates", {"do": "add", "gate": "blood:group"})
    assert Portal.objects.get().gates == ["email", "identity"]
    assert olga.get("/operator/portals").status_code == olga.get(there).status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"accent": "#8fc0ff"}, "its contrast is 1."),
        ({"accent_dark": "#1f5fae"}, "on dark pages"),
        ({"accent": "blue"}, "# and six digits"),
        ({"host": "https://north.example.org"}, "is no host name"),
        ({"host": "xn--nrth-5qa.example.org"}, "is no host name"),
        ({"host": "testserver.localhost:80"}, "is no host name"),
        ({"host": "one.example.org"}, "Another portal has"),
        ({"slug": "one"}, "Another portal has"),
        ({"slug": "Ü"}, "small letters, digits"),
    ],
)
def test_what_a_portal_cannot_be_is_said_beside_the_form(
    world: World, change: dict[str, str], sentence: str
) -> None:
    portal(world, "one")
    answer = browser(None, world.olga).post("/operator/portals/new", {**LOOK, **change})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Portal.objects.count() == 1


def test_a_portal_is_closed_and_opened_again_by_administrators_alone(world: World) -> None:
    one = portal(world, "one", world.ada)
    there = f"/operator/portals/{one.ref}"
    assert browser(None, world.rita).post(f"{there}/close").status_code == 403
    olga = browser(None, world.olga)
    olga.post(f"{there}/close")
    assert browser(one).get("/").status_code == 421
    olga.post(f"{there}/reopen")
    assert browser(one).get("/").status_code == 200
    assert PortalMember.objects.filter(left_at=None).count() == 1


def test_its_people_are_told_that_a_portal_closed(world: World) -> None:
    one = portal(world, "one", world.ada, world.ben)
    portal(world, "two", world.ben)
    leave(world.ben, one)
    browser(None, world.olga).post(f"/operator/portals/{one.ref}/close")
    told = Notice.objects.filter(kind="work.portal_closed")
    assert [(each.account, each.params["portal"]) for each in told] == [(world.ada.account, "One")]


def test_only_steps_that_people_can_take_here_are_offered(world: World, settings: Any) -> None:
    one = portal(world, "one")
    olga, there = browser(None, world.olga), f"/operator/portals/{one.ref}"
    page = olga.get(there).content.decode()
    never = ("profile:birth_date", "profile:accessibility", "consent:identity", "consent:health")
    for gate in ("phone", *never):
        assert f'value="{gate}"' not in page, gate
        olga.post(f"{there}/gates", {"do": "add", "gate": gate})
    assert Portal.objects.get().gates == []
    settings.PHONE_URL = "https://texts.example.org"
    assert 'value="phone"' in olga.get(there).content.decode()
    olga.post(f"{there}/gates", {"do": "add", "gate": "phone"})
    assert Portal.objects.get().gates == ["phone"]


def test_a_logo_that_is_too_heavy_is_told_its_own_size(world: World) -> None:
    one = portal(world, "one")
    logo = io.BytesIO(bytes(2_700_000))
    logo.name = "logo.png"
    answer = browser(None, world.olga).post(f"/operator/portals/{one.ref}/logo", {"logo": logo})
    assert answer.status_code == 422
    assert "This file has 2.7 MB; at most 2 MB" in answer.content.decode()
    assert bytes(Portal.objects.get().logo) == b""


def test_an_administrator_says_who_runs_a_portal(world: World) -> None:
    one = portal(world, "one")
    olga, there = browser(None, world.olga), f"/operator/portals/{one.ref}/staff"
    olga.post(there, {"email": world.oscar.email, "role": "manager"})
    assert PortalStaff.objects.get().account == world.oscar
    assert olga.post(there, {"email": "no@example.org", "role": "manager"}).status_code == 422
    oscar = browser(one, world.oscar)
    oscar.post("/portal/staff", {"ref": world.oscar.ref})
    assert PortalStaff.objects.count() == 1  # the last manager stays, as far as managers go
    olga.post(there, {"ref": world.oscar.ref})
    assert PortalStaff.objects.count() == 0
    assert Account.objects.filter(pk=world.oscar.pk).exists()
