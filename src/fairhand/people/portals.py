"""Portals: which one has this host name, and who belongs to it."""

from collections.abc import Iterable

from fairhand.people.models import Portal, PortalMember, Worker


def portal_at(host: str) -> Portal | None:
    """The portal with this host name; where none has it, the installation's own, if it is set up.

    `host` may have a port and capital letters.
    """
    name = host.rsplit(":", 1)[0].lower()
    found = {one.host: one for one in Portal.objects.filter(host__in=["", name], closed_at=None)}
    return found.get(name) or found.get("")


def is_member(worker: Worker, portal: Portal) -> bool:
    """Whether a worker joined this portal; the installation's own site needs no joining."""
    if not portal.host:
        return True
    return PortalMember.objects.filter(portal=portal, worker=worker, left_at=None).exists()


def portal_refs(numbers: Iterable[int]) -> dict[int, str]:
    """The references of the portals with these numbers, but for the installation's own site."""
    found = Portal.objects.filter(pk__in=set(numbers)).exclude(host="")
    return dict(found.values_list("pk", "ref"))
