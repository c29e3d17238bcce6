"""One installation answers to its own names and its open portals', and to no other."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.people import portals
from fairhand.people.models import Portal
from fairhand.people.portals import door_at, portal_at, portal_named

pytestmark = pytest.mark.django_db


def portal(name: str, **more: Any) -> Portal:
    return Portal.objects.create(slug=name, name=name.title(), host=f"{name}.example.org", **more)


def at(host: str) -> Client:
    return Client(headers={"host": host, "accept-language": "en"})


@pytest.mark.parametrize(
    "host",
    ["nobody.example.org", "one.example.org.evil.org", "xn--ne-xka.example.org", "o ne", "@"],
)
def test_a_host_name_that_nobody_owns_gets_a_clear_page(host: str) -> None:
    portal("one")
    answer = at(host).get("/")
    assert answer.status_code == 421
    assert "Nobody here has this address" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    told = at(host).get("/api/v1/me")
    assert (told.status_code, json.loads(told.content)["code"]) == (421, "unknown_host")


def test_not_even_a_file_of_ours_is_served_at_a_strange_name() -> None:
    assert at("nobody.example.org").get("/static/build/icon.svg").status_code == 421


def test_what_a_strange_name_says_is_not_markup() -> None:
    page = at("<script>alert(1)</script>").get("/").content.decode()
    assert "<script>" not in page


def test_a_portals_host_name_is_served_with_port_and_capital_letters() -> None:
    portal("one")
    for host in ("one.example.org", "ONE.example.org:8443", "one.example.org:80"):
        assert at(host).get("/").status_code == 200


def test_a_closed_portal_has_no_door() -> None:
    portal("one", closed_at=timezone.now() - timedelta(days=1))
    assert at("one.example.org").get("/").status_code == 421


@pytest.mark.parametrize("host", ["one.example.org", "ONE.example.org:8443"])
def test_at_a_closed_portals_name_its_people_hear_where_their_money_is(
    host: str, settings: Any
) -> None:
    settings.BASE_URL = "https://fairhand.example.org"
    portal("one", closed_at=timezone.now())
    page = at(host).get("/earnings").content.decode()
    assert "This portal is closed" in page
    assert 'href="https://fairhand.example.org"' in page
    assert "give nobody money" not in page
    told = json.loads(at(host).get("/api/v1/me").content)
    assert told["code"] == "portal_closed"
    with pytest.raises(Refused) as refused:
        door_at(host)
    assert refused.value.refusal.code == "portal_closed"


def test_a_portals_door_opens_that_portal_and_ours_opens_our_own() -> None:
    one, own = portal("one"), Portal.objects.create(slug="own", name="Own", host="")
    assert door_at("one.example.org:443") == portal_named("ONE.example.org") == one
    assert door_at("testserver") == portal_at("testserver") == door_at("") == own
    with pytest.raises(Refused) as refused:
        door_at("two.example.org")
    assert refused.value.refusal.status == 421


def test_without_an_own_portal_our_own_door_is_none() -> None:
    assert door_at("testserver") is None


def test_doors_are_remembered_for_seconds_only(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTALS_KEPT_SECONDS = 2.0
    now = [1000.0]
    monkeypatch.setattr("fairhand.people.portals.time.monotonic", lambda: now[0])
    monkeypatch.setattr(portals, "_doors", portals._Doors({}))
    one = portal("one")
    assert portal_named("one.example.org") == one
    Portal.objects.filter(pk=one.pk).update(closed_at=timezone.now())
    assert portal_named("one.example.org") == one
    now[0] += 2
    assert portal_named("one.example.org") is None
    Portal.objects.filter(pk=one.pk).update(closed_at=None)
    portals.forget_doors()
    assert portal_named("one.example.org") == one
