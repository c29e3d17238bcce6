"""A portal's own site knows people by their account here, and no more than they allow."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.idp.oidc.models import Client as Site
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client
from django.utils import timezone

from fairhand.people import oidc
from fairhand.people.expired import forget_what_expired
from fairhand.people.models import Account, SigningKey
from tests.signin.test_app_codes import at_once
from tests.web.conftest import BACKEND
from tests.world import World

BACK = "https://portal.example/back"
VERIFIER = "v" * 43


@pytest.fixture
def site(world: World) -> tuple[Site, str]:
    return oidc.add_client(world.olga, "Portal", [BACK])


def ask(client: Client, site: Site, **changed: str) -> Any:
    """Come from the portal's site, as its browser sends one here."""
    wanted = {
        "client_id": site.pk,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid email profile",
        "state": "s1",
        "nonce": "n1",
        **changed,
    }
    return client.get("/identity/o/authorize", wanted)


def allow(client: Client, page: Any, **changed: Any) -> dict[str, str]:
    """Agree on the page; what the browser takes back."""
    found = re.search(r'name="request" value="([^"]+)"', page.content.decode())
    assert found
    given = {"request": found[1], "scopes": ["openid", "email", "profile"], "action": "grant"}
    done = client.post("/identity/o/authorize", given | changed)
    assert done["Location"].startswith(f"{BACK}?")
    return {name: v[0] for name, v in parse_qs(urlsplit(done["Location"]).query).items()}


def exchange(site: Site, secret: str, code: str, **changed: str) -> Any:
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": site.pk,
        "client_secret": secret,
    }
    return Client().post("/identity/o/api/token", given | changed)


@pytest.fixture
def ada(world: World) -> Client:
    client = Client()
    client.force_login(world.ada.account, backend=BACKEND)
    return client


def test_the_site_learns_who_somebody_is_signed_with_a_published_key(
    world: World, site: tuple[Site, str], ada: Client
) -> None:
    brought = allow(ada, ask(ada, site[0]))
    assert brought["state"] == "s1"
    told = exchange(*site, brought["code"]).json()
    keys = jwt.PyJWKSet.from_dict(Client().get("/.well-known/jwks.json").json())
    kid = jwt.get_unverified_header(told["id_token"])["kid"]
    claims = jwt.decode(
        told["id_token"],
        keys[kid].key,
        ["RS256"],
        audience=site[0].pk,
        issuer=settings.BASE_URL,
    )
    assert (claims["sub"], claims["nonce"]) == (world.ada.account.ref, "n1")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    info = Client(headers=bearer).get("/identity/o/api/userinfo").json()
    assert info["email"] == world.ada.account.email
    assert info["name"] == "Ada"


def test_who_is_signed_out_signs_in_first(site: tuple[Site, str]) -> None:
    answer = ask(Client(), site[0])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")


def test_only_what_was_allowed_is_told(site: tuple[Site, str], ada: Client) -> None:
    brought = allow(ada, ask(ada, site[0]), scopes=["openid"])
    told = exchange(*site, brought["code"]).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    info = Client(headers=bearer).get("/identity/o/api/userinfo").json()
    assert set(info) == {"sub"}


def test_who_says_no_is_sent_back_without_a_code(site: tuple[Site, str], ada: Client) -> None:
    brought = allow(ada, ask(ada, site[0]), action="cancel")
    assert brought == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": BACK + "/more"},
        {"client_id": "nobody"},
    ],
)
def test_a_site_that_is_not_known_is_told_nothing_and_nobody_is_sent_there(
    site: tuple[Site, str], ada: Client, changed: dict[str, str]
) -> None:
    answer = ask(ada, site[0], **changed)
    assert "Location" not in answer.headers
    assert "wrong way" in answer.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"client_secret": "guessed"},
        {"redirect_uri": "https://evil.example/back"},
        {"code": "guessed"},
    ],
)
def test_a_code_serves_only_whom_it_was_given_to(
    site: tuple[Site, str], ada: Client, changed: dict[str, str]
) -> None:
    brought = allow(ada, ask(ada, site[0]))
    answer = exchange(*site, **({"code": brought["code"]} | changed))
    assert answer.status_code in {400, 401}
    assert "id_token" not in answer.json()


def test_a_code_serves_once(site: tuple[Site, str], ada: Client) -> None:
    brought = allow(ada, ask(ada, site[0]))
    assert exchange(*site, brought["code"]).status_code == 200
    assert exchange(*site, brought["code"]).status_code == 400


