"""Devices: one row a browser, written once a day, only of those who work; the mark stays a browser's."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fairhand.people import devices
from fairhand.people.devices import Kind, digest_of, kind_of, seen
from fairhand.people.models import Account, Device, SameCase
from fairhand.web.signin.known import COOKIE, SALT
from tests.world import World

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537 Chrome/130 Mobile Safari/537"
TABLET = "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537 Chrome/130 Safari/537"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Mobile/15E148 Safari"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/130 Safari/537 Edg/130"


def sign_in(client: Client, account: Account, name: str, agent: str = ANDROID) -> None:
    values = {"login": account.email, "password": f"{name}'s long password"}
    answer = client.post("/accounts/login/", values, headers={"user-agent": agent})
    assert answer.status_code == 302


def mark_of(client: Client) -> str:
    mark: str = signing.loads(client.cookies[COOKIE].value, salt=SALT)[1]
    return mark


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (ANDROID, Kind.PHONE),
        (IPHONE, Kind.PHONE),
        (TABLET, Kind.TABLET),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)", Kind.TABLET),
        (WINDOWS, Kind.COMPUTER),
        ("", Kind.COMPUTER),
        ("\N{SNOWMAN}" * 300, Kind.COMPUTER),
    ],
)
def test_a_browser_says_on_what_it_runs(agent: str, kind: Kind) -> None:
    assert kind_of(agent) == kind
    assert kind in devices.NAMES


def test_a_device_is_a_row_and_its_mark_is_not_kept(world: World) -> None:
    seen(world.ada.account, "m1", ANDROID)
    seen(world.ada.account, "m1", ANDROID)
    seen(world.ada.account, "m2", WINDOWS)
    first, second = Device.objects.order_by("pk")
    assert (first.kind, first.system, first.browser) == ("phone", "Android", "Chrome")
    assert (second.kind, second.system, second.browser) == ("computer", "Windows", "Edge")
    assert first.digest == digest_of("m1") != "m1"


def test_of_those_who_do_not_work_and_of_what_has_no_mark_nothing_is_kept(world: World) -> None:
    assert seen(world.rita, "m1", ANDROID) is None
    assert seen(world.ada.account, "", ANDROID) is None
    assert Device.objects.count() == 0


def test_it_is_written_once_a_day(world: World) -> None:
    seen(world.ada.account, "m1", ANDROID)
    before = Device.objects.get()
    with CaptureQueriesContext(connection) as queries:
        seen(world.ada.account, "m1", WINDOWS)
    assert not [one for one in queries if one["sql"].startswith(("UPDATE", "INSERT"))]
    late = timezone.now() - timedelta(days=2)
    Device.objects.update(first_at=late, last_at=late)
    seen(world.ada.account, "m1", WINDOWS)
    after = Device.objects.get()
    assert (after.first_at, after.system) == (late, "Windows")
    assert after.last_at >= before.last_at


def test_signing_in_shows_the_device_from_the_next_page_on(world: World) -> None:
    client = Client()
    sign_in(client, world.ada.account, "ada")
    client.get("/work", headers={"user-agent": ANDROID})
    assert Device.objects.get().digest == digest_of(mark_of(client))
    with CaptureQueriesContext(connection) as queries:
        client.get("/work", headers={"user-agent": ANDROID})
    assert "people_device" not in str([one["sql"] for one in queries])


def test_a_browser_that_two_people_use_has_one_mark(world: World) -> None:
    client = Client()
    for account, name in ((world.ada.account, "ada"), (world.ben.account, "ben")):
        sign_in(client, account, name)
        client.get("/work")
        client.post("/accounts/logout/")
    one, other = Device.objects.order_by("pk")
    assert one.digest == other.digest
    assert one.account_id != other.account_id
    case = SameCase.objects.get()
    assert {case.first, case.second} == {world.ada.account, world.ben.account}
    assert case.kinds == ["device"]
    for worker in (world.ada, world.ben):
        worker.refresh_from_db()
        assert worker.standing == "active", "a shared device is for people to look at, no more"


def test_a_mark_that_we_did_not_sign_is_none(world: World) -> None:
    client = Client()
    client.force_login(world.ada.account, settings.AUTHENTICATION_BACKENDS[0])
    for value in ("", "x", signing.dumps(["acc_1"], salt=SALT), signing.dumps("m", salt="other")):
        client.cookies[COOKIE] = value
        assert client.get("/work").status_code == 200
    assert Device.objects.count() == 0
