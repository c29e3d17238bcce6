"""Many open one link at one moment: no more join than it was made for."""

from functools import partial

import pytest

from fairhand.people.accounts import make_worker
from fairhand.people.keys import digest_of
from fairhand.people.models import PortalInvitation, PortalMember
from fairhand.people.portals import join
from tests.portals.scene import invited, portal, staff
from tests.races.together import Team, wins
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROUNDS, MANY = 60, 4


def test_an_invitation_lets_in_as_many_as_it_was_made_for(committed_world: World) -> None:
    one = portal(committed_world, "one", open=False)
    manager = staff(one, committed_world.oscar)
    with Team(MANY) as team:
        for n in range(ROUNDS):
            digest = digest_of(invited(manager, uses=1, label=f"round {n}"))
            workers = [make_worker(f"r{n}-{i}@example.org") for i in range(MANY)]
            answers = team.race(*(partial(join, each, one, invitation=digest) for each in workers))
            assert wins(answers) == 1
            assert PortalMember.objects.filter(worker__in=workers).count() == 1
            assert PortalInvitation.objects.get(digest=digest).uses_left == 0


def test_one_person_who_joins_in_two_windows_uses_an_invitation_once(
    committed_world: World,
) -> None:
    one = portal(committed_world, "one", open=False)
    manager = staff(one, committed_world.oscar)
    with Team(2) as team:
        for n in range(ROUNDS):
            digest = digest_of(invited(manager, uses=2, label=f"round {n}"))
            worker = make_worker(f"w{n}@example.org")
            asked = partial(join, worker, one, invitation=digest)
            assert wins(team.race(asked, asked)) == 2
            assert PortalInvitation.objects.get(digest=digest).uses_left == 1
