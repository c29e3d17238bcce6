"""The hot address as the server reaches it: before Django, with a key or a browser's session."""

import io
import json
from typing import Any

import psycopg
import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from fairhand import wsgi
from fairhand.api import turn as hot
from fairhand.kit import database
from fairhand.pay import events
from fairhand.people.keys import issue_key
from fairhand.people.models import Account, Portal
from fairhand.people.sessions import SessionStore
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment
from tests.api.conftest import Program, workers_program
from tests.pay.portal_cast import portal
from tests.world import BAD, GOOD, World, balance_of, caller, count, turn

OURS = {
    "HTTP_X_FAIRHAND": "1",
    "HTTP_ORIGIN": "http://testserver",
    "HTTP_SEC_FETCH_SITE": "same-origin",
}


class Answer:
    """What the WSGI application said."""

    status: int
    headers: dict[str, str]

    def __init__(self, batch: Batch | str, body: Any = None, **environ: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        ref = batch if isinstance(batch, str) else batch.ref
        whole = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/api/v1/work/{ref}",
            "HTTP_HOST": "testserver",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
            **environ,
        }
        self.body = json.loads(b"".join(wsgi.application(whole, self._start)))
        if self.status != 200:
            assert self.headers["Content-Type"] == "application/problem+json"
            assert self.body["status"] == self.status
        assert self.headers["Cache-Control"] == "no-store"

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = int(status[:3]), dict(headers)

    def is_refused(self, status: int, code: str) -> None:
        assert (self.status, self.body["code"]) == (status, code), self.body


def with_key(world: World) -> dict[str, str]:
    _, secret = issue_key(world.ada.account, name="test", scopes=["work"])
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def with_session(account: Account) -> dict[str, str]:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return {"HTTP_COOKIE": f"fairhand={session.session_key}"}


def handed_in(page: dict[str, Any], value: dict[str, str] = GOOD) -> dict[str, Any]:
    answers = [{"item": item["item"], "value": value, "seconds": 2} for item in page["items"]]
    return {"page": page["no"], "answers": answers}


def test_a_key_takes_a_page_hands_it_in_and_gets_the_next(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    first = Answer(batch, **key).body
    assert (first["submitted"], first["ahead"], first["refusal"]) == (None, None, None)
    second = Answer(batch, handed_in(first["page"]), **key).body
    assert second["submitted"]["answers"] == 10
    assert second["page"]["no"] == 2
    assert count("work_answer") == 10


def test_a_session_takes_a_page_from_our_own_pages(world: World) -> None:
    session = with_session(world.ada.account)
    assert Answer(world.batch(), **session, **OURS).body["page"]["no"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"HTTP_X_FAIRHAND": ""},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
    ],
)
def test_a_session_from_another_sites_page_does_nothing(
    world: World, change: dict[str, str]
) -> None:
    batch, session = world.batch(), with_session(world.ada.account)
    Answer(batch, **session, **{**OURS, **change}).is_refused(403, "foreign_page")
    assert count("work_enrolment") == 0


def test_another_programs_odd_cookie_does_not_sign_anybody_out(world: World) -> None:
    session = with_session(world.ada.account)
    cookies = {"HTTP_COOKIE": 'a,b=1; "=x; ' + session["HTTP_COOKIE"]}
    assert Answer(world.batch(), **cookies, **OURS).status == 200


