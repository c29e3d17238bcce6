"""What is dangerous asks again who one is, in an installation that is no demonstration."""

import pytest
from django.test import Client
from django.urls import reverse

from fairhand.people.models import Account
from tests.people.every_action import BACKEND
from tests.signin.conftest import STEP, Clock, clock, code_at, enter, give_app, live
from tests.world import World

__all__ = ["clock", "live"]
AGAIN = "/accounts/again/"
# Whoever opens them, by the names of their routes, with what stands in their addresses.
LOOKS = {"payer": (), "operators": (), "sign-in-services": ()}
OPERATORS = {
    **LOOKS,
    "prepare": (),
    "run-step": ("run_1", "send"),
    "bounce": ("run_1", 1),
    "decide": ("apr_1",),
    "add-site": (),
    "drop-site": ("1",),
    "drop-service": ("sis_1",),
}
OWNERS = {
    "team-invite": (),
    "team-second-factor": (),
    "team-role": ("acc_1",),
    "team-transfer": ("acc_1",),
}


def proven_once(account: Account) -> Client:
    """Signed in with both factors; that is no proof of who sits there now."""
    give_app(account)
    client = enter(account)
    client.post("/accounts/second/", {"code": code_at(STEP)})
    return client


def asks_again(client: Client, method: str, address: str) -> bool:
    answer = client.generic(method, address)
    return answer.status_code == 302 and "/again/" in answer.headers["Location"]


def test_what_operators_do_with_money_and_rights_asks_again_who_it_is(
    live: World, clock: Clock
) -> None:
    client = proven_once(live.olga)
    for name, args in OPERATORS.items():
        assert asks_again(client, "POST", reverse(name, args=args)), name
    for name in LOOKS:
        assert asks_again(client, "GET", reverse(name)), name
    client.post(AGAIN, {"password": "olga's long password"})
    for name in LOOKS:
        assert client.get(reverse(name)).status_code == 200, name


def test_what_owners_do_with_rights_asks_again_who_it_is(live: World, clock: Clock) -> None:
    client = proven_once(live.rita)
    for name, args in OWNERS.items():
        address = reverse(name, args=(live.organisation.ref, *args))
        assert asks_again(client, "POST", address), name


def test_a_form_is_taken_once_who_sent_it_has_proven_who_they_are(
    live: World, clock: Clock
) -> None:
    client = proven_once(live.rita)
    address = reverse("team-invite", args=(live.organisation.ref,))
    asked = client.post(address, {"role": "viewer"})
    assert not live.organisation.invitations.exists()
    client.post(asked.headers["Location"], {"password": "rita's long password"})
    assert live.organisation.invitations.count() == 1


@pytest.mark.parametrize("name", LOOKS)
def test_a_demonstration_does_not_ask(world: World, client: Client, name: str) -> None:
    client.force_login(world.olga, backend=BACKEND)
    assert client.get(reverse(name)).status_code == 200
