"""Two portals with names and colours of their own, and ways to set such scenes."""

from typing import Any

from django.test import Client

from fairhand.people.models import Account, Portal, PortalStaff, Worker
from fairhand.people.portal_making import Look, make_portal
from fairhand.people.portal_staff import invite
from fairhand.people.portals import join
from tests.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def look(name: str, **more: Any) -> Look:
    return Look(**{"slug": name, "name": name.title(), "host": f"{name}.example.org", **more})


def portal(world: World, name: str, *members: Worker, **more: Any) -> Portal:
    """An open portal that asks nothing, with these people in it."""
    made = make_portal(look(name, **{"open": True, **more}), world.olga)
    Portal.objects.filter(pk=made.pk).update(gates=[])
    for worker in members:
        assert join(worker, made)
    made.refresh_from_db()
    return made


def staff(portal: Portal, account: Account, role: str = "manager") -> PortalStaff:
    return PortalStaff.objects.create(portal=portal, account=account, role=role)


def invited(by: PortalStaff, **more: Any) -> str:
    """The token of an invitation."""
    return invite(by, **{"label": "friends", "days": 7, "uses": None, **more})[1]


def browser(portal: Portal | None, account: Account | None = None) -> Client:
    """A browser at a portal's host (or our own), signed in as somebody or nobody."""
    host = portal.host if portal is not None else "testserver"
    client = Client(headers={"host": host, "accept-language": "en"})
    if account is not None:
        client.force_login(account, backend=BACKEND)
    return client