def test_an_older_browser_that_sends_no_origin_is_let_in_by_the_header(world: World) -> None:
    session = with_session(world.ada.account)
    assert Answer(world.batch(), **session, HTTP_X_FAIRHAND="1").status == 200


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"HTTP_AUTHORIZATION": "Bearer fh_wrong"},
        {"HTTP_AUTHORIZATION": "Basic abc"},
        {"HTTP_COOKIE": "fairhand=wrong", **OURS},
        {"HTTP_COOKIE": "other=1", **OURS},
        {"HTTP_COOKIE": 'fairhand="', **OURS},
    ],
)
def test_nobody_gets_nothing(world: World, who: dict[str, str]) -> None:
    answer = Answer(world.batch(), **who)
    answer.is_refused(401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert count("work_enrolment") == 0


def test_a_requester_who_does_not_work_gets_nothing(world: World) -> None:
    answer = Answer(world.batch(), **with_session(world.rita), **OURS)
    answer.is_refused(401, "not_signed_in")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_works(world: World, method: str) -> None:
    answer = Answer(world.batch(), **with_key(world), REQUEST_METHOD=method)
    answer.is_refused(405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"page": "1"}',
        b'{"pages": 1}',
        b'{"answers": [{"item": 1}]}',
        b"\xff",
        b'{"\xff": 1}',
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(world: World, body: bytes) -> None:
    Answer(world.batch(), body, **with_key(world)).is_refused(400, "unreadable")
    assert count("work_enrolment") == 0


def test_a_body_that_is_too_long_or_of_unknown_length_is_refused(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    Answer(batch, **key, CONTENT_LENGTH="1000001").is_refused(413, "too_large")
    Answer(batch, **key, CONTENT_LENGTH="-1").is_refused(411, "length_required")
    Answer(batch, **key, HTTP_TRANSFER_ENCODING="chunked").is_refused(411, "length_required")
    assert count("work_enrolment") == 0


def test_a_request_that_was_cut_off_hands_nothing_in(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    body = json.dumps(handed_in(page)).encode()
    answer = Answer(batch, body[:20], **key, CONTENT_LENGTH=str(len(body)))
    answer.is_refused(400, "cut_off")
    assert count("work_answer") == 0


@pytest.mark.parametrize("ref", ["", "bat_none", "a/b", "\x00", "ä", "bat_" + "0" * 100])
def test_a_batch_that_never_was_is_not_there(world: World, ref: str) -> None:
    Answer(ref, **with_key(world)).is_refused(404, "no_such_batch")


@pytest.mark.parametrize("page", [-1, 2**31, 2**70])
def test_a_page_that_cannot_be_is_not_there(world: World, page: int) -> None:
    batch, key = world.batch(), with_key(world)
    answer = Answer(batch, {"page": page, "answers": []}, **key)
    assert answer.status in {400, 404}
    assert answer.body["code"] in {"unreadable", "no_such_page"}


def test_values_that_cannot_be_stored_are_refused(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    wrong = handed_in(page)
    wrong["answers"][0]["item"] = 2**40
    Answer(batch, wrong, **key).is_refused(400, "unreadable")
    Answer(batch, handed_in(page, {"mood": "ugly\0"}), **key).is_refused(422, "unusable_input")
    Answer(batch, handed_in(page, {"mood": "good", "x\0": "y"}), **key).is_refused(
        422, "unusable_input"
    )
    assert count("work_answer") == 0
    assert Answer(batch, handed_in(page), **key).status == 200


def test_a_wrong_value_is_named_by_item_and_field(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    answer = Answer(batch, handed_in(page, {"mood": "ugly"}), **key)
    answer.is_refused(422, "unusable_input")
    assert (answer.body["problems"][0]["line"], answer.body["problems"][0]["field"]) == (1, "mood")


def test_a_page_can_be_fetched_ahead_and_given_back(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    Answer(batch, **key)
    ahead = Answer(batch, {"ahead": True}, **key).body
    assert (ahead["page"], ahead["ahead"]["no"]) == (None, 2)
    given = Answer(batch, {"page": 2, "give_back": True}, **key).body
    assert (given["submitted"], given["page"], given["refusal"]) == (None, None, None)


@pytest.mark.parametrize(
    "more",
    [{"ahead": True}, {"give_back": True}, {"page": None}],
)
def test_answers_are_stored_or_refused_and_never_dropped(
    world: World, more: dict[str, Any]
) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    Answer(batch, {**handed_in(page), **more}, **key).is_refused(422, "contradictory")
    assert count("work_answer") == 0
    assert Answer(batch, **key).body["page"]["no"] == page["no"]  # it is still held
    assert Answer(batch, handed_in(page), **key).body["submitted"]["answers"] == 10


@pytest.mark.parametrize(
    "body",
    [
        {"page": 1, "ahead": True},
        {"page": 1, "ahead": True, "give_back": True},
        {"give_back": True},
    ],
)
def test_a_request_for_two_things_at_once_does_neither(world: World, body: dict[str, Any]) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    Answer(batch, body, **key).is_refused(422, "contradictory")
    assert Answer(batch, **key).body["page"]["no"] == page["no"]
    assert Answer(batch, {"ahead": True}, **key).body["ahead"]["no"] == page["no"] + 1


def test_a_page_handed_in_twice_counts_once_and_not_with_other_answers(world: World) -> None:
    batch, key = world.batch(), with_key(world)
    page = Answer(batch, **key).body["page"]
    assert Answer(batch, handed_in(page), **key).body["submitted"]["repeated"] is False
    assert Answer(batch, handed_in(page), **key).body["submitted"]["repeated"] is True
    Answer(batch, handed_in(page, BAD), **key).is_refused(409, "already_submitted")
    assert count("work_answer") == 10


def test_nothing_left_is_said_beside_what_was_handed_in(world: World) -> None:
    batch, key = world.batch(tasks=5), with_key(world)
    page = Answer(batch, **key).body["page"]
    last = Answer(batch, handed_in(page), **key).body
    assert last["submitted"]["answers"] == 5
    assert last["refusal"]["code"] == "nothing_left"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"HTTP_ACCEPT_LANGUAGE": "fr, de;q=0.8"}, "de"),
        ({"HTTP_ACCEPT_LANGUAGE": "it-IT"}, "it"),
        ({"HTTP_COOKIE": "fairhand-language=es; x=1", "HTTP_ACCEPT_LANGUAGE": "de"}, "es"),
        ({"HTTP_COOKIE": "fairhand-language=xx", "HTTP_ACCEPT_LANGUAGE": "de"}, "de"),
        ({"HTTP_ACCEPT_LANGUAGE": "xx"}, "en"),
    ],
)
def test_refusals_are_in_the_chosen_language_else_the_browsers(
    environ: dict[str, str], language: str
) -> None:
    assert hot._language(environ) == language


def test_a_database_that_is_away_asks_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = with_key(world)
    for fault in hot.AWAY:
        monkeypatch.setattr(hot, "take_turn", _raising(fault("server at 10.0.0.1 is gone")))
        monkeypatch.setattr(connections, "close_all", lambda: None)
        answer = Answer("bat_x", **key)
        answer.is_refused(503, "try_again")
        assert answer.headers["Retry-After"] == "1"
        assert "10.0.0.1" not in str(answer.body)


def test_what_the_database_cannot_hold_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "take_turn", _raising(psycopg.DataError("integer out of range")))
    Answer("bat_x", **with_key(world)).is_refused(422, "unusable_input")


def test_a_fault_of_ours_shows_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hot, "take_turn", _raising(RuntimeError("/srv/secret select * from")))
    answer = Answer("bat_x", **with_key(world))
    answer.is_refused(500, "our_fault")
    assert "secret" not in str(answer.body)
    assert "a turn failed" in caplog.text


