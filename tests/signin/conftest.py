"""A live installation, and people who sign in to it as people do."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from fairhand.kit.models import Installation
from fairhand.people.models import Account, Mail
from tests.world import World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = 1_800_000_000 // 30


@pytest.fixture
def live(world: World) -> World:
    """The cast in an installation that is no demonstration."""
    Installation.objects.update(kind="live")
    return world


@pytest.fixture
def committed_live(committed_world: World) -> World:
    """The same in rows that other connections see."""
    Installation.objects.update(kind="live")
    return committed_world


class Clock:
    """What allauth's app codes take for the time."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(STEP * 30.0 + 10)
    monkeypatch.setattr(totp, "time", made)
    return made


def code_at(step: int, secret: str = SECRET) -> str:
    """What an app shows in that half minute."""
    return str(format_hotp_value(hotp_value(secret, step)))


def give_app(account: Account, secret: str = SECRET) -> Authenticator:
    """Set up an app for codes, and recovery codes as they come with it."""
    RecoveryCodes.activate(account)
    made: Authenticator = TOTP.activate(account, secret).instance
    return made


def password_of(account: Account) -> str:
    return f"{account.name.lower()}'s long password"


def enter(
    account: Account, password: str = "", client: Client | None = None, **more: Any
) -> Client:
    """Type address and password, as far as that leads."""
    client = client or Client(headers={"accept-language": "en"}, **more)
    values = {"login": account.email, "password": password or password_of(account)}
    client.post("/accounts/login/", values)
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def mail_to(address: str) -> str:
    """The text of the last mail that was written to an address."""
    return Mail.objects.filter(to=address).latest("pk").text
