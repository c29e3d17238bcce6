"""How each action on portals is done, for every_action.py."""

import itertools
from collections.abc import Callable

from fairhand.people.models import Account, Portal, PortalStaff
from fairhand.people.portal_making import Look, make_portal, reopen_portal, set_gates
from fairhand.people.portal_staff import invite, set_staff, withdraw_invitation
from fairhand.people.portals import join
from fairhand.work.portals import close_portal, leave
from tests.world import World

Done = tuple[Account | str, Account | None]
_count = itertools.count()


def made(world: World, **more: bool) -> Portal:
    name = f"portal{next(_count)}"
    look = Look(name, name.title(), f"{name}.example.org", **more)  # type: ignore[arg-type]
    return make_portal(look, world.olga)


def portal_made(world: World) -> Done:
    made(world)
    return world.olga, None


def portal_changed(world: World) -> Done:
    assert set_gates(made(world), ["identity"], world.olga)
    return world.olga, None


def portal_closed(world: World) -> Done:
    assert close_portal(made(world), world.olga)
    return world.olga, None


def portal_reopened(world: World) -> Done:
    portal = made(world)
    assert close_portal(portal, world.olga)
    assert reopen_portal(portal, world.olga)
    return world.olga, None


def staff_changed(world: World) -> Done:
    assert set_staff(made(world), world.oscar, "manager", world.olga)
    return world.olga, world.oscar


def managed(world: World) -> PortalStaff:
    return PortalStaff.objects.create(portal=made(world), account=world.oscar, role="manager")


def portal_invited(world: World) -> Done:
    invite(managed(world), label="friends", days=7, uses=3)
    return world.oscar, None


def invitation_withdrawn(world: World) -> Done:
    staff = managed(world)
    invitation, _token = invite(staff, label="friends", days=7, uses=3)
    assert withdraw_invitation(staff, invitation.pk)
    return world.oscar, None


def portal_joined(world: World) -> Done:
    assert join(world.ada, made(world, open=True))
    return world.ada.account, world.ada.account


def portal_left(world: World) -> Done:
    portal = made(world, open=True)
    assert join(world.ada, portal)
    assert leave(world.ada, portal)
    return world.ada.account, world.ada.account


PORTALS: dict[str, Callable[[World], Done]] = {
    "portal.made": portal_made,
    "portal.changed": portal_changed,
    "portal.closed": portal_closed,
    "portal.reopened": portal_reopened,
    "portal.staff_changed": staff_changed,
    "portal.invited": portal_invited,
    "portal.invitation_withdrawn": invitation_withdrawn,
    "portal.joined": portal_joined,
    "portal.left": portal_left,
}
