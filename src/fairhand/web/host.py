"""Which portal was asked for? The host name of a request decides it, once, before anything else.

ALLOWED_HOSTS names the installation's own hosts alone, and Django refuses every other one. Only a
request that came by this middleware, for the host of an open portal, gets past that: without it the
door is shut, not open.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override

from fairhand.people.models import Portal
from fairhand.people.portals import CLOSED_HOST, is_own, portal_at, portal_named, unknown_host


class HostMiddleware:
    """Let through our own hosts and those of open portals; answer any other with a clear page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = _said(request)
        if is_own(host):
            return self.get_response(request)
        portal = portal_named(host)
        if portal is None:
            return _nobodys(request, host)
        request.portal = portal  # type: ignore[attr-defined]
        # From here on the name is as good as our own, for this request alone.
        request.get_host = lambda: host  # type: ignore[method-assign]
        return self.get_response(request)


def portal_of(request: HttpRequest) -> Portal | None:
    """The portal through which a request comes; None: the installation's own site, not set up."""
    if not hasattr(request, "portal"):
        request.portal = portal_at(request.get_host())  # type: ignore[attr-defined]
    found: Portal | None = request.portal  # type: ignore[attr-defined]
    return found


def branded(request: HttpRequest) -> Portal | None:
    """The portal whose name and colours a page carries; on our own hosts no database is asked."""
    found: Portal | None = getattr(request, "portal", None)
    return found if found is not None and found.host else None


def _said(request: HttpRequest) -> str:
    """The host as the request says it; Django's own reading is the same, without proxies' word."""
    said: str = request.META.get("HTTP_HOST", "")
    if said:
        return said
    # HTTP/1.0 may leave it out: then it is what the server calls itself.
    name, port = request.META.get("SERVER_NAME", ""), str(request.META.get("SERVER_PORT", ""))
    return name if port == ("443" if request.is_secure() else "80") else f"{name}:{port}"


def _nobodys(request: HttpRequest, host: str) -> HttpResponse:
    """The page at a name that nobody has: it stands alone, since nothing else is served there."""
    refusal = unknown_host(host)
    with override(get_language_from_request(request)):
        closed = refusal.code == CLOSED_HOST.code
        words: dict[str, object] = {
            "code": refusal.code,
            "detail": str(refusal),
            "status": refusal.status,
        }
        response: HttpResponse
        if request.path_info.startswith("/api/"):
            kind = "application/problem+json"
            words |= {"type": "about:blank", "title": HTTPStatus(refusal.status).phrase}
            response = JsonResponse(words, status=refusal.status, content_type=kind)
        else:
            page = render_to_string("portal/nobodys.html", {**words, "closed": closed})
            response = HttpResponse(page, status=refusal.status)
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
