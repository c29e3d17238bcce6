"""Which portal was asked for? The host name of a request decides it, once."""

from django.http import HttpRequest

from fairhand.people.models import Portal
from fairhand.people.portals import portal_at


def portal_of(request: HttpRequest) -> Portal | None:
    """The portal through which a request comes; None: the installation's own site, not set up."""
    if not hasattr(request, "portal"):
        request.portal = portal_at(request.get_host())  # type: ignore[attr-defined]
    found: Portal | None = request.portal  # type: ignore[attr-defined]
    return found
