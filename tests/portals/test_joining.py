"""Joining a portal and leaving it: by invitation or freely, as often as an invitation allows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fairhand.kit.decision import Decision, Refusal
from fairhand.kit.models import History
from fairhand.people.keys import digest_of
from fairhand.people.models import PortalInvitation, PortalMember, Worker
from fairhand.people.portal_staff import set_staff, withdraw_invitation
from fairhand.people.portals import is_member, join
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.portals import close_portal, leave
from tests.portals.scene import invited, portal, staff
from tests.world import World, balance_of, caller, count, page_of, turn


def code(answer: Decision) -> str:
    assert isinstance(answer, Refusal)
    assert count("people_portalmember") == 0
    return answer.code


def test_anybody_joins_an_open_portal_once(world: World) -> None:
    one = portal(world, "one")
    assert join(world.ada, one)
    assert join(world.ada, one)
    assert is_member(world.ada, one)
    assert not is_member(world.ben, one)
    assert History.objects.filter(kind="portal", target="joined").count() == 1


def test_a_closed_door_asks_for_an_invitation(world: World) -> None:
    one = portal(world, "one", open=False)
    assert code(join(world.ada, one)) == "portal_invited_only"
    token = invited(staff(one, world.oscar), uses=1)
    assert join(world.ada, one, invitation=digest_of(token))
    assert PortalInvitation.objects.get().uses_left == 0
    assert not join(world.ben, one, invitation=digest_of(token))


def test_joining_twice_uses_an_invitation_up_once(world: World) -> None:
    one = portal(world, "one", open=False)
    token = invited(staff(one, world.oscar), uses=2)
    for _again in range(3):
        assert join(world.ada, one, invitation=digest_of(token))
    assert PortalInvitation.objects.get().uses_left == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "portal_invitation_expired"),
        ({"withdrawn_at": timezone.now()}, "portal_invitation_withdrawn"),
        ({"uses_left": 0}, "portal_invitation_used_up"),
        ({"digest": "0" * 64}, "portal_invitation_unknown"),
    ],
)
def test_an_invitation_that_is_over_says_so(
    world: World, change: dict[str, Any], expected: str
) -> None:
    one = portal(world, "one", open=False)
    token = invited(staff(one, world.oscar), uses=5)
    PortalInvitation.objects.update(**change)
    assert code(join(world.ada, one, invitation=digest_of(token))) == expected


def test_an_invitation_to_one_portal_opens_no_other(world: World) -> None:
    one, two = portal(world, "one", open=False), portal(world, "two", open=False)
    token = invited(staff(one, world.oscar))
    assert code(join(world.ada, two, invitation=digest_of(token))) == "portal_invitation_unknown"


def test_a_withdrawn_invitation_is_withdrawn_once(world: World) -> None:
    one = portal(world, "one")
    manager = staff(one, world.oscar)
    invited(manager)
    number = PortalInvitation.objects.get().pk
    assert withdraw_invitation(manager, number)
    assert not withdraw_invitation(manager, number)


def test_nobody_joins_a_closed_portal_or_while_they_may_not_work(world: World) -> None:
    one = portal(world, "one")
    Worker.objects.filter(pk=world.ada.pk).update(standing=Worker.Standing.EXPELLED)
    assert code(join(world.ada, one)) == "may_not_work"
    assert close_portal(one, world.olga)
    assert code(join(world.ben, one)) == "portal_closed"


def test_who_leaves_gives_back_what_they_hold_there_and_keeps_what_they_earned(
    world: World,
) -> None:
    one, two = portal(world, "one", world.ada), portal(world, "two", world.ada)
    first, second = world.batch(tasks=9, page_size=3), world.batch(tasks=9, page_size=3)
    ada = caller(world.ada)
    done = turn(ada, first, page_of(turn(ada, first, portal=one)), portal=one)
    assert done.page is not None
    page_of(turn(ada, second, portal=two))
    earned = balance_of(f"pending:{world.ada.ref}@{one.ref}:EUR")
    assert leave(world.ada, one)
    assert not leave(world.ada, one)
    held = Assignment.objects.filter(worker=world.ada, state="open")
    assert [page.batch_id for page in held] == [second.pk]
    assert Enrolment.objects.get(batch=first, worker=world.ada).held == []
    assert balance_of(f"pending:{world.ada.ref}@{one.ref}:EUR") == earned
    refused = turn(ada, first, portal=one).refusal
    assert refused is not None
    assert refused.code == "not_joined"


def test_who_left_may_come_back(world: World) -> None:
    one = portal(world, "one", world.ada)
    assert leave(world.ada, one)
    assert not is_member(world.ada, one)
    assert join(world.ada, one)
    assert PortalMember.objects.filter(left_at=None).count() == 1


def test_work_through_a_closed_portal_stops_at_once(world: World) -> None:
    one = portal(world, "one", world.ada)
    batch = world.batch(tasks=9, page_size=3)
    ada = caller(world.ada)
    page_of(turn(ada, batch, portal=one))
    assert close_portal(one, world.olga)
    assert not close_portal(one, world.olga)
    assert Assignment.objects.filter(state="open").count() == 0
    # A process may believe for seconds that the portal is open: the next page is looked at anew.
    refused = turn(ada, batch, portal=one).refusal
    assert refused is not None
    assert refused.code == "not_joined"


def test_the_links_of_who_runs_a_portal_no_more_end_with_that(world: World) -> None:
    one = portal(world, "one", open=False)
    token = invited(staff(one, world.oscar))
    staff(one, world.rita)
    assert set_staff(one, world.oscar, "", world.rita)
    answer = join(world.ada, one, invitation=digest_of(token))
    assert code(answer) == "portal_invitation_withdrawn"


def test_the_links_of_an_excluded_manager_open_nothing(world: World) -> None:
    one = portal(world, "one", open=False)
    token = invited(staff(one, world.ben.account))
    Worker.objects.filter(pk=world.ben.pk).update(standing=Worker.Standing.EXPELLED)
    answer = join(world.ada, one, invitation=digest_of(token))
    assert code(answer) == "portal_invitation_withdrawn"