def _raising(error: Exception) -> Any:
    def fail(*_args: object, **_options: object) -> None:
        raise error

    return fail


def test_the_address_answers_the_same_behind_django(world: World) -> None:
    batch = world.batch()
    ada = workers_program(world.ada)
    page = ada.post(f"/work/{batch.ref}").json()["page"]
    done = ada.post(f"/work/{batch.ref}", handed_in(page))
    assert done.json()["submitted"]["answers"] == 10
    assert done.headers["Cache-Control"] == "no-store"
    nobody = Program(None).post(f"/work/{batch.ref}")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_signed_in")


def test_the_connection_is_the_threads_own(world: World) -> None:
    """The world's own turn and the address use one and the same path to the database."""
    batch = world.batch()
    assert turn(caller(world.ben), batch).page is not None
    assert database.direct() is not None


def test_a_page_is_taken_through_the_portal_of_the_host(world: World) -> None:
    one = portal("one", world.ada, share=200)
    batch, key = world.batch(overlap=1), with_key(world)
    page = Answer(batch, HTTP_HOST=one.host.upper() + ":8443", **key).body["page"]
    assert page["pay_micros"] == 400_000
    done = Answer(batch, handed_in(page), HTTP_HOST=one.host, **key).body
    assert done["submitted"]["earned_micros"] == 400_000
    assert Assignment.objects.get(batch=batch, no=1).portal == one.pk
    elsewhere = Answer(batch, **key).body["refusal"]
    assert elsewhere["code"] == "held_elsewhere"


def test_a_host_that_nobody_has_gives_out_nothing(world: World) -> None:
    before = count("work_assignment")
    key = with_key(world)
    Answer(world.batch(), HTTP_HOST="one.example.net", **key).is_refused(421, "unknown_host")
    assert count("work_assignment") == before


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("https://one.example.org", True),
        ("http://one.example.org", True),
        (None, True),
        ("https://two.example.org", False),
        ("http://testserver", False),
        ("the own site", False),
        ("https://one.example.org.evil.net", False),
        ("null", False),
    ],
)
def test_at_a_portal_only_its_own_pages_may_hand_in(
    world: World, settings: Settings, origin: str | None, ours: bool
) -> None:
    one, _two = portal("one", world.ada), portal("two", world.ada)
    settings.BASE_URL = "https://work.example.org"
    said = settings.BASE_URL if origin == "the own site" else origin
    headers = {"HTTP_ORIGIN": said} if said is not None else {}
    batch, session = world.batch(), with_session(world.ada.account)
    before = count("work_assignment")
    answer = Answer(batch, HTTP_HOST=one.host, HTTP_X_FAIRHAND="1", **headers, **session)
    if ours:
        assert answer.body["page"]["no"] == 1
    else:
        answer.is_refused(403, "foreign_page")
        assert count("work_assignment") == before


def test_a_closed_portal_gives_out_no_more_pages_and_pays_what_is_held(world: World) -> None:
    one = portal("one", world.ada, share=100)
    batch, key = world.batch(overlap=1), with_key(world)
    page = Answer(batch, HTTP_HOST=one.host, **key).body["page"]
    Portal.objects.filter(pk=one.pk).update(closed_at=timezone.now())
    Answer(batch, HTTP_HOST=one.host, **key).is_refused(421, "portal_closed")
    done = Answer(batch, handed_in(page), **key).body  # on the own site
    assert done["submitted"]["earned_micros"] == 450_000
    assert balance_of(events.portal(one.ref, "EUR")) == 50_000
