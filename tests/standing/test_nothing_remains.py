"""AZ-6: however somebody's place ends, exactly what hung on it ends with it, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone

from fairhand.people.keys import authenticate, digest_of, issue_key
from fairhand.people.membership import change_role, end_membership, invite, transfer
from fairhand.people.models import (
    Account,
    ApiKey,
    Invitation,
    Member,
    Portal,
    PortalInvitation,
    PushDevice,
    Session,
    SignInLink,
    Worker,
)
from fairhand.people.oidc import add_client
from fairhand.people.orphans import orphans
from fairhand.people.standing import sign_out_everywhere
from fairhand.projects.models import Batch
from fairhand.work.access import revoke
from fairhand.work.models import Assignment
from fairhand.work.privacy.deletion import ask
from fairhand.work.standing import close_own, expel, suspend
from tests.world import World, caller, page_of, turn

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
THINGS = (
    "browser",
    "half a sign-in",
    "key to work",
    "key of an organisation",
    "link to sign in",
    "device",
    "another site's token",
    "page",
    "invitation",
    "way into a portal",
)
IN, WORK = set(THINGS[:2]) | {"link to sign in", "device", "another site's token"}, {"key to work"}
TEAM = {"key of an organisation", "invitation"}


class Person:
    """Ada with everything that anybody can have: she works, and manages Rita's organisation."""

    def __init__(self, world: World) -> None:
        self.world, self.account, self.worker = world, world.ada.account, world.ada
        soon = timezone.now() + timedelta(hours=1)
        other = world.oscar
        self.batch: Batch = _others_batch(world)
        Member.objects.create(organisation=world.organisation, account=self.account, role="manager")
        self.browser = Client()
        self.browser.force_login(self.account, backend=BACKEND)
        half = Client().session
        half.create()
        Session.objects.filter(pk=half.session_key).update(pending=self.account)
        self.half = half.session_key
        self.who = caller(self.worker)
        self.page = page_of(turn(self.who, self.batch))
        _, self.secret = issue_key(
            self.account, name="o", scopes=["results:read"], organisation=world.organisation
        )
        SignInLink.objects.create(account=self.account, digest=digest_of("l"), expires_at=soon)
        PushDevice.objects.create(account=self.account, endpoint="https://push.example.org/1")
        client, _ = add_client(world.olga, "Site", ["https://site.example.org/back"])
        Token.objects.create(
            user=self.account, client=client, type="ia", hash="h", expires_at=soon, scopes="openid"
        )
        invite(self.account, world.organisation, "viewer")
        portal = Portal.objects.create(slug="p", name="P", host="p.example.org")
        PortalInvitation.objects.create(
            portal=portal, digest=digest_of("p"), label="x", made_by=self.account, expires_at=soon
        )
        self.other = other

    def has(self) -> set[str]:
        """What of it there is now."""
        mine = {"account": self.account}
        there = {
            "browser": self.browser.get("/account").status_code == 200,
            "half a sign-in": Session.objects.filter(pk=self.half).exists(),
            "key to work": ApiKey.objects.filter(organisation=None, **mine).exists(),
            "key of an organisation": authenticate(self.secret) is not None,
            "link to sign in": SignInLink.objects.filter(**mine).exists(),
            "device": PushDevice.objects.filter(**mine).exists(),
            "another site's token": Token.objects.filter(user=self.account).exists(),
            "page": Assignment.objects.filter(worker=self.worker, state="open").exists(),
            "invitation": Invitation.objects.filter(
                invited_by=self.account, withdrawn_at=None
            ).exists(),
            "way into a portal": PortalInvitation.objects.filter(
                made_by=self.account, withdrawn_at=None
            ).exists(),
        }
        return {name for name, is_there in there.items() if is_there}


def _others_batch(world: World) -> Batch:
    """A batch that a member of Rita's organisation may work on: it is Oscar's."""
    project, organisation = world.project, world.organisation
    batch = world.batch(tasks=8, page_size=2)
    type(project).objects.filter(pk=project.pk).update(organisation=world.other_organisation)
    assert organisation.pk != world.other_organisation.pk
    return batch


def _hand_over(one: Person) -> Any:
    change_role(one.world.rita, one.world.organisation, one.account, "owner")
    assert transfer(one.account, one.world.organisation, one.world.rita)
    return end_membership(one.account, one.world.organisation, one.account)


ENDINGS: dict[str, tuple[Callable[[Person], Any], set[str]]] = {
    "leaves": (
        lambda one: end_membership(one.account, one.world.organisation, one.account),
        TEAM,
    ),
    "is removed": (
        lambda one: end_membership(one.world.rita, one.world.organisation, one.account),
        TEAM,
    ),
    "hands over and leaves": (_hand_over, TEAM),
    "is signed out": (
        lambda one: sign_out_everywhere(one.account, one.world.olga) >= 0,
        IN,
    ),
    "is suspended": (
        lambda one: suspend(one.account, one.world.olga, days=7, why="why"),
        IN | WORK | {"page"},
    ),
    "is excluded": (lambda one: expel(one.account, one.world.olga, "why"), set(THINGS)),
    "stops working": (lambda one: close_own(one.account), IN | WORK | {"page"}),
    "asks for deletion": (
        lambda one: ask(one.account),
        IN | WORK | {"page", "key of an organisation"},
    ),
    "loses all access": (
        lambda one: revoke(one.account).sessions >= 0,
        IN | WORK | {"page", "key of an organisation"},
    ),
}


@pytest.fixture
def person(world: World) -> Person:
    found = Person(world)
    assert found.has() == set(THINGS)
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_hung_on_it_ends_and_the_rest_stays(person: Person, ending: str) -> None:
    verb, ends = ENDINGS[ending]
    assert verb(person)
    assert person.has() == set(THINGS) - ends
    assert orphans() == []


@pytest.mark.parametrize(
    "ending", [name for name, (_verb, ends) in ENDINGS.items() if "page" in ends]
)
def test_the_page_is_neither_handed_in_nor_replaced(person: Person, ending: str) -> None:
    assert ENDINGS[ending][0](person)
    for page in (person.page, None):
        done = turn(person.who, person.batch, page)
        assert (done.page, done.submitted) == (None, None)
        assert done.refusal is not None


PUT_PAST: dict[str, Callable[[Person], Any]] = {
    "key for work of somebody kept from it": lambda one: Worker.objects.filter(
        pk=one.worker.pk
    ).update(standing="closed"),
    "link of a closed account": lambda one: _shut(one.account),
    "device of a closed account": lambda one: _shut(one.account),
    "session of a closed account": lambda one: _shut(one.account),
    "token of a closed account": lambda one: _shut(one.account),
    "way into a portal by a closed account": lambda one: _shut(one.account),
    "duties of a closed account": lambda one: _shut(one.world.olga),
    "suspension long over": lambda one: Worker.objects.filter(pk=one.worker.pk).update(
        standing="suspended", suspended_until=timezone.now() - timedelta(days=2)
    ),
}


def _shut(account: Account) -> Any:
    return Account.objects.filter(pk=account.pk).update(is_active=False)


@pytest.mark.parametrize("what", PUT_PAST)
def test_the_standing_check_finds_what_was_put_past_the_verbs(person: Person, what: str) -> None:
    assert orphans() == []
    assert PUT_PAST[what](person)
    assert what in {one.what for one in orphans()}
