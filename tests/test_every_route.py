"""Every address there is, asked by everybody with sense and with nonsense (CS-3, ER-1, SE-4).

The addresses come from the URL patterns themselves, so that a new one is asked from its first day.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fairhand.api import turn as hot
from fairhand.people.keys import SCOPES, issue_key
from fairhand.web import limits
from tests.web.scene import Scene, make_scene
from tests.world import World, state_of_money

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
NONSENSE = (
    "' or 1=1 --",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%ff%fe",
    "\N{SNOWMAN}\N{COMBINING ACUTE ACCENT}",
    "9" * 40,
    "-1",
    "<script>alert(1)</script>",
    "%(name)s{{7*7}}${7*7}",
    "x" * 3000,
)
QUERIES = ("page", "order", "month", "currency", "q", "next", "cursor", "limit", "dir", "format")
BODIES = (
    b"",
    b"{",
    b"[]",
    b'{"name": null, "price_micros": 1e400, "page": -1}',
    b'{"name": "a\\u0000b", "interface": {"views": []}, "answers": [{}], "tasks": [[]]}',
    b'{"name": "\\ud800", "interface": []}',
    b"[" * 5000,
    b"\xff\xfe\x00",
    b"a=b&csrf=1&amount=NaN&name=%00&file=1&email=x&number=1",
)
VALUES: tuple[Any, ...] = (None, [], {"mood": {}}, 5)
KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/csv",
    "application/x-ndjson",
)
# What no stranger may read out of an error: our code, our tables, our machine, our secrets.
INNARDS = (
    *("Traceback (most recent", 'File "/', "site-packages", "psycopg", "django.db", "fairhand/"),
    *("SELECT ", "INSERT INTO", 'relation "', "work_turn", "people_account", "DETAIL:", "KeyError"),
    *("DoesNotExist", "IntegrityError", " at 0x7f"),
)
CSP = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address as Django writes it: work/<str:ref>/task."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            yield from patterns(found, prefix + str(found.pattern))
        elif isinstance(found, URLPattern):
            yield prefix + str(found.pattern)


ROUTES = sorted(set(patterns()))


def real(route: str, scene: Scene) -> str:
    """An address that leads to something: open batches, this run, this restriction."""
    ref = scene.run.ref if "payouts" in route else scene.open.ref
    if "projects" in route:
        ref = scene.world.project.ref
    if "trail" in route or "requester/team" in route:
        ref = scene.world.organisation.ref
    if "operator/accounts" in route or "operator/standing" in route:
        ref = scene.world.ada.account.ref
    number = scene.restriction.pk if "restrictions" in route else 1
    known = {"ref": ref, "batch": ref, "number": str(number), "state": "page", "name": "colours"}
    known |= {"action": "pause" if "batches" in route else "send"}
    known |= {"what": "results", "form": "csv", "token": "abc", "uidb36": "1", "key": "2-3"}
    known |= {"member": scene.world.rita.ref}
    return filled(route, lambda name: known.get(name, "1"))


def filled(route: str, value: Any) -> str:
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda match: value(match[1]), route)
    text = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: value(match[1]), text)
    return "/" + text.strip("^$")


def everybody(scene: Scene) -> dict[str, Client]:
    world = scene.world
    people = {
        "rita": world.rita,
        "ada": world.ada.account,
        "olga": world.olga,
        "oscar": world.oscar,
    }
    clients = {"nobody": Client(raise_request_exception=False)}
    for name, account in people.items():
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(account, backend=BACKEND)
    scopes = [scope for scope in SCOPES if scope != "work"]
    _, key = issue_key(world.rita, name="fuzz", scopes=scopes, organisation=world.organisation)
    authorised = {"Authorization": f"Bearer {key}"}
    clients["program"] = Client(raise_request_exception=False, headers=authorised)
    return clients


@pytest.fixture(autouse=True)
def _without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonsense is to reach the pages, not the limit of how much of it there may be."""
    monkeypatch.setattr(limits, "limit_of", lambda *_which, **_who: "")


