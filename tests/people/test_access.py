"""Who may do what for an organisation."""

import pytest

from fairhand.people.access import (
    NOT_FOUND,
    VIEWER_ONLY,
    is_operator,
    may_read,
    may_write,
    organisations_of,
    worker_of,
)
from fairhand.people.models import Member
from tests.world import World


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("owner", True, True), ("manager", True, True), ("viewer", True, VIEWER_ONLY)],
)
def test_a_members_role_decides(world: World, role: str, reads: object, writes: object) -> None:
    Member.objects.create(organisation=world.organisation, account=world.oscar, role=role)
    assert bool(may_read(world.oscar, world.organisation)) is reads
    answer = may_write(world.oscar, world.organisation)
    assert answer is writes or bool(answer) is writes


def test_a_stranger_hears_what_somebody_hears_who_asks_for_nothing(world: World) -> None:
    for answer in (
        may_read(world.oscar, world.organisation),
        may_write(world.oscar, world.organisation),
        may_read(world.ada.account, world.organisation),
        may_write(world.olga, world.organisation),
    ):
        assert answer is NOT_FOUND


def test_who_leaves_loses_every_right(world: World) -> None:
    Member.objects.filter(account=world.rita).delete()
    assert may_read(world.rita, world.organisation) is NOT_FOUND
    assert organisations_of(world.rita) == []


def test_an_account_sees_only_its_own_organisations(world: World) -> None:
    assert organisations_of(world.rita) == [world.organisation]
    assert organisations_of(world.ada.account) == []


def test_duties_are_held_by_those_who_have_them(world: World) -> None:
    assert is_operator(world.olga)
    assert not is_operator(world.rita)
    assert worker_of(world.ada.account) == world.ada
    assert worker_of(world.rita) is None
