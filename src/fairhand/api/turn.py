"""POST /api/v1/work/<batch>: hand in a page and take the next.

The only address that is called thousands of times a second, so it is reached before Django's
middleware: the caller is looked up inside the one statement that does the work. A browser's session
and a key are told apart by the Authorization header; a session's request must come from our own
pages (its Origin, and a header that no form can send).
"""

import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import django.db
import msgspec
import psycopg
from django.conf import settings
from django.http import parse_cookie
from django.utils import translation
from django.utils.translation import gettext as _

from fairhand.api import problems
from fairhand.kit import database
from fairhand.kit.decision import Refusal, Refused, UnusableInput
from fairhand.people.keys import digest_of
from fairhand.people.models import Portal
from fairhand.people.portals import door_at, number_of
from fairhand.work.claims import Caller, ItemAnswer, Turn, Verb, take_turn
from fairhand.work.refusals import refusal

PREFIX = "/api/v1/work/"
MAX_BODY = 1_000_000  # bytes
REF = re.compile(r"[a-z0-9_]{1,24}")
MAX_PAGE = 2**31 - 1
log = logging.getLogger(__name__)


class TurnRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`page` and `answers` hand in, `ahead` fetches one page more, `give_back` returns `page`."""

    page: int | None = None
    answers: list[ItemAnswer] = msgspec.field(default_factory=list)
    ahead: bool = False
    give_back: bool = False

    @property
    def verb(self) -> Verb:
        return "give_back" if self.give_back else "ahead" if self.ahead else "work"


_decode = msgspec.json.Decoder(TurnRequest).decode
Answered = tuple[int, str, bytes]
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)


def handle(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application of this one address."""
    status, headers, body = respond(environ)
    headers.append(("Content-Length", str(len(body))))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]


def respond(environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body for a request to this address."""
    with translation.override(_language(environ)):
        status, content_type, body = _answer(environ)
    headers = [
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if status != HTTPStatus.OK:
        headers += problems.headers_for(status).items()
    return status, headers, body


def _answer(environ: dict[str, Any]) -> Answered:
    try:
        return _turn(environ)
    except Refused as error:
        body = problems.of_refusal(error.refusal)
    except UnusableInput as error:
        body = problems.of_unusable(error)
    except msgspec.DecodeError as error:
        sentence = _("The request is not as documented: ") + str(error)
        body = problems.problem(400, "unreadable", sentence)
    except UnicodeDecodeError:
        body = problems.problem(400, "unreadable", _("The request is not in UTF-8."))
    except psycopg.DataError:
        # A number or a text that no column holds; the statement was refused as a whole.
        sentence = _("The answers hold a value that cannot be stored.")
        body = problems.problem(422, "unusable_input", sentence)
    except AWAY:
        # The server was restarted under us: forget the dead connections; the client tries again.
        database.drop_direct()
        django.db.connections.close_all()
        sentence = _("That did not get through. Please try again.")
        body = problems.problem(503, "try_again", sentence)
    except Exception:
        log.exception("a turn failed")
        database.drop_direct()
        sentence = _("Something broke on our side. Nothing was lost.")
        body = problems.problem(500, "our_fault", sentence)
    return body["status"], problems.CONTENT_TYPE, problems.encode(body)


def _turn(environ: dict[str, Any]) -> Answered:
    if environ["REQUEST_METHOD"] != "POST":
        Refusal("method_not_allowed", _("Send a POST request."), status=405).fail()
    portal = door_at(environ.get("HTTP_HOST", ""))
    caller = _caller(environ, portal)
    batch = environ["PATH_INFO"][len(PREFIX) :]
    if not REF.fullmatch(batch):
        refusal("no_such_batch").fail()
    request = _decode(_read(environ) or b"{}")
    _refuse_contradiction(request)
    verb = request.verb
    page = request.page if verb != "ahead" else None
    if page is not None and not 0 <= page <= MAX_PAGE:
        refusal("no_such_page").fail()
    turn = take_turn(
        database.direct(),
        caller,
        batch,
        verb=verb,
        page=page,
        answers=request.answers,
        portal=number_of(portal),
    )
    return 200, "application/json", _body(turn, verb)


def _refuse_contradiction(request: TurnRequest) -> None:
    """What would be left undone is refused: nobody's answers are dropped without a word."""
    sentence = ""
    if request.answers and (request.page is None or request.ahead or request.give_back):
        sentence = _("Answers need their `page`, and neither `ahead` nor `give_back` beside them.")
    elif request.ahead and (request.give_back or request.page is not None):
        sentence = _("`ahead` stands alone: it hands nothing in and gives nothing back.")
    elif request.give_back and request.page is None:
        sentence = _("Name the `page` that you give back.")
    if sentence:
        Refusal("contradictory", sentence, status=422).fail()


def _body(turn: Turn, verb: Verb) -> bytes:
    if turn.hard and turn.refusal is not None:
        turn.refusal.fail()
    said = "null"
    if turn.refusal is not None:
        why = {"code": turn.refusal.code, "message": str(turn.refusal)}
        said = msgspec.json.encode(why).decode()
    page, ahead = (None, turn.page) if verb == "ahead" else (turn.page, None)
    text = (
        f'{{"submitted":{turn.submitted or "null"},"page":{page or "null"},'
        f'"ahead":{ahead or "null"},"refusal":{said}}}'
    )
    return text.encode()


def _read(environ: Mapping[str, Any]) -> bytes:
    """The whole body. Guessing at its length could lose a page that is handed in."""
    length: str = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("HTTP_TRANSFER_ENCODING") or not length.isdecimal():
        sentence = _("Say with Content-Length how long the body is.")
        Refusal("length_required", sentence, status=411).fail()
    if int(length) > MAX_BODY:
        sentence = _("A page's answers take at most a million bytes.")
        Refusal("too_large", sentence, status=413).fail()
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) != int(length):
        sentence = _("The request was cut off. Send it again.")
        Refusal("cut_off", sentence, status=400).fail()
    return body


def _caller(environ: Mapping[str, Any], portal: Portal | None) -> Caller:
    authorisation: str = environ.get("HTTP_AUTHORIZATION", "")
    if authorisation[:7].lower() == "bearer ":
        return Caller("key", digest_of(authorisation[7:].strip()))
    session = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    if not session:
        refusal("not_signed_in").fail()
    if not _from_our_pages(environ, portal):
        Refusal("foreign_page", _("This request did not come from our pages."), status=403).fail()
    return Caller("session", session)


def _from_our_pages(environ: Mapping[str, Any], portal: Portal | None) -> bool:
    """A page of another site can send a cookie along, but neither this header nor our Origin.

    At a portal's host only its own pages are ours: not the installation's, nor another portal's.
    """
    if environ.get("HTTP_X_FAIRHAND") != "1":
        return False
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        return False
    origin = environ.get("HTTP_ORIGIN")
    host = environ.get("HTTP_HOST", "")
    ours = {f"http://{host}", f"https://{host}"}
    if portal is None or not portal.host:
        ours.add(settings.BASE_URL)
    return origin is None or origin in ours


def _language(environ: Mapping[str, Any]) -> str:
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
