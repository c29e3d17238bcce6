"""The pages of notices, wishes, devices and of the mail that waits."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from fairhand.kit.money import Money
from fairhand.people import push
from fairhand.people.mail import send
from fairhand.people.models import Duty, Mail, Notice, Operator, Preference, PushDevice
from fairhand.people.notices import tell
from fairhand.people.notices.kinds import KINDS, Whom
from fairhand.people.notices.reading import unread
from fairhand.people.notices.stopping import stop_address
from tests.fakes.mail import mail_server
from tests.fakes.push import LOOPBACK, Browser, PushService, push_service
from tests.web.conftest import SignIn
from tests.world import World

ACCEPTED: dict[str, Any] = {"amount": Money(12_340_000, "EUR"), "batch": "Moods"}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setattr(push, "policy", lambda: LOOPBACK)
    with push_service() as running:
        yield running


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_the_bell_counts_and_the_page_tells_and_leads_on(world: World, signed: SignIn) -> None:
    ada = world.ada.account
    client = signed(ada)
    assert "Nothing was told to you yet" in text_of(client, "/notices")
    assert "bell-count" not in text_of(client, "/work")
    told = tell(ada, "work.accepted", link="/earnings", **ACCEPTED)
    assert re.search(r'bell-count num">1<', text_of(client, "/work"))
    page = text_of(client, "/notices")
    assert "€12.34 for “Moods” are payable now." in page
    assert unread(ada) == 1, "looking changes nothing"
    response = client.post(f"/notices/{told.pk}/open")
    assert (response.status_code, response["Location"]) == (302, "/earnings")
    assert "bell-count" not in text_of(client, "/notices")


def test_all_that_was_on_the_screen_is_read_and_nothing_newer(world: World, signed: SignIn) -> None:
    ada = world.ada.account
    seen = tell(ada, "security.signed_out")
    tell(ada, "security.signed_out")
    client = signed(ada)
    client.post("/notices/read", {"up_to": str(seen.pk)})
    assert unread(ada) == 1
    for nonsense in ("", "-1", "x", "9" * 30, "\N{SUPERSCRIPT TWO}"):
        assert client.post("/notices/read", {"up_to": nonsense}).status_code == 302
    assert unread(ada) == 1


def test_nobody_opens_the_notices_of_others(world: World, signed: SignIn) -> None:
    told = tell(world.ada.account, "work.accepted", link="/earnings", **ACCEPTED)
    client = signed(world.ben.account)
    assert client.post(f"/notices/{told.pk}/open").status_code == 404
    assert "Moods" not in text_of(client, "/notices")
    assert unread(world.ada.account) == 1
    assert Client().get("/notices")["Location"].startswith("/accounts/login/")


def test_a_long_list_takes_no_more_queries_and_comes_in_parts(world: World, signed: SignIn) -> None:
    client, ada = signed(world.ada.account), world.ada.account
    text_of(client, "/notices")
    taken = []
    for _ in range(2):
        tell(ada, "work.accepted", **ACCEPTED)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text_of(client, "/notices")
        taken.append(len(queries))
        Notice.objects.bulk_create(
            [Notice(account=ada, kind="security.signed_out") for _ in range(60)]
        )
    assert taken[0] == taken[1]
    assert "1 to 50 of 122" in text_of(client, "/notices")
    assert "51 to 100 of 122" in text_of(client, "/notices?page=2")


def test_a_kind_that_is_no_more_does_not_break_the_page(world: World, signed: SignIn) -> None:
    Notice.objects.create(account=world.ada.account, kind="work.of_yesterday")
    assert "Nothing was told" in text_of(signed(world.ada.account), "/notices")


def test_wishes_are_kept_all_or_none(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    page = text_of(client, "/notices/wishes")
    free = [
        name
        for name, kind in KINDS.items()
        if not kind.fixed and kind.whom in {Whom.EVERYBODY, Whom.WORKERS}
    ]
    assert 'name="mail-money.deposited"' not in page, "that concerns requesters alone"
    assert all(f'name="mail-{name}"' in page for name in free)
    assert 'name="mail-security' not in page
    wishes = {f"mail-{name}": "daily" for name in free}
    unknown = {**wishes, "mail-work.accepted": "hourly"}
    assert client.post("/notices/wishes", unknown).status_code == 422
    assert not Preference.objects.exists()
    wishes["mail-security.password_changed"] = "never"
    assert client.post("/notices/wishes", wishes).status_code == 302
    kept = Preference.objects.filter(account=world.ada.account)
    assert set(kept.values_list("mail", "push")) == {("daily", False)}
    assert not kept.filter(kind__startswith="security").exists()


def test_a_device_is_added_listed_and_removed_by_its_owner_alone(
    world: World, signed: SignIn, service: PushService
) -> None:
    ada, ben = signed(world.ada.account), signed(world.ben.account)
    browser = Browser(service, push.public_key())
    given = {"endpoint": browser.endpoint, **browser.keys}
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    response = ada.post("/notices/devices", given, follow=True, headers={"user-agent": agent})
    page = response.content.decode()
    assert "Firefox" in page
    assert browser.endpoint not in page
    assert push.public_key() in page
    device = PushDevice.objects.get()
    ben.post(f"/notices/devices/{device.pk}/remove")
    assert PushDevice.objects.exists()
    ada.post(f"/notices/devices/{device.pk}/remove")
    assert not PushDevice.objects.exists()
    assert unread(world.ada.account) == 1, "a new device is told to its owner"


def test_a_device_that_leads_inside_is_refused_in_a_sentence(world: World, signed: SignIn) -> None:
    with push_service() as service:
        keys = Browser(service, push.public_key()).keys
    given = {"endpoint": "https://169.254.169.254/latest", **keys}
    response = signed(world.ada.account).post("/notices/devices", given, follow=True)
    assert "does not lead to a public server" in response.content.decode()
    assert not PushDevice.objects.exists()


def test_a_mail_program_ends_a_kind_in_one_request_without_signing_in(world: World) -> None:
    """RFC 8058: a POST without cookies; looking at the address changes nothing."""
    path = "/" + stop_address(world.ada.account, "work.finished").split("/", 3)[3]
    program = Client(enforce_csrf_checks=True)
    assert "A batch of yours is finished" in text_of(program, path)
    assert not Preference.objects.exists()
    body = {"List-Unsubscribe": "One-Click"}
    assert program.post(path, body).status_code == 200
    assert Preference.objects.get().mail == "never"
    assert program.post(path, body).status_code == 200
    assert program.post(path[:-2], body).status_code == 404


def test_the_app_can_be_installed(client: Client) -> None:
    found: dict[str, Any] = json.loads(client.get("/manifest.webmanifest").content)
    assert (found["start_url"], found["scope"], found["display"]) == ("/", "/", "standalone")
    for icon in found["icons"]:
        assert b"".join(client.get(icon["src"])), icon
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Cache-Control"] == "no-cache"
    assert b"notificationclick" in worker.content


def test_operators_see_which_mail_waits_and_why_and_send_it_again(
    world: World, signed: SignIn, settings: Settings
) -> None:
    olga = signed(world.olga)
    with mail_server(settings) as server:
        server.receivers_refused = {world.ada.account.email: "550 5.1.1 no <such> user"}
        tell(world.ada.account, "work.finished", batch="Moods")
        mail = Mail.objects.get()
        assert world.ada.account.email in text_of(olga, "/operator/mails")
        send(mail.pk)
        page = text_of(olga, "/operator/mails?state=failed")
        assert "550 5.1.1 no &lt;such&gt; user" in page
        assert "All answers are in" not in page, "what a mail says is its reader's"
        server.receivers_refused = {}
        olga.post(f"/operator/mails/{mail.pk}/again")
        assert send(mail.pk)
    assert world.ada.account.email in text_of(olga, "/operator/mails?state=sent")
    response = olga.post(f"/operator/mails/{mail.pk}/again", follow=True)
    assert "whoever waits for it asks for a new one" in response.content.decode()
    assert len(server.taken) == 1
    cache.clear()


def test_only_operators_who_support_people_see_mails(world: World, signed: SignIn) -> None:
    for account in (world.ada.account, world.rita):
        assert signed(account).get("/operator/mails").status_code == 403
    Operator.objects.filter(account=world.olga).update(duties=[Duty.FINANCE])
    assert signed(world.olga).get("/operator/mails").status_code == 403
    assert signed(world.olga).post("/operator/mails/1/again").status_code == 403
