"""Proving who one is, in a real browser with a passkey of its own, and mail by a real server."""

import email
import re
import time
from collections.abc import Iterator
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from pytest_django import Settings

from fairhand.kit.models import Installation
from fairhand.people import mail as outbox
from fairhand.people.models import Account, Mail
from fairhand.settings import _mail
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.signin.conftest import give_app, password_of
from tests.world import World

EVE, PASSWORD = "eve@example.org", "eve sings in the morning"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Letters(Message):
    """What the mail server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def handle_message(self, message: Any) -> None:
        parsed = email.message_from_bytes(message.as_bytes(), policy=default)
        body = parsed.get_body(("plain",))
        assert body is not None
        self.kept.append(body.get_content())


@pytest.fixture
def letters(settings: Settings, free_tcp_port: int) -> Iterator[Letters]:
    """A mail server on loopback that the installation uses."""
    handler = Letters()
    server = Controller(handler, hostname="127.0.0.1", port=free_tcp_port)
    server.start()
    url = f"smtp://127.0.0.1:{free_tcp_port}?tls=no&from=work@example.org"
    for name, value in _mail(url).items():
        setattr(settings, name, value)
    yield handler
    server.stop()


@pytest.fixture
def at_a_name(site: str, committed_world: World) -> str:
    """The site at a name: browsers allow no passkeys at a number. It is no demonstration."""
    Installation.objects.update(kind="live")
    return site.replace("127.0.0.1", "localhost")


def send_all() -> None:
    """What the jobs do with what waits in the outbox."""
    for waiting in Mail.objects.filter(state="waiting"):
        assert outbox.send(waiting.pk)


def with_device(visitor: Visitor, site: str) -> Visitor:
    visitor.site = site
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return visitor


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def prove(visitor: Visitor, password: str) -> None:
    visitor.page.get_by_label("Password", exact=True).fill(password)
    press(visitor, "Go on")


def sign_out(visitor: Visitor) -> None:
    visitor.go("/accounts/logout/")
    press(visitor, "Sign out")


def test_from_signing_up_to_a_passkey_alone(
    visit: Visit, at_a_name: str, letters: Letters, settings: Settings
) -> None:
    settings.OPEN_SIGNUP = True
    with visit(PHONE) as visitor:
        page = with_device(visitor, at_a_name).go("/accounts/signup/")
        page.get_by_label("E-mail address").fill(EVE)
        page.get_by_label("Password").fill(PASSWORD)
        press(visitor, "Make the account")
        page.get_by_role("heading", name="Look into your mail").wait_for()
        visitor.check()
        visitor.shot("accounts-code-phone-light")
        send_all()
        code = re.search(r"\b[B-Z]{4}-[B-Z]{4}\b", letters.kept[-1])
        assert code is not None
        page.get_by_label("Code").fill(code[0])
        press(visitor, "Confirm")
        page.wait_for_url("**/work")
        visitor.go("/account")
        visitor.check()
        follow(visitor, "Passkeys and second factors")
        visitor.check()
        visitor.shot("account-second-phone-light")
        follow(visitor, "Add a passkey")
        visitor.check()
        visitor.shot("accounts-again-phone-light")
        prove(visitor, PASSWORD)
        visitor.check()
        visitor.shot("account-passkeys-add-phone-light")
        press(visitor, "Add a passkey")
        page.get_by_role("heading", name="Recovery codes", exact=True).wait_for()
        visitor.check()
        visitor.shot("account-second-codes-phone-light")
        sign_out(visitor)
        visitor.go("/accounts/login/")
        visitor.check()
        press(visitor, "Sign in with a passkey")
        page.wait_for_url("**/work")
        visitor.go("/account/passkeys/")
        visitor.check()
        visitor.shot("account-passkeys-phone-light")
    send_all()
    assert any("passkey" in letter for letter in letters.kept)


def test_a_lost_phone_and_a_recovery_code(visit: Visit, at_a_name: str) -> None:
    olga = Account.objects.get(name="Olga")
    give_app(olga)
    kept = Authenticator.objects.get(user=olga, type="recovery_codes")
    code = kept.wrap().get_unused_codes()[0]
    with visit(PHONE) as visitor:
        visitor.site = at_a_name
        page = visitor.go("/accounts/login/")
        page.get_by_label("E-mail address").fill(olga.email)
        page.get_by_label("Password").fill(password_of(olga))
        press(visitor, "Sign in")
        page.get_by_role("heading", name="One more step").wait_for()
        visitor.check()
        visitor.shot("accounts-second-phone-light")
        page.get_by_label("Code").fill("00000000")
        press(visitor, "Sign in")
        page.get_by_text("This code does not fit").wait_for()
        visitor.check()
        page.get_by_label("Code").fill(code)
        press(visitor, "Sign in")
        page.wait_for_url("**/operator")
        visitor.go("/account")
        page.get_by_role("heading", name="Was this you?").wait_for()
        visitor.check()
        visitor.shot("journey-account-phone")


def test_an_operator_is_led_to_a_second_factor_by_an_app(visit: Visit, at_a_name: str) -> None:
    olga = Account.objects.get(name="Olga")
    with visit(DESK) as visitor:
        visitor.site = at_a_name
        page = visitor.go("/accounts/login/")
        page.get_by_label("E-mail address").fill(olga.email)
        page.get_by_label("Password").fill(password_of(olga))
        press(visitor, "Sign in")
        page.get_by_role("heading", name="Passkeys and second factors").wait_for()
        visitor.check()
        visitor.shot("account-second-desk-light")
        follow(visitor, "Set up an app")
        prove(visitor, password_of(olga))
        visitor.check()
        visitor.shot("account-second-app-desk-light")
        secret = page.locator("main code").inner_text()
        now = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        page.get_by_label("Code").fill(now)
        press(visitor, "Set it up")
        page.get_by_role("heading", name="Recovery codes", exact=True).wait_for()
        visitor.go("/operator")
        assert page.url.endswith("/operator")


def test_a_browser_elsewhere_is_signed_out(visit: Visit, at_a_name: str) -> None:
    ada = Account.objects.get(name="Ada")
    with visit(PHONE) as mine, visit(DESK) as other:
        for visitor in (mine, other):
            visitor.site = at_a_name
            visitor.sign_in(ada)
            visitor.go("/account")
        mine.go("/account/browsers")
        mine.check()
        mine.shot("account-browsers-phone-light")
        mine.page.get_by_text("Sign out everywhere else").first.click()
        mine.page.get_by_role("button", name="Sign out everywhere else").click()
        mine.page.get_by_text("One other browser was signed out.").wait_for()
        mine.check()
        other.go("/account")
        assert "/accounts/login/" in other.page.url


def test_a_passkey_that_is_not_there_is_told_on_the_page(visit: Visit, at_a_name: str) -> None:
    with visit(PHONE) as visitor:
        page = with_device(visitor, at_a_name).go("/accounts/login/")
        press(visitor, "Sign in with a passkey")
        page.get_by_text("The passkey was not used").wait_for()
        visitor.check()