def test_fifty_uses_of_one_code_at_once_give_one_token(committed_world: World) -> None:
    site = oidc.add_client(committed_world.olga, "Portal", [BACK])
    client = Client()
    client.force_login(committed_world.ada.account, backend=BACKEND)
    code = allow(client, ask(client, site[0]))["code"]
    answers = at_once(50, lambda _n: exchange(*site, code).status_code)
    assert len(answers) == 50
    assert answers.count(200) == 1
    assert set(answers) <= {200, 400, 429}
    assert Token.objects.count() == 1


def test_nothing_is_given_that_renews_itself(site: tuple[Site, str], ada: Client) -> None:
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    assert set(told) == {"access_token", "expires_in", "id_token", "scope", "token_type"}
    assert not Token.objects.filter(type=Token.Type.REFRESH_TOKEN).exists()
    given = {"grant_type": "refresh_token", "refresh_token": told["access_token"]}
    assert exchange(*site, "", **given).status_code in {400, 401}


def test_what_a_site_holds_ends_with_what_it_was_given_for(
    world: World, site: tuple[Site, str], ada: Client
) -> None:
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    code = allow(ada, ask(ada, site[0]))["code"]
    assert oidc.end_tokens(world.ada.account) == 2
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert Client(headers=bearer).get("/identity/o/api/userinfo").status_code == 401
    assert exchange(*site, code).status_code == 400


def test_a_closed_account_is_told_of_to_nobody(
    world: World, site: tuple[Site, str], ada: Client
) -> None:
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    code = allow(ada, ask(ada, site[0]))["code"]
    Account.objects.filter(pk=world.ada.account.pk).update(is_active=False)
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert Client(headers=bearer).get("/identity/o/api/userinfo").status_code == 401
    assert exchange(*site, code).status_code == 400


def test_codes_and_tokens_that_are_over_are_forgotten(site: tuple[Site, str], ada: Client) -> None:
    exchange(*site, allow(ada, ask(ada, site[0]))["code"])
    allow(ada, ask(ada, site[0]))
    assert forget_what_expired() == 0
    Token.objects.update(expires_at=timezone.now())
    assert forget_what_expired() == 2
    assert not Token.objects.exists()


def test_another_sites_form_cannot_agree_for_somebody(site: tuple[Site, str], ada: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.cookies
    page = ask(strict, site[0])
    found = re.search(r'name="request" value="([^"]+)"', page.content.decode())
    assert found
    given = {"request": found[1], "scopes": ["openid"], "action": "grant"}
    assert strict.post("/identity/o/authorize", given).status_code == 403


def test_another_sites_form_signs_nobody_out(world: World, ada: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.cookies
    asked = strict.post("/identity/o/logout", {"action": "logout"})
    assert "Sign out here too?" in asked.content.decode()
    assert strict.get("/account").status_code == 200


def test_a_removed_site_and_its_tokens_are_worth_nothing(
    world: World, site: tuple[Site, str], ada: Client
) -> None:
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    oidc.remove_client(world.olga, site[0])
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert Client(headers=bearer).get("/identity/o/api/userinfo").status_code == 401


def test_a_new_key_signs_while_what_the_former_signed_still_holds(
    site: tuple[Site, str], ada: Client
) -> None:
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    former = jwt.get_unverified_header(told["id_token"])["kid"]
    oidc.rotate_signing_key()
    told = exchange(*site, allow(ada, ask(ada, site[0]))["code"]).json()
    newer = jwt.get_unverified_header(told["id_token"])["kid"]
    published = {key["kid"] for key in Client().get("/.well-known/jwks.json").json()["keys"]}
    assert former != newer
    assert published == {former, newer}


def test_private_keys_are_not_readable_in_the_database(db: None) -> None:
    assert oidc.signing_keys()[0].pem.startswith("-----BEGIN PRIVATE KEY-----")
    assert "PRIVATE KEY" not in SigningKey.objects.get().sealed


def test_the_description_promises_only_what_there_is(db: None) -> None:
    described = Client().get("/.well-known/openid-configuration").json()
    assert described["issuer"] == settings.BASE_URL
    assert described["response_types_supported"] == ["code"]
    assert described["grant_types_supported"] == ["authorization_code"]
    assert not any("device" in name for name in described)
    assert Client().post("/identity/o/api/device/code").status_code == 400