@pytest.fixture
def scene(world: World) -> Scene:
    return make_scene(world)


def read(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode("utf-8", "replace"))


def faults(answer: Any, asked: str) -> list[str]:
    """What is wrong with an answer: a fault of ours, or something of our innards in it."""
    text = read(answer)
    secrets = (settings.SECRET_KEY, str(connection.settings_dict["NAME"]))
    told = [sign for sign in (*INNARDS, *secrets) if sign in text and "openapi" not in asked]
    return [f"{answer.status_code} {asked} {told}"] if told or answer.status_code >= 500 else []


def test_every_page_comes_with_its_content_security_policy(scene: Scene) -> None:
    for name, client in everybody(scene).items():
        for address in addresses(scene):
            answer = client.get(address)
            assert faults(answer, f"{name} GET {address}") == []
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            told = answer.headers.get("Content-Security-Policy", "")
            policy = dict(part.strip().split(" ", 1) for part in told.split(";") if part.strip())
            assert CSP.items() <= policy.items(), (name, address, told)
            assert "unsafe" not in policy["script-src"] + policy["style-src"], address
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"


def addresses(scene: Scene) -> list[str]:
    """Of every route the address of something that is there, and of something that is not."""
    there = {real(route, scene) for route in ROUTES}
    return sorted(there | {filled(route, lambda _name: "bat_never") for route in ROUTES})


def test_nonsense_in_an_address_is_refused_without_a_word_of_our_innards(scene: Scene) -> None:
    clients = everybody(scene)
    asked = {filled(route, lambda _name, said=n: said) for route in ROUTES for n in NONSENSE}
    asked |= {
        f"{real(route, scene)}?{query}={nonsense}"
        for route in ROUTES
        for n, query in enumerate(QUERIES)
        for nonsense in (("%00", "9" * 40), ("-1", "0000-00"), ("x\u0301", "9999-99"))[n % 3]
    }
    found = []
    for n, address in enumerate(sorted(asked)):
        name = ("rita", "nobody", "ada", "olga", "program")[n % 5]
        found += faults(clients[name].get(address), f"{name} GET {address}")
    assert found == []


def test_nonsense_in_a_body_is_refused_and_moves_no_money(scene: Scene) -> None:
    clients = everybody(scene)
    before, found = state_of_money()[:3], []
    for route in ROUTES:
        for n, body in enumerate(BODIES):
            method, kind = METHODS[1 + n % 4], KINDS[n % len(KINDS)]
            address = filled(route, lambda _name: "bat_never")
            if not _acts_without_a_body(route):
                address = real(route, scene)
            for name, client in clients.items():
                for how in {method, "POST"}:
                    answer = client.generic(how, address, body, content_type=kind)
                    found += faults(answer, f"{name} {how} {address} {body[:40]!r}")
    assert found == []
    assert state_of_money()[:3] == before


def _acts_without_a_body(route: str) -> bool:
    """A button's address rightly does its work whatever else is sent: it is asked of nothing."""
    ends = (
        "/open",
        "/close",
        "/pause",
        "/resume",
        "/accept",
        "/results",
        "/compute",
        "/bounce",
        "/sign-out",
    )
    return route.endswith((*ends, "/start", "/prepare", ">", "/lift", "/ask"))


