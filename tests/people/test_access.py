"""Who may do what for an organisation."""

import pytest

from fairhand.kit.decision import Refused
from fairhand.people.access import (
    NOT_FOUND,
    is_operator,
    may,
    organisation_for,
    organisations_of,
    permissions_in,
    worker_of,
)
from fairhand.people.models import Member
from fairhand.people.rights import REFUSALS, RIGHTS, Permission
from tests.world import World


@pytest.mark.parametrize("role", Member.Role.values)
@pytest.mark.parametrize("permission", Permission)
def test_a_members_role_decides(world: World, role: str, permission: Permission) -> None:
    Member.objects.create(organisation=world.organisation, account=world.oscar, role=role)
    answer = may(world.oscar, world.organisation, permission)
    assert bool(answer) is (role in RIGHTS[permission])
    assert answer or answer is REFUSALS[permission]
    assert (permission in permissions_in(world.oscar, world.organisation)) is bool(answer)
    assert (world.organisation in organisations_of(world.oscar, permission)) is bool(answer)


def test_a_stranger_hears_what_somebody_hears_who_asks_for_nothing(world: World) -> None:
    for permission in Permission:
        for account in (world.oscar, world.ada.account, world.olga):
            assert may(account, world.organisation, permission) is NOT_FOUND
            for ref in (world.organisation.ref, "org_never"):
                with pytest.raises(Refused) as refused:
                    organisation_for(account, ref, permission)
                assert refused.value.refusal is NOT_FOUND


def test_who_leaves_loses_every_right(world: World) -> None:
    Member.objects.filter(account=world.rita).delete()
    assert may(world.rita, world.organisation, Permission.SEE) is NOT_FOUND
    assert permissions_in(world.rita, world.organisation) == frozenset()
    assert organisations_of(world.rita) == []


def test_an_account_sees_only_its_own_organisations(world: World) -> None:
    assert organisations_of(world.rita) == [world.organisation]
    assert organisations_of(world.ada.account) == []


def test_duties_are_held_by_those_who_have_them(world: World) -> None:
    assert is_operator(world.olga)
    assert not is_operator(world.rita)
    assert worker_of(world.ada.account) == world.ada
    assert worker_of(world.rita) is None
