"""Who works here? What the hot path asks about a key or a session, inside its own statement."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from fairhand.people.keys import digest_of, issue_key
from fairhand.people.models import Account, Member, Session, Worker
from fairhand.people.sessions import SessionStore
from tests.world import World, rows


def whoami(kind: str, secret: str) -> int | None:
    found: int | None = rows("select worker from people_worker(%s, %s)", kind, secret)[0][0]
    return found


def signed_in(account: Account) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(account.pk)
    store.create()
    assert store.session_key is not None
    return store.session_key


def key(account: Account, **more: object) -> str:
    return digest_of(issue_key(account, name="k", scopes=["work"], **more)[1])  # type: ignore[arg-type]


def test_a_workers_key_and_session_are_the_worker(world: World) -> None:
    assert whoami("key", key(world.ada.account)) == world.ada.pk
    assert whoami("session", signed_in(world.ada.account)) == world.ada.pk


def test_who_is_not_a_worker_is_nobody_here(world: World) -> None:
    assert whoami("key", key(world.rita)) is None
    assert whoami("session", signed_in(world.rita)) is None


@pytest.mark.parametrize("kind", ["key", "session"])
def test_a_guess_is_nobody(world: World, kind: str) -> None:
    assert whoami(kind, "guess") is None


def test_a_key_and_a_session_are_not_mixed_up(world: World) -> None:
    assert whoami("session", key(world.ada.account)) is None
    assert whoami("key", signed_in(world.ada.account)) is None


def test_a_key_works_only_with_the_scope(world: World) -> None:
    _, secret = issue_key(world.ada.account, name="k", scopes=["projects:read"])
    assert whoami("key", digest_of(secret)) is None


def test_an_organisations_key_does_not_work(world: World) -> None:
    Member.objects.create(
        organisation=world.organisation, account=world.ada.account, role=Member.Role.OWNER
    )
    assert whoami("key", key(world.ada.account, organisation=world.organisation)) is None


def test_what_has_expired_is_nobody(world: World) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert whoami("key", key(world.ada.account, expires_at=past)) is None
    session = signed_in(world.ada.account)
    Session.objects.update(expire_date=past)
    assert whoami("session", session) is None


def test_a_session_that_was_ended_is_nobody(world: World) -> None:
    session = signed_in(world.ada.account)
    SessionStore(session).flush()
    assert whoami("session", session) is None


@pytest.mark.parametrize("standing", ["expelled", "closed"])
def test_a_worker_who_is_not_active_is_nobody(world: World, standing: str) -> None:
    secret = key(world.ada.account)
    Worker.objects.filter(pk=world.ada.pk).update(standing=standing)
    assert whoami("key", secret) is None


def test_a_suspension_ends_by_the_clock(world: World) -> None:
    secret = key(world.ada.account)
    for hours, found in ((1, None), (-1, world.ada.pk)):
        until = timezone.now() + timedelta(hours=hours)
        Worker.objects.filter(pk=world.ada.pk).update(standing="suspended", suspended_until=until)
        assert whoami("key", secret) == found


def test_a_closed_account_is_nobody(world: World) -> None:
    session = signed_in(world.ada.account)
    Account.objects.filter(pk=world.ada.pk).update(is_active=False)
    assert whoami("session", session) is None


def test_a_session_names_its_account_so_that_all_of_them_can_be_ended(world: World) -> None:
    signed_in(world.ada.account)
    signed_in(world.ada.account)
    anonymous = SessionStore()
    anonymous["basket"] = "empty"
    anonymous.create()
    assert Session.objects.filter(account=world.ada.account).count() == 2
    assert Session.objects.filter(account=None).count() == 1


def test_django_uses_these_sessions() -> None:
    assert settings.SESSION_ENGINE == "fairhand.people.sessions"
