"""API keys: shown once, kept as a digest, each with its scopes."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fairhand.kit.decision import Refused
from fairhand.kit.models import Installation
from fairhand.people.keys import (
    authenticate,
    digest_of,
    issue_key,
    revoke_key,
    role_behind,
    rotate_key,
)
from fairhand.people.models import Account, ApiKey, Event, Member, Notice, Worker
from tests.world import World, count, rows


def test_the_database_does_not_hold_the_secret(world: World) -> None:
    _, secret = issue_key(world.rita, name="etl", scopes=["projects:read"])
    stored = str(rows("select * from people_apikey"))
    assert secret not in stored
    assert secret[3:] not in stored
    assert digest_of(secret) in stored


def test_a_key_is_recognised_with_its_account_and_organisation(world: World) -> None:
    key, secret = issue_key(
        world.rita, name="etl", scopes=["results:read"], organisation=world.organisation
    )
    found = authenticate(secret)
    assert found == key
    assert found is not None
    assert (found.account, found.organisation) == (world.rita, world.organisation)
    assert found.tail == secret[-4:]


@pytest.mark.parametrize("secret", ["", "fh_", "fh_" + "0" * 40, "\N{SNOWMAN}"])
def test_a_secret_that_was_never_issued_opens_nothing(world: World, secret: str) -> None:
    assert authenticate(secret) is None


def test_a_key_ends_when_it_expires(world: World) -> None:
    now = timezone.now()
    _, past = issue_key(world.rita, name="a", scopes=[], expires_at=now - timedelta(seconds=1))
    _, future = issue_key(world.rita, name="b", scopes=[], expires_at=now + timedelta(hours=1))
    assert authenticate(past) is None
    assert authenticate(future) is not None


def test_a_key_ends_with_its_account(world: World) -> None:
    _, secret = issue_key(world.rita, name="etl", scopes=[])
    Account.objects.filter(pk=world.rita.pk).update(is_active=False)
    assert authenticate(secret) is None


def test_an_unknown_scope_is_refused_and_no_key_made(world: World) -> None:
    before = count("people_apikey")
    with pytest.raises(Refused, match="There is no scope “money:write”"):
        issue_key(world.rita, name="etl", scopes=["projects:read", "money:write"])
    assert count("people_apikey") == before


def test_scopes_are_kept_once_each(world: World) -> None:
    key, _ = issue_key(world.rita, name="etl", scopes=["results:read", "results:read"])
    assert ApiKey.objects.get(pk=key.pk).scopes == ["results:read"]


@pytest.mark.parametrize("kind", ["live", None])
def test_in_a_live_installation_workers_have_no_keys(world: World, kind: str | None) -> None:
    Installation.objects.all().delete()
    if kind is not None:
        Installation.objects.create(kind=kind)
    with pytest.raises(Refused) as refused:
        issue_key(world.ada.account, name="bot", scopes=["work"])
    assert refused.value.refusal.code == "live_installation"
    assert issue_key(world.rita, name="etl", scopes=["projects:read"])


def test_a_keys_last_use_is_noted(world: World) -> None:
    key, secret = issue_key(world.rita, name="k", scopes=[], organisation=world.organisation)
    assert key.last_used_at is None
    assert authenticate(secret) is not None
    key.refresh_from_db()
    assert key.last_used_at is not None


def refusal(verb: Any, *values: Any, **more: Any) -> str:
    before = rows("select id, expires_at, replaced_by_id from people_apikey order by id")
    with pytest.raises(Refused) as refused:
        verb(*values, **more)
    assert rows("select id, expires_at, replaced_by_id from people_apikey order by id") == before
    return refused.value.refusal.code


def key_of(world: World, account: Account, role: str = "manager") -> tuple[ApiKey, str]:
    Member.objects.update_or_create(
        organisation=world.organisation, account=account, defaults={"role": role}
    )
    scopes = ["projects:read"]
    return issue_key(account, name="etl", scopes=scopes, organisation=world.organisation)


def test_a_key_cannot_have_a_scope_that_its_members_role_cannot_use(world: World) -> None:
    key_of(world, world.oscar, "designer")
    here = {"name": "k", "organisation": world.organisation}
    assert refusal(issue_key, world.oscar, scopes=["money:read"], **here) == "scope_beyond_role"
    assert refusal(issue_key, world.ada.account, scopes=[], **here) == "not_found"
    Member.objects.filter(account=world.oscar).update(role="viewer")
    assert refusal(issue_key, world.oscar, scopes=[], **here) == "role_lacks_right"


def test_a_replaced_key_works_for_a_day_and_the_new_one_can_do_the_same(world: World) -> None:
    old, secret = key_of(world, world.oscar)
    new, other = rotate_key(old, world.oscar)
    old.refresh_from_db()
    assert (new.scopes, new.name, old.replaced_by) == (old.scopes, old.name, new)
    assert authenticate(secret) == old
    assert authenticate(other) == new
    assert old.expires_at is not None
    assert abs(old.expires_at - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    assert refusal(rotate_key, old, world.oscar) == "replaced_already"
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert authenticate(secret) is None
    assert authenticate(other) == new


def test_a_key_that_is_replaced_loses_what_the_role_cannot_use_any_more(world: World) -> None:
    old, _ = key_of(world, world.oscar)
    ApiKey.objects.filter(pk=old.pk).update(scopes=["projects:read", "money:read"])
    Member.objects.filter(account=world.oscar).update(role="designer")
    assert rotate_key(old, world.oscar)[0].scopes == ["projects:read"]


def test_only_the_member_whose_key_it_is_replaces_it(world: World) -> None:
    """The new key is shown to whoever asks for it, so not even an owner gets it."""
    old, _ = key_of(world, world.oscar)
    assert refusal(rotate_key, old, world.rita) == "not_found"
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert refusal(rotate_key, old, world.oscar) == "key_ended"


def test_a_key_is_revoked_by_its_member_and_by_who_may_change_the_team(world: World) -> None:
    first, secret = key_of(world, world.oscar, "reviewer")
    second, other = key_of(world, world.oscar, "reviewer")
    mine, _ = key_of(world, world.rita, "owner")
    assert refusal(revoke_key, mine, world.oscar) == "role_lacks_right"
    assert refusal(revoke_key, first, world.ada.account) == "not_found"
    assert revoke_key(first, world.oscar)
    assert not revoke_key(first, world.oscar)
    assert revoke_key(second, world.rita)
    assert authenticate(secret) is None
    assert authenticate(other) is None
    assert Event.objects.filter(action="key.revoked").count() == 2
    assert Notice.objects.filter(account=world.oscar, kind="security.key_revoked").count() == 2


def test_nobody_who_is_excluded_makes_a_key(world: World) -> None:
    Worker.objects.create(account=world.rita)
    old, secret = key_of(world, world.rita, "owner")
    Worker.objects.filter(account=world.rita).update(standing="expelled")
    here = {"name": "k", "scopes": [], "organisation": world.organisation}
    assert refusal(issue_key, world.rita, **here) == "excluded"
    assert refusal(rotate_key, old, world.rita) == "excluded"
    assert authenticate(secret) is None


def test_an_organisations_key_waits_for_its_members_second_factor(world: World) -> None:
    _, secret = key_of(world, world.rita, "owner")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/projects").status_code == 200  # a simulation demands none
    Installation.objects.update(kind="live")
    answer = client.get("/api/v1/projects")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_missing")
    TOTP.activate(world.rita, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert client.get("/api/v1/projects").status_code == 200


def test_a_key_is_recognised_in_one_query_with_its_members_role(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, secret = key_of(world, world.oscar, "billing")
    assert authenticate(secret) is not None  # which notes its use
    with django_assert_num_queries(1):
        found = authenticate(secret)
    assert found is not None
    assert role_behind(found) == "billing"
