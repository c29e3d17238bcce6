"""Mail as an installation sends it: by a real server, or not at all."""

import email
import logging
import re
from email.policy import default
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from fairhand.settings import _mail
from tests.web.mailserver import mail_server
from tests.world import World

FORGOTTEN = "/accounts/password/reset/"


def use(settings: Settings, url: str) -> None:
    for name, value in _mail(url).items():
        setattr(settings, name, value)


def ask(world: World) -> Any:
    client = Client(headers={"accept-language": "en"})
    return client.post(FORGOTTEN, {"email": world.ada.account.email})


def test_the_link_arrives_by_the_operators_mail_server(world: World, settings: Settings) -> None:
    with mail_server() as server:
        port = server.server_address[1]
        use(settings, f"smtp://me:secret@127.0.0.1:{port}?tls=no&from=work@example.org")
        assert ask(world).status_code == 302
    assert any(line.startswith("AUTH PLAIN") for line in server.said)
    (raw,) = server.mails
    message = email.message_from_string(raw, policy=default)
    assert (message["From"], message["To"]) == ("work@example.org", world.ada.account.email)
    body = message.get_body()
    assert body is not None
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", body.get_content())
    assert link is not None
    assert b"Choose a new password" in Client().get(link[1], follow=True).content


def test_a_mail_server_that_is_away_is_told_without_the_link(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server() as server:
        port = server.server_address[1]
    use(settings, f"smtp://127.0.0.1:{port}?tls=no&from=work@example.org")
    with caplog.at_level(logging.DEBUG):
        response = ask(world)
    assert response.status_code == 503
    assert b"could not be sent" in response.content
    assert "could not be sent" in caplog.text
    assert "reset/key" not in caplog.text


def test_without_mail_nobody_is_promised_any(
    world: World, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    client = Client(headers={"accept-language": "en"})
    assert FORGOTTEN.encode() in client.get("/accounts/login/").content
    settings.SENDS_MAIL = False
    assert FORGOTTEN.encode() not in client.get("/accounts/login/").content
    for response in (client.get(FORGOTTEN), ask(world)):
        assert b"sends no mail. Ask whoever runs it" in response.content
        assert b"<input" not in response.content.split(b"<main")[1].split(b"</main")[0]
    assert mail.outbox == []
    assert "reset/key" not in "".join(capfd.readouterr())
