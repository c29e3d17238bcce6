"""Words of signing in: one name for each thing, mails that say what they are, late mail said."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as product
from django.core.cache import cache
from django.test import Client

from fairhand.people.membership import invite
from fairhand.people.models import Mail
from tests.fakes.mail import deliver, mail_server
from tests.signin.conftest import mail_to
from tests.signin.test_enumeration import CODE_PAGE, NEW, PASSWORD, code_in, english, sign_up
from tests.world import World

CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
# What allauth says and we do not.
THEIRS = re.compile(
    r"security key|Remember Me|Thank you for using|Hello from|Please Confirm|Successfully|"
    r"Email\b|sign-?up for an|user account|authenticator"
)


@pytest.fixture
def open_house(live: World, settings: Any) -> World:
    cache.clear()
    settings.OPEN_SIGNUP = True
    return live


def proven(live: World) -> Client:
    """Ada, who has just typed her password again."""
    client, password = english(), "ada's long password"
    client.post("/accounts/login/", {"login": live.ada.account.email, "password": password})
    client.post("/accounts/again/", {"password": password})
    return client


def messages_on(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


@pytest.mark.parametrize("language", ["en", "de", "es", "it"])
def test_the_code_comes_in_a_mail_that_says_what_it_is(open_house: World, language: str) -> None:
    sign_up(Client(headers={"accept-language": language}), NEW)
    mail = Mail.objects.get(to=NEW)
    code = code_in(mail.text)
    assert f"<strong>{code}</strong>" in mail.html
    for text in (mail.subject, mail.text, mail.html):
        assert not THEIRS.search(text), text
        assert product.BASE_URL.partition("//")[2] in text
    assert "15" in mail.text
    assert mail.html.count("</html>") == 1
    assert f'lang="{language}"' in mail.html


def test_each_mail_of_signing_in_says_that_nothing_happens_to_who_did_not_ask(
    open_house: World,
) -> None:
    sign_up(english(), NEW)
    sign_up(english(), open_house.ada.account.email)
    for email in (open_house.ben.account.email, "nobody@example.org"):
        english().post("/accounts/password/reset/", {"email": email})
    found = Mail.objects.filter(kind__startswith="account.")
    assert len({mail.kind for mail in found}) == 4
    for mail in found:
        assert "If this was not you, ignore this mail: nothing happens." in mail.text
        assert f"This mail comes from Fairhand at {product.BASE_URL}." in mail.text
        assert not THEIRS.search(mail.subject + mail.text), mail.text


def test_a_mail_is_in_the_language_of_whoever_has_the_address(open_house: World) -> None:
    ada = open_house.ada.account
    ada.language = "de"
    ada.save()
    english().post("/accounts/password/reset/", {"email": ada.email})
    assert 'lang="de"' in Mail.objects.get(to=ada.email).html


def test_the_owner_of_an_address_that_another_wants_gets_no_code_and_no_name(live: World) -> None:
    ben, client = live.ben.account.email, proven(live)
    page = client.post("/accounts/email/", {"action_add": "1", "email": ben}, follow=True)
    assert b"Look into your mail" in page.content
    client.post(CODE_PAGE, {"action": "resend"})
    mails = Mail.objects.filter(to=ben, kind__startswith="account.")
    assert mails.exists()
    for mail in mails:
        assert not CODE.search(mail.subject + mail.text + mail.html)
        assert live.ada.account.email not in mail.text + mail.html
        assert live.ada.account.name not in mail.text
    assert "wanted to use this address" in mail_to(ben)
    assert not EmailAddress.objects.filter(user=live.ada.account, email=ben).exists()


def test_signing_up_says_nothing_twice(open_house: World) -> None:
    client = english()
    page = sign_up(client, NEW)
    assert messages_on(page) == []
    done = client.post(CODE_PAGE, {"code": code_in(mail_to(NEW))}, follow=True)
    assert messages_on(done) == []


def test_changing_the_address_says_so_once(live: World) -> None:
    client = proven(live)
    client.post("/accounts/email/", {"action_add": "1", "email": NEW})
    done = client.post(CODE_PAGE, {"code": code_in(mail_to(NEW))}, follow=True)
    assert messages_on(done) == [f"Your address is now {NEW}."]


@pytest.mark.parametrize(
    "address",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"],
)
def test_a_stranger_reads_our_names(open_house: World, address: str) -> None:
    page = english().get(address).content.decode()
    assert "E-mail address" in page
    assert not THEIRS.search(page), THEIRS.search(page)


@pytest.mark.parametrize(
    "address", ["/accounts/password/change/", "/accounts/email/", "/account/second/app/"]
)
def test_whoever_is_signed_in_reads_our_names(live: World, address: str) -> None:
    page = proven(live).get(address).content.decode().split("<main")[1]
    assert "<input" in page
    assert not THEIRS.search(page), THEIRS.search(page)


@pytest.mark.parametrize("taken", [True, False])
def test_the_code_page_says_that_mail_is_late_also_when_loaded_again(
    open_house: World, settings: Any, taken: bool
) -> None:
    client, late = english(), b"the mail may take a while"
    with mail_server(settings) as server:
        server.says = ["451 later"]
        email = open_house.ada.account.email if taken else NEW
        assert late not in sign_up(client, email).content
        deliver()
        for _ in range(2):
            assert client.get(CODE_PAGE).content.count(late) == 1
        Mail.objects.update(next_at="2026-01-01T00:00:00Z")
        deliver()
        assert late not in client.get(CODE_PAGE).content


def test_a_mail_server_that_is_known_to_be_away_is_said_at_once(
    open_house: World, settings: Any
) -> None:
    with mail_server(settings):
        pass
    sign_up(english(), NEW)
    deliver()
    page = sign_up(english(), "another@example.org")
    assert page.content.count(b"the mail may take a while") == 1


def test_who_accepts_an_invitation_reads_what_it_takes(live: World) -> None:
    _, token = invite(live.rita, live.organisation, "viewer", NEW)
    assert "seven days" in mail_to(NEW)
    assert "works once" in mail_to(NEW)
    client = english()
    page = client.get(f"/join/{token}")
    assert b"It works once, for seven days." in page.content
    form = client.get("/accounts/signup/").content
    assert b"To accept your invitation." in form
    assert b"To work here" not in form
    assert PASSWORD.encode() not in form
