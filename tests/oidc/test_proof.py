"""Whoever only comes from elsewhere is asked for something of theirs, too, before what matters."""

import pytest
from allauth.account.internal.flows import login
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from fairhand.kit.models import Installation
from fairhand.people.models import Account, SignInService
from tests.fakes.issuer import Issuer
from tests.oidc.coming import add, signed_in, visit
from tests.world import World

MATTERS = ["/earnings/destination", "/accounts/email/"]
SET_UP = ["/account/second/app/", "/account/passkeys/add/", "/accounts/password/set/"]


@pytest.fixture
def theirs(world: World, issuer: Issuer) -> SignInService:
    """A service whose people come to work, in an installation that is no demonstration."""
    made = add(world, issuer, member=False, domains=["birds.example"])
    Installation.objects.update(kind="live")
    return made


def come(client: Client, service: SignInService, issuer: Issuer) -> Account:
    visit(client, service, issuer)
    account = signed_in(client)
    assert account is not None
    return account


def wait_ten_minutes(client: Client) -> None:
    """Make what the session knows of signing in older."""
    session = client.session
    for record in session[login.AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= 600
    session.save()


@pytest.mark.parametrize("page", MATTERS)
def test_what_matters_waits_until_there_is_something_to_be_asked_for(
    theirs: SignInService, issuer: Issuer, client: Client, page: str
) -> None:
    account = come(client, theirs, issuer)
    sent = client.get(page, follow=True)
    assert sent.redirect_chain[0][0] == "/account/second/"
    assert "Set up a passkey" in sent.content.decode()
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    assert client.get(page)["Location"].startswith("/accounts/again/")


@pytest.mark.parametrize("page", SET_UP)
def test_it_is_set_up_only_by_who_has_just_come_from_there(
    theirs: SignInService, issuer: Issuer, client: Client, page: str
) -> None:
    come(client, theirs, issuer)
    assert client.get(page).status_code == 200
    wait_ten_minutes(client)
    for sent in (client.get(page), client.post(page, {"password1": "a fine long sentence"})):
        assert sent["Location"].startswith(f"/accounts/oidc/{theirs.app.provider_id}/login/?next=")
    visit(client, theirs, issuer)
    assert client.get(page).status_code == 200


def test_another_connection_is_made_only_by_who_has_just_come_from_there(
    theirs: SignInService, issuer: Issuer, client: Client
) -> None:
    come(client, theirs, issuer)
    wait_ten_minutes(client)
    door = f"/accounts/oidc/{theirs.app.provider_id}/login/"
    assert client.post(f"{door}?process=connect")["Location"].startswith(f"{door}?next=")


def test_whoever_has_a_password_is_asked_for_it_and_sent_nowhere(
    world: World, theirs: SignInService, client: Client
) -> None:
    values = {"login": world.ada.account.email, "password": "ada's long password"}
    client.post("/accounts/login/", values)
    assert client.get("/earnings/destination")["Location"].startswith("/accounts/again/")
