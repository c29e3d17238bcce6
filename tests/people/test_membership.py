"""Coming into an organisation, changing place in it, leaving it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connections
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.people import membership
from fairhand.people.access import holders, may
from fairhand.people.keys import authenticate, issue_key
from fairhand.people.membership import (
    change_role,
    demand_second_factor,
    end_membership,
    invite,
    join,
    transfer,
    withdraw_invitation,
)
from fairhand.people.models import Account, ApiKey, Event, Invitation, Member, Notice, Worker
from fairhand.people.orphans import orphans
from fairhand.people.rights import Permission
from fairhand.people.standing import close_standing
from tests.world import World, count


def somebody(name: str) -> Account:
    return Account.objects.create_user(f"{name}@example.net", f"{name}'s long password", name=name)


def added(world: World, name: str, role: str) -> Account:
    account = somebody(name)
    Member.objects.create(organisation=world.organisation, account=account, role=role)
    return account


def role_of(world: World, account: Account) -> str | None:
    found = Member.objects.filter(organisation=world.organisation, account=account)
    return found.values_list("role", flat=True).first()


def code_of(verb: Any, *values: Any, **more: Any) -> str:
    """Why a verb refused; and nothing was changed by it."""
    before = facts()
    with pytest.raises(Refused) as refused:
        verb(*values, **more)
    assert facts() == before
    return refused.value.refusal.code


def facts() -> list[Any]:
    members = Member.objects.order_by("pk").values_list("pk", "role")
    open_ones = Invitation.objects.order_by("pk").values_list("pk", "used_at", "withdrawn_at")
    return [*members, *open_ones, count("people_apikey"), count("people_event")]


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """The cast; after each test the standing check finds nothing."""
    yield world
    assert orphans() == []


def test_a_link_makes_whoever_has_it_a_member_once(world: World) -> None:
    _, token = invite(world.rita, world.organisation, "manager")
    member = join(world.oscar, token)
    assert (member.account, member.role) == (world.oscar, "manager")
    assert code_of(join, world.ada.account, token) == "invitation_used"
    assert code_of(join, world.oscar, token) == "member_already"
    told = Notice.objects.filter(account=world.rita, kind="team.joined").get()
    assert told.params["organisation"] == "Rita's Birds"


def test_an_invitation_by_mail_is_only_for_who_proved_the_address(world: World) -> None:
    _, token = invite(world.rita, world.organisation, "viewer", "Nemo@Example.net ")
    nemo = somebody("nemo")
    EmailAddress.objects.filter(user=nemo).update(verified=False)
    wrong = code_of(join, world.oscar, token)
    assert wrong == code_of(join, nemo, token) == code_of(join, world.oscar, "made-up")
    EmailAddress.objects.filter(user=nemo).update(verified=True)
    assert join(nemo, token).role == "viewer"
    assert code_of(join, world.oscar, token) == "unknown_invitation"


def test_the_database_does_not_hold_the_link(world: World) -> None:
    invitation, token = invite(world.rita, world.organisation, "viewer")
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    assert token not in str(list(Event.objects.values()))


def test_an_invitation_lasts_a_week(world: World) -> None:
    invitation, token = invite(world.rita, world.organisation, "viewer")
    week = timedelta(days=7)
    assert timedelta(0) <= timezone.now() + week - invitation.expires_at < timedelta(minutes=1)
    Invitation.objects.update(expires_at=timezone.now())
    assert code_of(join, world.oscar, token) == "invitation_expired"


def test_a_withdrawn_invitation_opens_nothing(world: World) -> None:
    invitation, token = invite(world.rita, world.organisation, "viewer")
    assert withdraw_invitation(world.rita, world.organisation, invitation.pk)
    assert not withdraw_invitation(world.rita, world.organisation, invitation.pk)
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"


def test_nobody_withdraws_what_another_organisation_sent(world: World) -> None:
    invitation, _ = invite(world.rita, world.organisation, "viewer")
    for organisation in (world.other_organisation, world.organisation):
        refused = code_of(withdraw_invitation, world.oscar, organisation, invitation.pk)
        assert refused == "not_found"


def test_an_invitation_is_worth_what_its_sender_may_give_now(world: World) -> None:
    manager = added(world, "mia", "manager")
    _, token = invite(manager, world.organisation, "manager")
    Member.objects.filter(account=manager).update(role="reviewer")  # past the verb that ends it
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"
    Invitation.objects.update(withdrawn_at=timezone.now())


def test_nobody_gives_more_than_they_have(world: World) -> None:
    organisation, manager = world.organisation, added(world, "mia", "manager")
    assert code_of(invite, manager, organisation, "owner") == "role_lacks_right"
    assert code_of(change_role, manager, organisation, manager, "owner") == "role_lacks_right"
    assert code_of(change_role, manager, organisation, world.rita, "viewer") == "role_lacks_right"
    assert code_of(end_membership, manager, organisation, world.rita) == "role_lacks_right"
    assert code_of(transfer, manager, organisation, manager) == "role_lacks_right"
    assert code_of(demand_second_factor, manager, organisation, wanted=True) == "role_lacks_right"


@pytest.mark.parametrize("role", ["designer", "reviewer", "billing", "viewer"])
def test_the_other_roles_do_not_touch_the_team(world: World, role: str) -> None:
    organisation, member = world.organisation, added(world, "mia", role)
    other = added(world, "max", "viewer")
    assert code_of(invite, member, organisation, "viewer") == "role_lacks_right"
    assert code_of(change_role, member, organisation, other, "viewer") == "role_lacks_right"
    assert code_of(end_membership, member, organisation, other) == "role_lacks_right"
    assert code_of(change_role, world.oscar, organisation, other, "viewer") == "not_found"


def test_a_role_that_changes_takes_its_rights_along_at_once(world: World) -> None:
    manager = added(world, "mia", "manager")
    _, secret = issue_key(
        manager, name="k", scopes=["projects:write"], organisation=world.organisation
    )
    _, token = invite(manager, world.organisation, "viewer")
    assert change_role(world.rita, world.organisation, manager, "billing")
    assert not may(manager, world.organisation, Permission.LAUNCH)
    assert may(manager, world.organisation, Permission.MONEY)
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"
    assert authenticate(secret) is not None  # it is known, and opens nothing that billing may not
    assert Notice.objects.filter(account=manager, kind="team.role_changed").exists()
    event = Event.objects.filter(action="member.role_changed").get()
    assert (event.before, event.after) == ({"role": "manager"}, {"role": "billing"})


def test_there_is_always_an_owner(world: World) -> None:
    organisation = world.organisation
    for answer in (
        end_membership(world.rita, organisation, world.rita),
        change_role(world.rita, organisation, world.rita, "viewer"),
    ):
        assert answer is membership.LAST_OWNER
    assert role_of(world, world.rita) == "owner"
    mia = added(world, "mia", "viewer")
    assert change_role(world.rita, organisation, mia, "owner")
    assert end_membership(world.rita, organisation, world.rita)
    assert role_of(world, mia) == "owner"


def test_an_organisation_is_handed_over_to_a_member_and_both_are_told(world: World) -> None:
    mia = added(world, "mia", "reviewer")
    _, token = invite(world.rita, world.organisation, "owner")
    assert code_of(transfer, world.rita, world.organisation, world.oscar) == "not_found"
    assert not transfer(world.rita, world.organisation, world.rita)
    assert transfer(world.rita, world.organisation, mia)
    assert (role_of(world, mia), role_of(world, world.rita)) == ("owner", "manager")
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"
    assert Notice.objects.filter(kind="team.transferred").count() == 2
    assert Event.objects.filter(action="organisation.transferred").count() == 1


def test_an_organisation_is_not_handed_to_a_closed_account(world: World) -> None:
    mia = added(world, "mia", "manager")
    Account.objects.filter(pk=mia.pk).update(is_active=False)
    assert not transfer(world.rita, world.organisation, mia)
    assert role_of(world, world.rita) == "owner"


@pytest.mark.parametrize("leaves", [True, False])
def test_one_verb_ends_every_right(world: World, leaves: bool) -> None:
    manager = added(world, "mia", "manager")
    _, secret = issue_key(
        manager, name="k", scopes=["projects:read"], organisation=world.organisation
    )
    _, token = invite(manager, world.organisation, "viewer")
    assert end_membership(manager if leaves else world.rita, world.organisation, manager)
    assert authenticate(secret) is None
    assert not ApiKey.objects.filter(account=manager).exists()
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"
    assert not may(manager, world.organisation, Permission.SEE)
    event = Event.objects.filter(action="member.left" if leaves else "member.removed").get()
    assert event.account == manager.ref
    assert (event.before["role"], event.before["invitations"]) == ("manager", 1)
    told = (world.rita, "team.left") if leaves else (manager, "team.ended")
    assert Notice.objects.filter(account=told[0], kind=told[1]).count() == 1


def test_a_member_of_two_organisations_loses_one_of_them(world: World) -> None:
    Member.objects.create(organisation=world.other_organisation, account=world.rita, role="manager")
    _, here = issue_key(world.rita, name="k", scopes=[], organisation=world.organisation)
    _, there = issue_key(world.rita, name="k", scopes=[], organisation=world.other_organisation)
    assert end_membership(world.oscar, world.other_organisation, world.rita)
    assert authenticate(there) is None
    assert authenticate(here) is not None


def test_a_team_has_no_use_for_more_than_a_hundred_invitations_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "INVITATIONS_A_DAY", 2)
    for _ in range(2):
        invite(world.rita, world.organisation, "viewer")
    assert code_of(invite, world.rita, world.organisation, "viewer") == "too_many_invitations"


def test_a_member_is_not_invited_again(world: World) -> None:
    address = world.rita.email
    assert code_of(invite, world.rita, world.organisation, "viewer", address) == "member_already"


def test_a_second_factor_is_demanded_by_owners_and_noted(world: World) -> None:
    assert demand_second_factor(world.rita, world.organisation, wanted=True)
    assert not demand_second_factor(world.rita, world.organisation, wanted=True)
    event = Event.objects.filter(action="organisation.changed").get()
    assert (event.before, event.after) == ({"second_factor": False}, {"second_factor": True})


def in_parallel(verb: Any, each: list[Any]) -> list[str]:
    """What a verb said to all of them at once."""

    def ask(one: Any) -> str:
        try:
            verb(one)
        except Refused as refused:
            return refused.refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(ask, each))


def test_fifty_uses_of_one_link_at_once_make_one_member(committed_world: World) -> None:
    world = committed_world
    _, token = invite(world.rita, world.organisation, "viewer")
    people = [somebody(f"p{i}") for i in range(50)]
    said = in_parallel(lambda account: join(account, token), people)
    assert sorted(set(said)) == ["done", "invitation_used"]
    assert said.count("done") == 1
    assert Member.objects.filter(organisation=world.organisation).count() == 2
    assert Invitation.objects.get().used_by in people


def test_of_two_owners_who_leave_at_once_one_stays(committed_world: World) -> None:
    world = committed_world
    mia = added(world, "mia", "owner")
    for _ in range(5):
        Member.objects.filter(organisation=world.organisation).update(role="owner")
        in_parallel(
            lambda one: change_role(one, world.organisation, one, "viewer"), [world.rita, mia]
        )
        owners = Member.objects.filter(organisation=world.organisation, role="owner")
        assert owners.count() == 1


def test_a_key_made_while_its_member_is_removed_does_not_outlive_it(
    committed_world: World,
) -> None:
    world = committed_world
    for i in range(10):
        member = added(world, f"m{i}", "manager")

        def act(verb: str, member: Account = member) -> None:
            if verb == "make":
                issue_key(member, name="k", scopes=[], organisation=world.organisation)
            else:
                end_membership(world.rita, world.organisation, member)

        in_parallel(act, ["make", "end"])
        assert not ApiKey.objects.filter(account=member).exists()
    assert orphans() == []


def test_a_member_who_is_excluded_does_nothing_for_the_team_and_is_given_nothing(
    world: World,
) -> None:
    organisation, mia = world.organisation, added(world, "mia", "manager")
    _, token = invite(mia, organisation, "viewer")
    Worker.objects.create(account=mia)
    assert close_standing(mia, world.olga, "why")
    assert code_of(invite, mia, organisation, "viewer") == "not_found"
    assert code_of(join, world.oscar, token) == "invitation_withdrawn"
    assert not transfer(world.rita, organisation, mia)
    assert mia not in holders(organisation, Permission.SEE)
    assert end_membership(world.rita, organisation, mia)
