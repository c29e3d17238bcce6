"""Who hears no, and that nothing came of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fairhand.kit.models import Installation
from fairhand.people.links import make_link
from fairhand.people.models import Account, SignInLink
from tests.signin.conftest import mail_to
from tests.web.conftest import SignIn
from tests.web.scene import Scene
from tests.web.test_pages import OPERATOR, REQUESTER, WORKER, address
from tests.world import World, count, state_of_money

CHANGES = [
    "/requester/batches/{open}/pause",
    "/requester/batches/{open}/close",
    "/requester/batches/{draft}/open",
    "/requester/batches/{draft}/upload",
    "/requester/batches/{review}/accept",
    "/requester/batches/{done}/compute",
]
OPERATIONS = [
    "/operator/payouts/prepare",
    "/operator/payouts/{run}/send",
    "/operator/payouts/{run}/confirm",
    "/operator/payouts/{run}/cancel",
]


def test_who_is_signed_out_is_sent_to_sign_in(scene: Scene) -> None:
    client = Client()
    for template in WORKER + REQUESTER + OPERATOR + ["/account"]:
        response = client.get(address(template, scene))
        assert response.status_code == 302, template
        assert response["Location"].startswith("/accounts/login/?next=/"), template


def test_each_role_is_kept_out_of_the_others_pages(scene: Scene, signed: SignIn) -> None:
    world = scene.world
    for account, pages in (
        (world.rita, WORKER + OPERATOR),
        (world.ada.account, REQUESTER + OPERATOR),
        (world.olga, WORKER + REQUESTER),
    ):
        client = signed(account)
        for template in pages:
            response = client.get(address(template, scene))
            assert response.status_code == 403, f"{account.name}: {template}"
            assert b"This page is for" in response.content


def test_another_organisations_batch_is_as_one_that_never_was(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.oscar)
    for template in REQUESTER[2:]:
        there = client.get(address(template, scene))
        never = client.get("/requester/batches/bat_0000000000000000")
        assert there.status_code == never.status_code == 404, template
        assert b"no such thing" in there.content


def test_changes_by_strangers_change_nothing(scene: Scene, signed: SignIn) -> None:
    before = state_of_money()
    client = signed(scene.world.oscar)
    for template in CHANGES:
        assert client.post(address(template, scene)).status_code == 404, template
    client = signed(scene.world.rita)
    for template in OPERATIONS:
        assert client.post(address(template, scene)).status_code == 403, template
    assert state_of_money() == before


def test_a_viewer_may_look_and_not_touch(scene: Scene, signed: SignIn) -> None:
    scene.world.organisation.members.create(account=scene.world.olga, role="viewer")
    client = signed(scene.world.olga)
    page = client.get(address("/requester/batches/{draft}", scene))
    assert page.status_code == 200
    assert b"Open the batch" not in page.content
    assert client.get("/requester/new").status_code == 403
    before = state_of_money()
    for template in CHANGES:
        response = client.post(address(template, scene))
        assert response.status_code == 403, template
        assert b"ask its owner" in response.content
    assert state_of_money() == before


def test_addresses_that_change_something_take_no_visits(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    scene.world.organisation.members.create(account=scene.world.olga, role="owner")
    for template in CHANGES + OPERATIONS:
        response = client.get(address(template, scene))
        assert response.status_code == 405, template
        assert response["Allow"] == "POST"
        assert b"To the start page" in response.content


def test_forms_of_other_sites_are_refused(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.world.rita, "allauth.account.auth_backends.AuthenticationBackend")
    response = client.post(address("/requester/batches/{open}/close", scene))
    assert response.status_code == 403
    scene.open.refresh_from_db()
    assert scene.open.state == "open"


def test_a_link_signs_in_once_and_only_by_its_button(world: World) -> None:
    token = make_link(world.ada.account)
    client = Client()
    for _ in range(3):  # browsers and scanners fetch ahead
        assert client.get(f"/enter/{token}").status_code == 200
    assert "_auth_user_id" not in client.session
    response = client.post(f"/enter/{token}", follow=True)
    assert response.redirect_chain[-1][0] == "/work"
    again = Client().post(f"/enter/{token}")
    assert again.status_code == 410
    assert b"used or is too old" in again.content


def test_a_link_works_only_on_its_own_machine(world: World) -> None:
    token = make_link(world.ada.account)
    client = Client()
    for elsewhere in (
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    ):
        assert client.post(f"/enter/{token}", **elsewhere).status_code == 403  # type: ignore[arg-type]
    assert SignInLink.objects.filter(used_at=None).count() == 1


def test_a_live_installation_has_no_links(world: World) -> None:
    token = make_link(world.ada.account)
    Installation.objects.update(kind="live")
    client = Client()
    assert client.get(f"/enter/{token}").status_code == 404
    assert client.post(f"/enter/{token}").status_code == 404


def test_home_leads_each_role_to_its_work(scene: Scene, signed: SignIn) -> None:
    world = scene.world
    stranger = Account.objects.create_user("nemo@example.org", "nemo's long password")
    for account, place in (
        (world.ada.account, "/work"),
        (world.rita, "/requester"),
        (world.olga, "/operator"),
    ):
        assert signed(account).get("/")["Location"] == place
    assert b"would you like to do" in signed(stranger).get("/").content


@pytest.mark.django_db
def test_nobody_signs_up_where_the_operator_did_not_say_so() -> None:
    before = count("people_account")
    response = Client().post(
        "/accounts/signup/", {"email": "eve@example.org", "password1": "a long sentence of eve"}
    )
    assert b"made by the operator" in response.content
    assert count("people_account") == before


@pytest.mark.django_db
def test_who_signs_up_comes_to_work(settings: object) -> None:
    settings.OPEN_SIGNUP = True  # type: ignore[attr-defined]
    client = Client(headers={"accept-language": "de"})
    values = {"email": "eve@example.org", "password1": "ein langer satz von eve"}
    response = client.post("/accounts/signup/", values, follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/code/"
    code = re.search(r"\b[B-Z]{4}-[B-Z]{4}\b", mail_to("eve@example.org"))
    assert code is not None
    response = client.post("/accounts/code/", {"code": code[0]}, follow=True)
    assert response.redirect_chain[-1][0] == "/work"
    eve = Account.objects.get(email="eve@example.org")
    assert eve.language == "de"
    assert eve.worker.ref.startswith("wrk_")


def test_signing_in_brings_ones_own_language(world: World) -> None:
    Account.objects.filter(pk=world.rita.pk).update(language="it")
    client = Client(headers={"accept-language": "de"})
    values = {"login": world.rita.email, "password": "rita's long password"}
    response = client.post("/accounts/login/", values)
    assert response.status_code == 302
    assert client.cookies["fairhand-language"].value == "it"


def test_a_chosen_language_is_remembered(world: World, signed: SignIn) -> None:
    client = signed(world.rita)
    response = client.post("/language", {"language": "es", "next": "/account"})
    assert response["Location"] == "/account"
    world.rita.refresh_from_db()
    assert world.rita.language == "es"
    assert b'<html lang="es"' in client.get("/account").content
    away = client.post("/language", {"language": "es", "next": "https://elsewhere.example/"})
    assert away["Location"] == "/"


def test_an_account_keeps_its_name_and_language(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    client.post("/account", {"name": "Ada L.", "language": "de"})
    world.ada.account.refresh_from_db()
    assert (world.ada.account.name, world.ada.account.language) == ("Ada L.", "de")
    refused = client.post("/account", {"name": "x" * 121, "language": "de"})
    assert b"aria-invalid" in refused.content


def test_a_suspended_worker_reads_so_on_their_account_page(world: World, signed: SignIn) -> None:
    until = timezone.now() + timedelta(days=1)
    mine = type(world.ada).objects.filter(pk=world.ada.pk)
    mine.update(standing="suspended", suspended_until=until)
    assert b"Your account is suspended" in signed(world.ada.account).get("/account").content
