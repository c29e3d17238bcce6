"""Mail as an installation sends it: by a real server, late when that is away, or not at all."""

import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from fairhand.people.models import Mail, MailState
from tests.fakes.mail import deliver, mail_server, words_of
from tests.world import World

FORGOTTEN = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _nobody_was_away(db: None) -> None:
    cache.clear()


def ask(email: str) -> Any:
    client = Client(headers={"accept-language": "en"})
    return client.post(FORGOTTEN, {"email": email}, follow=True)


def test_the_link_arrives_by_the_operators_mail_server(world: World, settings: Settings) -> None:
    with mail_server(settings) as server:
        assert ask(world.ada.account.email).status_code == 200
        assert deliver() == 1
    (message,) = server.taken
    assert (message["From"], message["To"]) == ("work@example.org", world.ada.account.email)
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", words_of(message))
    assert link is not None
    html = message.get_body(("html",))
    assert html is not None
    assert f'href="http://127.0.0.1:8000{link[1]}' in html.get_content()
    assert b"Choose a new password" in Client().get(link[1], follow=True).content
    assert link[1] not in str(list(Mail.objects.values_list()))


def test_a_mail_server_that_is_away_makes_mail_late_and_the_page_says_so(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server(settings):
        pass
    with caplog.at_level(logging.DEBUG):
        assert b"may take a while" not in ask(world.ada.account.email).content
        assert deliver() == 0
        # In the same words for an address that is nobody's.
        for email in (world.ben.account.email, "nobody@example.org"):
            assert b"may take a while" in ask(email).content
    assert "reset/key" not in caplog.text
    waiting = Mail.objects.filter(state=MailState.WAITING, to=world.ada.account.email)
    assert waiting.count() == 1
    with mail_server(settings) as server:
        cache.clear()
        waiting.update(next_at="2026-01-01T00:00:00Z")
        assert deliver() >= 1
        assert world.ada.account.email in {message["To"] for message in server.taken}


def test_without_mail_nobody_is_promised_any(
    world: World, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    client = Client(headers={"accept-language": "en"})
    assert FORGOTTEN.encode() in client.get("/accounts/login/").content
    settings.SENDS_MAIL = False
    assert FORGOTTEN.encode() not in client.get("/accounts/login/").content
    for response in (client.get(FORGOTTEN), ask(world.ada.account.email)):
        assert b"sends no mail. Ask whoever runs it" in response.content
        assert b"<input" not in response.content.split(b"<main")[1].split(b"</main")[0]
    assert mail.outbox == []
    assert not Mail.objects.exists()
    assert "reset/key" not in "".join(capfd.readouterr())
