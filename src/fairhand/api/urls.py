"""The API's addresses, below /api/v1/. Whatever goes wrong here is answered as a problem."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path

from fairhand import __version__
from fairhand.api import batches, media, problems, requester, routing, tasks, worker

DESCRIPTION = """\
Everything that a requester's program needs, and what demonstrations' workers use. Amounts are
millionths of the currency's main unit (1 EUR is 1000000). Errors are problem details (RFC 9457)
with a stable `code`. The guide is docs/guides/api.md.
"""

api = routing.Api(
    title="Fairhand",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api-v1",
    docs_url=None,  # the usual viewers come from other sites, which our pages do not load
    openapi_url="/openapi.json",
    parser=routing.StrictParser(),
)
problems.install(api)
OPERATIONS = (requester, batches, tasks, media, worker)  # importing them has declared them
api.add_router("", routing.router)


def _as_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer addresses with a zero character, and methods that do nothing, as problems."""

    @wraps(view)
    def answered(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if "\0" in request.path or any("\0" in part for part in request.GET.values()):
            return problems.not_found()
        try:
            sent = view(request, **named)
        except Http404:
            return problems.not_found()
        if sent.status_code == 405:  # noqa: PLR2004
            return problems.not_allowed(request.method or "", sent.headers["Allow"])
        return sent

    return answered


def _unknown(_request: HttpRequest) -> HttpResponseBase:
    return problems.not_found()


def _patterns() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        pattern.callback = _as_problems(pattern.callback)
    _unknown.csrf_exempt = True  # type: ignore[attr-defined]
    return [*patterns, re_path("", _unknown)]


app_name = "api-v1"
urlpatterns = _patterns()
