"""Where a request comes from: said once for the audit trail, and kept with the session.

It stands outside the session middleware, so that a session which this very request began is
already in the database when it is noted from where.
"""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from fairhand.people.audit import coming_from
from fairhand.people.sessions import see


class OriginMiddleware:
    """Tell the audit trail, and the account's list of browsers, from where somebody acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        ip, agent = address_of(request), agent_of(request)
        with coming_from(ip=ip, agent=agent):
            response = self.get_response(request)
        session = getattr(request, "session", None)
        # The hot path looks sessions up by itself and never touches this one.
        if session is not None and session.accessed and session.session_key:
            see(session.session_key, ip=ip, agent=agent)
        return response


def address_of(request: HttpRequest) -> str:
    """The network address of a client, or nothing where it cannot be known.

    Forwarding headers count only as far as the operator said that proxies of theirs write them.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def agent_of(request: HttpRequest) -> str:
    """How a browser names itself. It may say anything, so it is only ever shown."""
    return request.headers.get("User-Agent", "").replace("\0", "")[:300]
