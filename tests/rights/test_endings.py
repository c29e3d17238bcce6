"""AZ-6, SE-2: however somebody's place ends, every way in that hung on it ends in the same moment."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.people.access import permissions_in
from fairhand.people.accounts import change_password
from fairhand.people.keys import authenticate, digest_of, issue_key, rotate_key
from fairhand.people.membership import (
    change_role,
    end_membership,
    invite,
    is_open,
    join,
    transfer,
)
from fairhand.people.models import Account, ApiKey, Approval, Invitation, Member, Session, Worker
from fairhand.people.orphans import orphans
from fairhand.people.standing import reopen_standing, sign_out_everywhere
from fairhand.work.standing import expel
from tests.oidc.test_to_elsewhere import allow, ask, exchange, site
from tests.rights.conftest import Cast, fingerprint
from tests.web.conftest import BACKEND

__all__ = ["site"]

ENDINGS: dict[str, Callable[[Cast, Account], Any]] = {
    "leaves": lambda cast, who: end_membership(who, cast.ours.organisation, who),
    "is removed": lambda cast, who: end_membership(cast.world.rita, cast.ours.organisation, who),
    "is made a viewer": lambda cast, who: change_role(
        cast.world.rita, cast.ours.organisation, who, "viewer"
    ),
    "hands over and leaves": lambda cast, who: (
        change_role(cast.world.rita, cast.ours.organisation, who, "owner")
        and transfer(who, cast.ours.organisation, cast.accounts["reviewer"])
        and end_membership(who, cast.ours.organisation, who)
    ),
    "account is excluded": lambda cast, who: expel(who, cast.world.olga, "why"),
    "worker and member is excluded": lambda cast, who: (
        Worker.objects.create(account=who) and expel(who, cast.world.olga, "why")
    ),
}
PAGES = {
    "team": ("GET", "/requester/team/{org}"),
    "keys": ("GET", "/requester/team/{org}/keys"),
    "invite": ("POST", "/requester/team/{org}/invite"),
    "leave an open page's form": ("POST", "/requester/team/{org}/members/{member}/role"),
    "batch": ("GET", "/requester/batches/{batch}"),
    "open": ("POST", "/requester/batches/{batch}/open"),
    "upload": ("POST", "/requester/batches/{batch}/upload"),
    "download": ("GET", "/requester/batches/{batch}/download/answers.csv"),
}
PARAMS = {"name": "Owls", "micros": 5, "currency": "EUR", "reference": "1"}
EXCLUDED = {"account is excluded", "worker and member is excluded"}
STILL_SEES = {"team", "batch"}  # what a viewer's role opens


@pytest.fixture
def manager(cast: Cast) -> tuple[Account, Client]:
    """A manager who has used everything that managers use."""
    account, client = cast.accounts["manager"], cast.clients["manager"]
    for method, address in PAGES.values():
        if method == "GET":
            assert client.get(here(cast, address)).status_code == 200
    return account, client


def here(cast: Cast, address: str) -> str:
    return address.format(
        org=cast.ours.organisation.ref,
        batch=cast.ours.batch.ref,
        member=cast.accounts["viewer"].ref,
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", PAGES)
def test_no_open_page_works_on(
    cast: Cast, manager: tuple[Account, Client], ending: str, name: str
) -> None:
    account, client = manager
    assert ENDINGS[ending](cast, account)
    method, address = PAGES[name]
    before = fingerprint()
    answer = client.generic(method, here(cast, address), "role=billing", "text/plain")
    if ending == "is made a viewer" and name in STILL_SEES:
        assert answer.status_code == 200
        assert b"Invite somebody" not in answer.content
    elif ending in EXCLUDED:
        assert answer.status_code == 302
        assert "login" in answer["Location"]
    else:
        assert answer.status_code == 403
    assert fingerprint() == before


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_key_opens_what_its_member_may_not(
    cast: Cast, manager: tuple[Account, Client], ending: str
) -> None:
    account, _ = manager
    scopes = ["projects:read", "projects:write", "results:read", "money:read"]
    old, first = issue_key(account, name="k", scopes=scopes, organisation=cast.ours.organisation)
    _, second = rotate_key(old, account)
    assert ENDINGS[ending](cast, account)
    for secret in (first, second):
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        writes = client.post(f"/api/v1/batches/{cast.ours.batch.ref}/open")
        assert writes.status_code == (403 if ending == "is made a viewer" else 401)
        assert client.get("/api/v1/balance").status_code == writes.status_code
        assert (authenticate(secret) is None) is (ending != "is made a viewer")
    if ending != "is made a viewer":
        assert not ApiKey.objects.filter(account=account).exists()
    assert orphans() == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_link_of_theirs_lets_anybody_in(
    cast: Cast, manager: tuple[Account, Client], ending: str
) -> None:
    account, _ = manager
    _, token = invite(account, cast.ours.organisation, "viewer")
    assert is_open(digest_of(token))
    assert ENDINGS[ending](cast, account)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        join(cast.world.oscar, token)
    assert refused.value.refusal.code == "invitation_withdrawn"
    assert fingerprint() == before


@pytest.mark.parametrize("ending", ["leaves", "is removed"])
def test_sessions_are_the_persons_and_stay(
    cast: Cast, manager: tuple[Account, Client], ending: str
) -> None:
    account, client = manager
    assert ENDINGS[ending](cast, account)
    assert Session.objects.filter(account=account).exists()
    assert client.get("/account").status_code == 200
    assert permissions_in(account, cast.ours.organisation) == frozenset()


@pytest.mark.parametrize("name", PAGES)
def test_an_excluded_worker_who_signs_in_again_is_no_member_meanwhile(
    cast: Cast, manager: tuple[Account, Client], name: str
) -> None:
    """They read why and contest it; for their organisation they do nothing until they are back."""
    account, client = manager
    assert ENDINGS["worker and member is excluded"](cast, account)
    client.force_login(account, backend=BACKEND)
    method, address = PAGES[name]
    before = fingerprint()
    answer = client.generic(method, here(cast, address), "role=billing", "text/plain")
    assert answer.status_code == 403
    assert "Decisions about you" in answer.content.decode()
    assert fingerprint() == before
    assert client.get("/account/trail").status_code == 200
    assert client.get("/earnings").status_code == 200
    assert reopen_standing(account, cast.world.olga, "a mistake")
    if method == "GET":
        assert client.get(here(cast, address)).status_code == 200


def test_nobody_who_is_excluded_joins_an_organisation(cast: Cast) -> None:
    _, token = invite(cast.accounts["owner"], cast.ours.organisation, "viewer")
    assert expel(cast.world.ada.account, cast.world.olga, "why")
    with pytest.raises(Refused) as refused:
        join(cast.world.ada.account, token)
    assert refused.value.refusal.code == "excluded"


@pytest.mark.parametrize(
    "end",
    [
        lambda who, by: change_password(who, "another long password here"),
        sign_out_everywhere,
        lambda who, by: expel(who, by, "why"),
    ],
)
def test_what_another_site_holds_ends_with_the_sessions(
    cast: Cast, site: tuple[Any, str], end: Callable[[Account, Account], Any]
) -> None:
    account, client = cast.world.ada.account, cast.clients["worker"]
    told = exchange(*site, allow(client, ask(client, site[0]))["code"]).json()
    code = allow(client, ask(client, site[0]))["code"]
    end(account, cast.world.olga)
    bearer = Client(headers={"Authorization": f"Bearer {told['access_token']}"})
    assert bearer.get("/identity/o/api/userinfo").status_code == 401
    assert exchange(*site, code).status_code == 400


def kinds() -> set[str]:
    return {each.what for each in orphans()}


def test_the_standing_check_finds_what_was_put_past_the_verbs(cast: Cast) -> None:
    """It must be able to fail: each kind of orphan is made by hand and found."""
    assert orphans() == []
    _, token = invite(cast.accounts["manager"], cast.ours.organisation, "viewer")
    Member.objects.filter(account=cast.accounts["manager"]).update(role="billing")
    assert kinds() == {"invitation beyond a right"}
    assert is_open(digest_of(token))
    Invitation.objects.filter(invited_by=cast.accounts["manager"]).delete()
    key, _ = issue_key(
        cast.accounts["owner"], name="k", scopes=[], organisation=cast.ours.organisation
    )
    ApiKey.objects.filter(pk=key.pk).update(replaced_by=cast.ours.key)
    assert [each.number for each in orphans()] == [key.pk]
    key.delete()
    SocialAccount.objects.create(user=cast.world.oscar, provider="gone", uid="1")
    assert kinds() == {"sign-in of a removed service"}
    SocialAccount.objects.all().delete()
    Member.objects.filter(organisation=cast.ours.organisation, role="owner").update(role="viewer")
    assert kinds() >= {"organisation without an owner"}


def test_the_standing_check_finds_what_closed_accounts_and_former_operators_left(
    cast: Cast, site: tuple[Any, str]
) -> None:
    account, client = cast.accounts["designer"], cast.clients["designer"]
    exchange(*site, allow(client, ask(client, site[0]))["code"])
    Account.objects.filter(pk=account.pk).update(is_active=False)
    of_closed = {f"{what} of a closed account" for what in ("key", "session")}
    assert kinds() == of_closed | {"token of a closed account"}
    Account.objects.filter(pk=account.pk).update(is_active=True)
    Worker.objects.create(account=account, standing="expelled")
    assert kinds() == {"key of a closed account"}
    Worker.objects.filter(account=account).update(standing="active")
    facts = {"kind": "deposit", "subject": "bank/1", "asked_why": "?", "params": PARAMS}
    until = timezone.now() + timedelta(days=1)
    Approval.objects.create(asked_by=cast.world.oscar, expires_at=until, **facts)
    assert kinds() == {"approval asked by no operator"}
    page = cast.clients["operator"].get("/operator").content.decode()
    assert "1 right stands that should have ended" in page
    assert "somebody who is no operator" in page


def test_an_organisation_whose_only_owner_was_excluded_is_found(cast: Cast) -> None:
    assert expel(cast.world.oscar, cast.world.olga, "why")
    assert kinds() == {"organisation without an owner"}


def test_the_database_ends_a_key_with_its_member_whoever_deletes_the_row(cast: Cast) -> None:
    """Not even a verb that forgets the keys leaves one behind."""
    account = cast.accounts["designer"]
    assert ApiKey.objects.filter(account=account).exists()
    Member.objects.filter(account=account).delete()
    assert not ApiKey.objects.filter(account=account).exists()
