"""Who must have a second factor is led to it first; what matters most asks again who it is."""

from typing import Any

import pytest
from django.test import Client

from fairhand.people.accounts import make_worker
from fairhand.people.factors import needs_second_factor
from fairhand.people.models import Account, Member, Organisation
from tests.signin.conftest import STEP, Clock, code_at, enter, give_app
from tests.signin.test_app_codes import second
from tests.world import World

TO_SETUP = "/account/second/"


@pytest.mark.parametrize(("who", "page"), [("olga", "/operator"), ("rita", "/requester")])
def test_operators_and_owners_are_led_to_a_second_factor(
    live: World, clock: Clock, who: str, page: str
) -> None:
    account: Account = getattr(live, who)
    client = enter(account)
    assert client.get(page)["Location"] == TO_SETUP
    assert b"takes a second factor" in client.get(TO_SETUP).content
    assert client.get("/account").status_code == 200
    give_app(account)
    for set_up in (TO_SETUP, "/account/second/codes/"):
        client.post("/accounts/again/", {"password": f"{who}'s long password"})
        assert f'href="{page}">Go on' in client.get(set_up).content.decode(), set_up
    assert client.get(page).status_code == 200
    assert b"Go on" not in client.get(TO_SETUP).content
    client = enter(account)
    assert second(client, code_at(STEP))
    assert client.get(page).status_code == 200


def test_members_need_one_where_their_organisation_says_so(live: World) -> None:
    vera = Account.objects.create_user("vera@example.org", "vera's long password", name="Vera")
    Member.objects.create(organisation=live.organisation, account=vera, role=Member.Role.VIEWER)
    assert not needs_second_factor(vera)
    assert enter(vera).get("/requester").status_code == 200
    Organisation.objects.filter(pk=live.organisation.pk).update(second_factor=True)
    assert needs_second_factor(vera)
    assert enter(vera).get("/requester")["Location"] == TO_SETUP


def test_workers_are_asked_for_none(live: World) -> None:
    assert enter(live.ada.account).get("/work").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(live: World) -> None:
    give_app(live.rita).delete()
    assert needs_second_factor(live.rita)


def test_a_demonstration_demands_nothing(world: World) -> None:
    assert enter(world.olga).get("/operator").status_code == 200


def test_the_last_demanded_factor_stays(live: World, clock: Clock) -> None:
    give_app(live.olga)
    client = enter(live.olga)
    second(client, code_at(STEP))
    client.post("/accounts/again/", {"password": "olga's long password"})
    refused = client.post("/account/second/app/remove/")
    assert b"Add a passkey first" in refused.content
    assert not needs_second_factor(live.olga)


@pytest.mark.parametrize(
    "page",
    [
        "/earnings/destination",
        "/account/passkeys/add/",
        "/account/second/app/",
        "/account/second/codes/new/",
    ],
)
def test_what_matters_most_asks_again_who_it_is(live: World, page: str) -> None:
    client = enter(live.ada.account)
    asked = client.get(page)
    assert asked["Location"].startswith("/accounts/again/")
    wrong = client.post(asked["Location"], {"password": "not ada's password"})
    assert wrong.status_code == 200
    assert client.get(page).status_code == 302
    right = client.post(asked["Location"], {"password": "ada's long password", "next": page})
    assert right["Location"] == page
    assert client.get(page).status_code == 200


def test_another_address_is_asked_for_only_after_proving_who_it_is(live: World) -> None:
    client = enter(live.ada.account)
    sent = {"action_add": "1", "email": "ada.new@example.org"}
    assert client.post("/accounts/email/", sent)["Location"].startswith("/accounts/again/")


def test_a_proof_holds_for_five_minutes(live: World, monkeypatch: Any) -> None:
    client = enter(live.ada.account)
    client.post("/accounts/again/", {"password": "ada's long password"})
    assert client.get("/earnings/destination").status_code == 200
    session = client.session
    records = session["account_authentication_methods"]
    for record in records:
        record["at"] -= 301
    session["account_authentication_methods"] = records
    session.save()
    assert client.get("/earnings/destination").status_code == 302


def test_a_proof_in_one_browser_counts_in_no_other(live: World) -> None:
    first, other = enter(live.ada.account), enter(live.ada.account)
    first.post("/accounts/again/", {"password": "ada's long password"})
    assert other.get("/earnings/destination").status_code == 302


def test_whoever_signs_up_needs_no_second_factor_to_work(
    live: World, settings: Any, client: Client
) -> None:
    worker = make_worker("wil@example.org", name="Wil", password="wil's long password")
    assert not needs_second_factor(worker.account)
    assert enter(worker.account, client=client).get("/work").status_code == 200