def test_the_hot_path_bears_nonsense_too(world: World) -> None:
    """It is reached before Django, so it is asked as the server asks it."""
    batch = world.batch(tasks=5, page_size=2)
    _, secret = issue_key(world.ada.account, name="fuzz", scopes=["work"])
    answer = {"item": 0, "value": {"mood": "good"}}
    sent: list[Any] = [*BODIES, {"page": 10**30}, {"page": -1}, {"page": 1.5}, {"page": "1"}]
    sent += [{"page": 1, "answers": [{**answer, "item": item}]} for item in (-1, 10**12, 0.5, None)]
    sent += [{"page": 1, "answers": [{**answer, "seconds": s}]} for s in (-1, 1e308, "x", 10**400)]
    sent += [{"page": 1, "answers": [{**answer, "value": v}]} for v in VALUES]
    sent += [{"page": 1, "answers": [answer] * 5000}, {"ahead": 1}, {"give_back": True}, {"x": 1}]
    cookie = settings.SESSION_COOKIE_NAME
    callers = [
        {"HTTP_AUTHORIZATION": f"Bearer {secret}"},
        {"HTTP_AUTHORIZATION": "Bearer \xff\x00"},
        {"HTTP_COOKIE": f'{cookie}="\\000\\377"', "HTTP_X_FAIRHAND": "1"},
        {"HTTP_COOKIE": "=;;=\x01", "HTTP_X_FAIRHAND": "1"},
        {},
    ]
    refs = [batch.ref, "", "\x00", "\xff\xfe", "x" * 9000, "../../etc"]
    before, found = state_of_money(), []
    for body in sent:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        for caller in callers:
            for ref in refs:
                told = told_by_the_hot_path(ref, raw, caller)
                if told[:3] not in {"200", "400", "401", "403", "404", "409", "422"}:
                    found.append(f"{told[:80]} {ref[:20]!r} {raw[:60]!r} {caller}")
                found += [f"{sign} {raw[:60]!r}" for sign in INNARDS if sign in told]
    assert found == []
    assert state_of_money() == before


def told_by_the_hot_path(ref: str, raw: bytes, caller: dict[str, str]) -> str:
    """Status and body, as text."""
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/api/v1/work/{ref}",
        "HTTP_HOST": "testserver",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": io.BytesIO(raw),
        **caller,
    }
    body = b"".join(hot.handle(environ, lambda line, _headers: status.append(line)))
    return status[0] + body.decode()


def test_no_address_changes_anything_when_it_is_only_looked_at(scene: Scene) -> None:
    """SE-4: GET, HEAD and OPTIONS of everything, by everybody."""
    counted = (
        *("ledger_transfer", "work_answer", "kit_history", "work_restriction", "people_member"),
        *(
            "people_session where account_id is not null",
            "people_apikey",
            "people_invitation",
            "people_approval",
            "people_mail",
        ),
    )
    whole = (
        *("people_account", "people_operator", "people_worker", "people_organisation"),
        *("mfa_authenticator", "account_emailaddress", "socialaccount_socialaccount"),
    )

    def facts() -> list[Any]:
        with connection.cursor() as cursor:
            query = "select (select string_agg(state, ',' order by id) from projects_batch)"
            query += "".join(f", (select count(*) from {name})" for name in counted)
            rows = "select string_agg(t::text, ',' order by t::text) from"
            query += "".join(f", ({rows} {name} t)" for name in whole)
            cursor.execute(query)
            return list(cursor.fetchall())

    clients = everybody(scene).values()  # who sign in, and make a key
    before = facts()
    for client in clients:
        for route in ROUTES:
            for method in ("GET", "HEAD", "OPTIONS"):
                read(client.generic(method, real(route, scene)))
    assert facts() == before


def test_a_form_that_does_not_come_from_our_pages_is_refused(scene: Scene) -> None:
    """SE-4: every address that takes a form, without its token, as each who is signed in."""
    before = state_of_money()
    for account in (scene.world.rita, scene.world.ada.account, scene.world.olga):
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(account, backend=BACKEND)
        for route in ROUTES:
            if route.startswith(("api/", "gallery/task/", "identity/o/", "identity/callback")):
                # Programs bring a key; the gallery's task page keeps nothing; what other sites'
                # people come by looks at the token itself (tests/oidc/test_to_elsewhere.py); an
                # identity vendor signs what it says (tests/identity/test_vendor.py).
                continue
            answer = client.post(real(route, scene), {"any": "thing"})
            assert answer.status_code in {302, 403, 404, 405}, (route, answer.status_code)
            if answer.status_code == 302:
                assert "login" in answer.headers["Location"], route
    assert state_of_money() == before
