"""AU-5: passkeys, against a software authenticator that can also lie."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from fairhand.people.models import Account, Event, Notice
from tests.signin.authenticator import Passkey
from tests.signin.conftest import enter, is_in, password_of
from tests.world import World

ADD, ALONE = "/account/passkeys/add/", "/accounts/passkey/"
HOST: dict[str, Any] = {"SERVER_NAME": "localhost"}


def asked_on(client: Client, page: str) -> dict[str, Any]:
    """What a page hands to the browser's own passkey dialog."""
    body = client.get(page).content.decode()
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', body)
    assert found is not None, body[:500]
    options: dict[str, Any] = next(iter(json.loads(found[1]).values()))["publicKey"]
    return options


def register(account: Account, passkey: Passkey) -> Any:
    client = enter(account, **HOST)
    client.post("/accounts/again/", {"password": password_of(account)})
    credential = passkey.make(asked_on(client, ADD))
    values = {"name": "phone", "passwordless": "on", "credential": credential}
    return client.post(ADD, values)


def asked_alone(client: Client) -> dict[str, Any]:
    answer = client.get(ALONE, headers={"accept": "application/json"})
    options: dict[str, Any] = answer.json()["request_options"]["publicKey"]
    return options


def alone(passkey: Passkey, **more: Any) -> Client:
    """Sign in with nothing but a passkey."""
    client = Client(headers={"accept-language": "en"}, **HOST)
    client.post(ALONE, {"credential": passkey.sign(asked_alone(client), **more)})
    return client


@pytest.fixture
def passkey(live: World) -> Passkey:
    made = Passkey()
    assert register(live.oscar, made).status_code == 302
    return made


def test_a_passkey_signs_in_alone(live: World, passkey: Passkey) -> None:
    client = alone(passkey)
    assert client.get("/account").status_code == 200
    assert live.oscar.email.encode() in client.get("/account").content
    assert Event.objects.filter(action="factor.added", account=live.oscar.ref).count() == 1
    assert Notice.objects.filter(account=live.oscar, kind="security.second_factor_added").exists()


def test_a_passkey_is_a_second_factor_too(live: World, passkey: Passkey) -> None:
    client = enter(live.oscar, **HOST)
    assert not is_in(client)
    credential = passkey.sign(asked_on(client, "/accounts/second/"))
    client.post("/accounts/second/", {"credential": credential})
    assert is_in(client)


@pytest.mark.parametrize(
    "origin", ["https://fairhand.example.net", "http://localhost.evil.example", "http://127.0.0.1"]
)
def test_an_answer_for_another_place_is_refused(live: World, passkey: Passkey, origin: str) -> None:
    passkey.origin = origin
    assert not is_in(alone(passkey))
    passkey.origin = "http://localhost"
    assert is_in(alone(passkey))


def test_a_passkey_made_for_another_place_is_not_kept(live: World) -> None:
    register(live.oscar, Passkey(origin="https://fairhand.example.net"))
    register(live.oscar, Passkey(rp="example.net"))
    assert not Authenticator.objects.filter(user=live.oscar).exists()


def test_an_answer_works_once(live: World, passkey: Passkey) -> None:
    client = Client(**HOST)
    credential = passkey.sign(asked_alone(client))
    client.post(ALONE, {"credential": credential})
    assert is_in(client)
    client.post("/accounts/logout/")
    asked_alone(client)
    client.post(ALONE, {"credential": credential})
    assert not is_in(client)
    assert not is_in(_posting(credential))


def _posting(credential: str) -> Client:
    """Another browser with an answer that was overheard."""
    client = Client(**HOST)
    asked_alone(client)
    client.post(ALONE, {"credential": credential})
    return client


def test_a_counter_that_goes_back_is_a_copy(live: World) -> None:
    made = Passkey(counter=5)
    register(live.oscar, made)
    assert is_in(alone(made, count=6))
    assert not is_in(alone(made, count=6))
    assert not is_in(alone(made, count=4))
    assert not is_in(alone(made, count=0))
    assert is_in(alone(made, count=7))


def test_the_key_of_another_account_opens_nothing(live: World, passkey: Passkey) -> None:
    other = Passkey()
    register(live.rita, other)
    passkey.user = other.user
    assert not is_in(alone(passkey))


def test_a_signature_of_another_key_is_refused(live: World, passkey: Passkey) -> None:
    passkey.key = Passkey().key
    assert not is_in(alone(passkey))


@pytest.mark.parametrize(
    "nonsense", ["", "{", "[]", "null", "1", '"x"', "{}", '{"response": 1}', '{"id": "", "a": []}']
)
def test_what_is_no_answer_is_refused_calmly(live: World, nonsense: str) -> None:
    client = Client(**HOST)
    asked_alone(client)
    assert client.post(ALONE, {"credential": nonsense}).status_code == 302
    signed = enter(live.oscar, **HOST)
    signed.post("/accounts/again/", {"password": password_of(live.oscar)})
    asked_on(signed, ADD)
    assert signed.post(ADD, {"name": "x", "credential": nonsense}).status_code == 200
    assert not is_in(client)


def test_passkeys_are_renamed_and_removed_by_their_owner_alone(
    live: World, passkey: Passkey
) -> None:
    key = Authenticator.objects.get(user=live.oscar, type="webauthn")
    client = alone(passkey)
    client.post("/accounts/again/", {"password": password_of(live.oscar)})
    client.post(f"/account/passkeys/{key.pk}/name/", {"name": "old phone"})
    assert b"old phone" in client.get("/account/passkeys/").content
    stranger = enter(live.ada.account, **HOST)
    stranger.post("/accounts/again/", {"password": password_of(live.ada.account)})
    assert stranger.post(f"/account/passkeys/{key.pk}/remove/").status_code == 404
    assert stranger.post(f"/account/passkeys/{key.pk}/name/", {"name": "x"}).status_code == 404
    Authenticator.objects.filter(user=live.oscar, type="recovery_codes").delete()
    client.post(f"/account/passkeys/{key.pk}/remove/")
    # Oscar owns an organisation, so the last second factor stays.
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_passkeys_are_offered_only_where_browsers_allow_them(live: World) -> None:
    english = {"accept-language": "en"}
    offered = b"Sign in with a passkey"
    assert offered in Client(headers=english, **HOST).get("/accounts/login/").content
    number = Client(headers=english, SERVER_NAME="127.0.0.1")
    assert offered not in number.get("/accounts/login/").content
