"""API keys: shown once, kept as a digest, each with its scopes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.kit.models import Installation
from fairhand.people.keys import authenticate, digest_of, issue_key
from fairhand.people.models import Account, ApiKey
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
