"""Phone numbers: proven by a code, one account a number, through a provider behind a protocol."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from fairhand.kit.decision import Refused
from fairhand.kit.models import Installation
from fairhand.people.models import Account, Event, Notice
from fairhand.people.phone import forget_phone, keep_phone, provider, send_code
from tests.world import World

SECRET = "0123456789abcdef0123456789abcdef"
NUMBER, OTHER = "+393331234567", "+393339876543"


class Gateway(HTTPServer):
    """An operator's address that takes texts, on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, bytes]] = []
        self.status = 204


class _Taking(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers["Fairhand-Signature"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.PHONE_URL = f"http://127.0.0.1:{server.server_port}/texts"
        settings.PHONE_SECRET = SECRET
        yield server
        server.shutdown()
        thread.join()


def signed_in(account: Account) -> Client:
    client = Client(headers={"accept-language": "en"})
    password = f"{account.name.lower()}'s long password"
    client.post("/accounts/login/", {"login": account.email, "password": password})
    client.post("/accounts/again/", {"password": password})
    return client


def code_of(gateway: Gateway) -> str:
    text = json.loads(gateway.taken[-1][1])["text"]
    found = re.search(r"[A-Z0-9]+-[A-Z0-9]+(?:-[A-Z0-9]+)?|\d{4,}", text)
    assert found is not None, text
    return found[0]


def test_a_number_is_proven_by_the_code_that_was_sent_to_it(world: World, gateway: Gateway) -> None:
    Installation.objects.update(kind="live")
    client, ada = signed_in(world.ada.account), world.ada.account
    assert client.post("/account/phone", {"phone": NUMBER})["Location"] == "/account/phone/code"
    ada.refresh_from_db()
    assert ada.phone == ""
    client.post("/account/phone/code", {"code": "wrong"})
    client.post("/account/phone/code", {"code": code_of(gateway)})
    ada.refresh_from_db()
    assert ada.phone == NUMBER
    assert ada.phone_verified_at is not None
    assert Event.objects.get(action="phone.changed").after == {"phone": NUMBER}
    assert Notice.objects.filter(account=ada, kind="security.phone_changed").exists()
    assert NUMBER.encode() in client.get("/account").content


def test_texts_are_signed_so_that_nobody_else_sends_them(world: World, gateway: Gateway) -> None:
    send_code(world.ada.account, NUMBER, "123-456")
    signature, body = gateway.taken[0]
    said = json.loads(body)
    assert said["phone"] == NUMBER
    assert "123-456" in said["text"]
    signed = f"{said['sent_at']}.".encode() + body
    right = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert signature == f"t={said['sent_at']},v1={right}"


def test_a_gateway_that_is_away_or_refuses_is_told_calmly(world: World, gateway: Gateway) -> None:
    gateway.status = 500
    with pytest.raises(Refused, match="could not be sent"):
        send_code(world.ada.account, NUMBER, "1")
    gateway.status = 302
    with pytest.raises(Refused, match="could not be sent"):
        send_code(world.ada.account, NUMBER, "1")


def test_a_gateway_in_a_private_network_is_not_asked(world: World, settings: Any) -> None:
    settings.PHONE_URL, settings.PHONE_SECRET = "https://10.0.0.5/texts", SECRET
    with pytest.raises(Refused, match="could not be sent"):
        send_code(world.ada.account, NUMBER, "1")


def test_one_number_belongs_to_one_account(world: World) -> None:
    keep_phone(world.ada.account, NUMBER)
    with pytest.raises(Refused, match="another account"):
        keep_phone(world.ben.account, NUMBER)
    world.ben.account.refresh_from_db()
    assert world.ben.account.phone == ""
    assert forget_phone(world.ada.account)
    assert not forget_phone(world.ada.account)
    keep_phone(world.ben.account, NUMBER)


def test_a_number_that_is_somebodys_is_asked_for_like_any_other(
    world: World, gateway: Gateway
) -> None:
    keep_phone(world.ben.account, NUMBER)
    client = signed_in(world.ada.account)
    answers = [client.post("/account/phone", {"phone": number}) for number in (NUMBER, OTHER)]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_texts_on_the_screen_are_for_demonstrations_alone(
    world: World, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PHONE_URL = "console:"
    send_code(world.ada.account, NUMBER, "123-456")
    assert "123-456" in capsys.readouterr().out
    Installation.objects.update(kind="live")
    assert provider() is None
    with pytest.raises(Refused, match="sends no texts"):
        send_code(world.ada.account, NUMBER, "1")


def test_without_a_provider_there_is_no_page_for_it(world: World) -> None:
    client = signed_in(world.ada.account)
    assert client.get("/account/phone").status_code == 404
    assert b"/account/phone" not in client.get("/account").content


def test_a_person_has_codes_sent_three_times_an_hour(world: World, gateway: Gateway) -> None:
    client = signed_in(world.ada.account)
    for number in range(6):
        client.post("/account/phone", {"phone": f"+39333123450{number}"})
    assert len(gateway.taken) == 3
