"""RL-1: every route that is open to strangers or costs much has a limit, found by listing routes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fairhand.web import limits
from fairhand.web.limits import FORMS, LOOKS, SIGNED_IN, STRANGERS, limit_of
from fairhand.web.signin.changes import CHANGES
from tests.signin.conftest import enter
from tests.world import World

ALLAUTH = Path(ratelimit.__file__).parents[2]


def routes(patterns: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every route's name and address."""
    for found in get_resolver().url_patterns if patterns is None else patterns:
        place = before + str(found.pattern)
        if isinstance(found, URLResolver):
            inner = f"{space}{found.namespace}:" if found.namespace else space
            yield from routes(found.url_patterns, place, inner)
        elif isinstance(found, URLPattern):
            yield f"{space}{found.name or ''}", place


def test_every_form_has_a_limit_for_strangers_and_for_members() -> None:
    pages = [name for name, place in routes() if not place.startswith("api/")]
    assert len(pages) > 40
    for name in pages:
        for stranger in (True, False):
            rates = limit_of(name, "POST", stranger=stranger)
            assert re.fullmatch(r"\d+/\d*[smhd]/[\w+]+(?:,\s*\d+/\d*[smhd]/[\w+]+)*", rates), name


def test_the_table_names_no_route_that_is_not_there() -> None:
    there = {name for name, _place in routes()}
    assert FORMS.keys() | LOOKS.keys() <= there


def test_what_costs_much_to_look_at_is_limited() -> None:
    costly = {name for name, place in routes() if re.search(r"download|\.csv|/file$", place)}
    costly = {name for name in costly if not name.startswith("api")}
    free = {"mfa_download_recovery_codes"}  # ten short lines
    assert costly - free <= LOOKS.keys()


def test_files_that_are_drawn_anew_are_counted() -> None:
    for name in ("identity-show", "contest-decision"):
        assert "/d/user" in limit_of(name, "POST", stranger=False)


@pytest.mark.parametrize("route", ["/language", "/accounts/logout/", "/enter/x"])
def test_strangers_are_held_to_it(live: World, route: str) -> None:
    client = Client()
    answers = [client.post(route, {"language": "de"}).status_code for _ in range(62)]
    assert answers[-1] == 429
    assert 429 not in answers[:20]
    assert Client(REMOTE_ADDR="198.51.100.9").post(route).status_code != 429


def test_the_page_says_that_it_was_too_often(live: World) -> None:
    client = Client(headers={"accept-language": "en"})
    for _ in range(21):
        answer = client.post("/enter/x")
    assert answer.status_code == 429
    assert b"too often" in answer.content
    assert answer["Retry-After"] == "60"


def test_members_are_counted_apart_from_each_other(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGNED_IN", "3/m/user")
    ada, ben = enter(live.ada.account), enter(live.ben.account)
    values = {"name": "Ada", "language": "en"}
    assert [ada.post("/account", values).status_code for _ in range(4)] == [302, 302, 302, 429]
    assert ben.post("/account", values).status_code == 302


def test_an_address_of_six_is_counted_by_its_network(live: World) -> None:
    for number in range(20):
        Client(REMOTE_ADDR=f"2001:db8:1:1::{number:x}").post("/enter/x")
    assert Client(REMOTE_ADDR="2001:db8:1:1::ffff").post("/enter/x").status_code == 429
    assert Client(REMOTE_ADDR="2001:db8:1:2::1").post("/enter/x").status_code != 429


def test_what_is_refused_is_not_counted(live: World) -> None:
    """Whoever goes on asking does not put off the moment when they are let in."""
    request = Client().get("/").wsgi_request
    rates = "2/h/ip, 1/h/email"
    assert limits.take(request, "x", rates, email="a") is not None
    assert limits.take(request, "x", rates, email="a") is None
    assert limits.take(request, "x", rates, email="b") is not None
    assert limits.take(request, "x", rates, email="c") is None


def test_the_limits_of_all_pages_are_generous() -> None:
    assert (STRANGERS, SIGNED_IN) == ("60/m/ip", "240/m/user")


def test_every_change_that_allauth_tells_of_is_known() -> None:
    told = set[str]()
    for path in ALLAUTH.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for call in re.findall(r"send_notification_mail\(\s*\"([^\"]+)\"", text):
            told.add(call)
    ours = {name for name in told if name.startswith(("account/", "mfa/", "socialaccount/"))}
    assert ours == CHANGES.keys()
