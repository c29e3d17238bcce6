"""POST /api/v1/work/<batch>: hand in a page and take the next.

The only address that is called thousands of times a second, so it is reached before Django's
middleware: the caller is looked up inside the one statement that does the work. A browser's session
and a key are told apart by the Authorization header; a session's request must come from our own
pages (its Origin, and a header that no form can send).
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any

import django.db
import msgspec
import psycopg
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from fairhand.api import problems
from fairhand.kit import database
from fairhand.kit.decision import Refusal, UnusableInput
from fairhand.people.keys import digest_of
from fairhand.work.claims import Caller, ItemAnswer, Turn, take_turn

PREFIX = "/api/v1/work/"
MAX_BODY = 1_000_000  # bytes
log = logging.getLogger(__name__)


class TurnRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What may be sent. `page` and `answers` hand in; `ahead` fetches one more; `give_back` returns."""

    page: int | None = None
    answers: list[ItemAnswer] = msgspec.field(default_factory=list)
    ahead: bool = False
    give_back: bool = False


_decode = msgspec.json.Decoder(TurnRequest).decode
Answered = tuple[int, str, bytes]


def handle(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application of this one address."""
    with translation.override(_language(environ)):
        status, content_type, body = _answer(environ)
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "1"))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]


def _answer(environ: dict[str, Any]) -> Answered:
    if environ["REQUEST_METHOD"] != "POST":
        return _problem(405, "method_not_allowed", _("Send a POST request."))
    caller = _caller(environ)
    if isinstance(caller, Refusal):
        return _refused(caller)
    try:
        request = _read(environ)
        verb = "give_back" if request.give_back else "ahead" if request.ahead else "work"
        turn = take_turn(
            database.direct(),
            caller,
            environ["PATH_INFO"][len(PREFIX) :],
            verb=verb,
            page=request.page if verb != "ahead" else None,
            answers=request.answers,
        )
    except UnusableInput as error:
        return 422, problems.CONTENT_TYPE, problems.encode(problems.of_unusable(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _problem(400, "unreadable", _("The request is not as documented: ") + str(error))
    except (psycopg.OperationalError, django.db.OperationalError, django.db.InterfaceError):
        # The server was restarted under us: forget the dead connections; the client tries again.
        database.drop_direct()
        django.db.connections.close_all()
        return _problem(503, "try_again", _("That did not get through. Please try again."))
    except Exception:
        log.exception("a turn failed")
        database.drop_direct()
        return _problem(500, "our_fault", _("Something broke on our side. Nothing was lost."))
    return _body(turn, verb)


def _body(turn: Turn, verb: str) -> Answered:
    if turn.hard and turn.refusal is not None:
        return _refused(turn.refusal)
    refusal = "null"
    if turn.refusal is not None:
        said = {"code": turn.refusal.code, "message": str(turn.refusal)}
        refusal = msgspec.json.encode(said).decode()
    page, ahead = (None, turn.page) if verb == "ahead" else (turn.page, None)
    text = (
        f'{{"submitted":{turn.submitted or "null"},"page":{page or "null"},'
        f'"ahead":{ahead or "null"},"refusal":{refusal}}}'
    )
    return 200, "application/json", text.encode()


def _read(environ: dict[str, Any]) -> TurnRequest:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = MAX_BODY + 1
    if length > MAX_BODY:
        raise msgspec.DecodeError(_("a page's answers take at most a million bytes"))
    body: bytes = environ["wsgi.input"].read(length)
    return _decode(body or b"{}")


def _caller(environ: dict[str, Any]) -> Caller | Refusal:
    authorisation: str = environ.get("HTTP_AUTHORIZATION", "")
    if authorisation[:7].lower() == "bearer ":
        return Caller("key", digest_of(authorisation[7:].strip()))
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        cookie = None
    if cookie is None:
        return Refusal("not_signed_in", _("Sign in as a worker to go on."), status=401)
    if not _from_our_pages(environ):
        return Refusal("foreign_page", _("This request did not come from our pages."), status=403)
    return Caller("session", cookie.value)


def _from_our_pages(environ: dict[str, Any]) -> bool:
    """A page of another site can send a cookie along, but neither this header nor our Origin."""
    if environ.get("HTTP_X_FAIRHAND") != "1":
        return False
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        return False
    origin = environ.get("HTTP_ORIGIN")
    host = environ.get("HTTP_HOST", "")
    return origin is None or origin in {f"http://{host}", f"https://{host}", settings.BASE_URL}


def _language(environ: dict[str, Any]) -> str:
    """The language of refusals: the chosen one, else the browser's."""
    known = dict(settings.LANGUAGES)
    cookie = environ.get("HTTP_COOKIE", "")
    mark = settings.LANGUAGE_COOKIE_NAME + "="
    chosen = cookie.partition(mark)[2][:2] if mark in cookie else ""
    if chosen in known:
        return chosen
    for part in environ.get("HTTP_ACCEPT_LANGUAGE", "").split(","):
        if part.strip()[:2] in known:
            return str(part.strip()[:2])
    return str(settings.LANGUAGE_CODE)


def _refused(refusal: Refusal) -> Answered:
    return refusal.status, problems.CONTENT_TYPE, problems.encode(problems.of_refusal(refusal))


def _problem(status: int, code: str, detail: str) -> Answered:
    return status, problems.CONTENT_TYPE, problems.encode(problems.problem(status, code, detail))
