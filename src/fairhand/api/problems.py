"""Errors as problem details (RFC 9457), the same everywhere: title, status, detail, code.

`type` is always about:blank, as the standard asks where the status says what kind of problem it is;
`code` tells them apart for programs. Nothing here shows a stack, a path, SQL or a host.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import django.db
import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from fairhand.kit.decision import Problem, Refusal, Refused, UnusableInput

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 1
log = logging.getLogger(__name__)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as an object. `code` is stable, `detail` is for people, in their language."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    return problem(refusal.status, refusal.code, str(refusal))


def of_unusable(error: UnusableInput, status: int = 422) -> dict[str, Any]:
    """Every place that is wrong, each with its line and field where it has them."""
    places = [
        {"message": str(found.message), "line": found.line, "field": found.field}
        for found in error.problems
    ]
    return problem(status, "unusable_input", str(error.problems[0]), problems=places)


def encode(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body)


def headers_for(status: int) -> dict[str, str]:
    """What HTTP wants beside these statuses."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return {"Allow": "POST"}  # of the addresses that are asked here, only the turn's
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return {"Retry-After": "60"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {}


def response(body: Mapping[str, Any]) -> HttpResponse:
    """A problem as Django sends it."""
    status = body["status"]
    sent = HttpResponse(encode(body), content_type=CONTENT_TYPE, status=status)
    for name, value in headers_for(status).items():
        sent.headers[name] = value
    sent.headers["Cache-Control"] = "no-store"
    return sent


def not_found() -> HttpResponse:
    return response(problem(404, "not_found", _("There is no such address.")))


def not_allowed(method: str, allowed: str) -> HttpResponse:
    sentence = _("%(method)s does nothing here; use %(allowed)s.")
    sent = response(
        problem(405, "method_not_allowed", sentence % {"method": method[:20], "allowed": allowed})
    )
    sent.headers["Allow"] = allowed
    return sent


def install(api: NinjaAPI) -> None:
    """Let every exception of an operation become a problem."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(UnusableInput, _unusable)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(django.db.OperationalError, _try_again)
    api.add_exception_handler(django.db.InterfaceError, _try_again)
    api.add_exception_handler(Exception, _our_fault)


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return response(of_refusal(error.refusal))


def _unusable(_request: HttpRequest, error: Any) -> HttpResponse:
    return response(of_unusable(error))


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    places = [Problem(sentence(found), field=_place(found["loc"])) for found in error.errors]
    return response(of_unusable(UnusableInput(places)))


def _too_large(_request: HttpRequest, _error: Any) -> HttpResponse:
    return response(problem(413, "too_large", _("The request is too large.")))


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    """What the framework itself refuses: no key (401), or a body that is no JSON (400)."""
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        sentence = _("Send a valid key: `Authorization: Bearer fh_…`.")
        return response(problem(401, "no_valid_key", sentence))
    if isinstance(error.__cause__, UnusableInput):
        return response(of_unusable(error.__cause__, 400))
    return response(problem(400, "unreadable", _("The request's body is not JSON in UTF-8.")))


def _missing(_request: HttpRequest, _error: Any) -> HttpResponse:
    return not_found()


def _try_again(_request: HttpRequest, error: Any) -> HttpResponse:
    log.warning("the database was away: %s", type(error).__name__)
    detail = _("That did not get through. Please try again.")
    return response(problem(503, "try_again", detail))


def _our_fault(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    detail = _("Something broke on our side. Nothing was changed.")
    return response(problem(500, "our_fault", detail))


def sentence(found: Mapping[str, Any]) -> str:
    """One of pydantic's errors in the reader's language."""
    kind, limits = found["type"], found.get("ctx", {})
    if kind == "missing":
        return _("This is required.")
    if kind == "extra_forbidden":
        return _("There is no such field.")
    if kind in {"literal_error", "enum"}:
        return _("Use one of these: %(choices)s.") % {"choices": limits["expected"]}
    if kind in {"greater_than_equal", "less_than_equal"}:
        word = _("at least %(limit)s") if kind[0] == "g" else _("at most %(limit)s")
        return _("This must be a number of %(limit)s.") % {
            "limit": word % {"limit": limits.get("ge", limits.get("le"))}
        }
    for start, text in (
        ("int", _("This must be a whole number.")),
        ("float", _("This must be a number.")),
        ("bool", _("This must be true or false.")),
        ("string", _("This must be a text.")),
        ("list", _("This must be a list.")),
        ("dict", _("This must be an object.")),
        ("model", _("This must be an object.")),
    ):
        if kind.startswith(start):
            return text
    return _("This value cannot be used.")


def _place(location: tuple[Any, ...]) -> str | None:
    """Where in the request: `terms.name` in a body, `limit` in an address."""
    # The framework puts the source in front, and for a body also the name of our argument.
    inner = location[2:] if location and location[0] == "body" else location[1:]
    return ".".join(str(part) for part in inner) or None
