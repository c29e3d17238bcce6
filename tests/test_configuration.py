"""CF-1, CF-2: a site that would be open to strangers does not start."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from fairhand.kit.sql import PACKAGE

GOOD_SECRET = "".join(map(chr, range(48, 123)))


class Start:
    """Reads the settings as a start with these variables would."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.patch, self.secret = patch, folder / "secret"
        for name in [name for name in os.environ if name.startswith("FAIRHAND_")]:
            patch.delenv(name)
        self.write(GOOD_SECRET)
        patch.setenv("FAIRHAND_SECRET_FILE", str(self.secret))

    def write(self, text: str, mode: int = 0o600) -> None:
        self.secret.touch()
        self.secret.write_text(text, encoding="utf-8")
        self.secret.chmod(mode)

    def __call__(self, **variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            self.patch.setenv(f"FAIRHAND_{name}", value)
        return runpy.run_path(str(PACKAGE / "settings.py"))

    def refuses(self, told: str, **variables: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=told):
            self(**variables)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    return Start(monkeypatch, tmp_path)


def test_with_a_secret_of_its_own_a_site_starts_closed(start: Start) -> None:
    found = start()
    assert found["SECRET_KEY"] == GOOD_SECRET
    assert (found["DEBUG"], found["OPEN_SIGNUP"]) == (False, False)
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert found["SESSION_COOKIE_HTTPONLY"] is True


def test_without_a_secret_nothing_starts(start: Start) -> None:
    start.refuses("names no file", SECRET_FILE="")


def test_a_secret_that_is_not_there_is_named(start: Start) -> None:
    start.refuses("cannot be read", SECRET_FILE=str(start.secret) + ".lost")


@pytest.mark.parametrize("text", ["", "short", "a" * 80, "ab" * 40, "123456789" * 9])
def test_a_plain_or_short_secret_is_refused(start: Start, text: str) -> None:
    start.write(text)
    start.refuses("too short or too plain")


def test_a_secret_that_is_no_text_is_refused(start: Start) -> None:
    start.write("\N{SNOWMAN}" * 60)
    start.refuses("secret")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
def test_a_secret_that_others_can_read_is_refused(start: Start, mode: int) -> None:
    start.write(GOOD_SECRET, mode)
    start.refuses("chmod 600")


def test_debugging_is_refused_where_strangers_come(start: Start) -> None:
    assert start(DEBUG="yes")["DEBUG"] is True
    start.refuses("FAIRHAND_DEBUG", DEBUG="yes", BASE_URL="https://work.example.org")


@pytest.mark.parametrize("name", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.1.2.3"])
def test_debugging_is_for_this_machine_alone(start: Start, name: str) -> None:
    hosts = "127.0.0.1,localhost,[::1]"
    assert start(DEBUG="yes", BASE_URL=f"http://{name}", HOSTS=hosts)["DEBUG"] is True


@pytest.mark.parametrize("host", ["work.example.org", "192.0.2.7", "0.0.0.0", ".localhost"])
def test_debugging_is_refused_where_another_name_is_answered(start: Start, host: str) -> None:
    start.refuses("FAIRHAND_DEBUG", DEBUG="yes", HOSTS=f"127.0.0.1,{host}")
    start.refuses("FAIRHAND_DEBUG", HOSTS="127.0.0.1", BASE_URL=f"http://{host}:8000")


def test_without_an_address_for_mail_none_is_sent_and_none_is_logged(start: Start) -> None:
    found = start()
    assert found["SENDS_MAIL"] is False
    assert found["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


def test_an_address_for_mail_is_taken_apart(start: Start) -> None:
    found = start(EMAIL_URL="smtp://me:p%40ss@mail.example.org?from=work@example.org")
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    told = [found[f"EMAIL_{name}"] for name in names]
    assert told == ["mail.example.org", 587, "me", "p@ss", True, False]
    assert (found["SENDS_MAIL"], found["DEFAULT_FROM_EMAIL"]) == (True, "work@example.org")
    found = start(EMAIL_URL="smtps://mail.example.org:2465?from=work@example.org")
    assert [found[f"EMAIL_{name}"] for name in names] == [
        *("mail.example.org", 2465, "", "", False, True)
    ]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mail.example.org", "is not written as smtp://"),
        ("http://me:secret@mail.example.org?from=a@b.org", "is not written as"),
        ("smtp://me:secret@?from=a@b.org", "is not written as"),
        ("smtp://me:secret@host:port?from=a@b.org", "is not written as"),
        ("smtp://me:secret@host?from=a@b.org&ttls=no", "is not written as"),
        ("smtp://me:secret@host", "must say who sends"),
        ("smtp://me:secret@host?from=nobody", "must say who sends"),
        ("smtp://me:secret@host?from=a@b.org&tls=maybe", "tls is yes or no"),
        ("smtps://me:secret@host?from=a@b.org&tls=no", "always TLS"),
        ("smtp://me:secret@host?from=a@b.org&tls=no", "without TLS"),
    ],
)
def test_an_address_for_mail_that_cannot_be_meant_is_refused(
    start: Start, url: str, told: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=told) as caught:
        start(EMAIL_URL=url)
    assert "secret" not in str(caught.value)


def test_a_host_that_is_any_host_is_refused(start: Start) -> None:
    start.refuses("must name the hosts", HOSTS="work.example.org,*")


@pytest.mark.parametrize("name", ["DEBUG", "OPEN_SIGNUP", "BEHIND_PROXY"])
def test_a_switch_is_yes_or_no_and_nothing_else(start: Start, name: str) -> None:
    start.refuses(f"FAIRHAND_{name} must be yes or no, not 'maybe'", **{name: "maybe"})


@pytest.mark.parametrize("word", ["1", "yes", "TRUE", " on "])
def test_sign_up_is_open_only_where_the_operator_says_so(start: Start, word: str) -> None:
    assert start(OPEN_SIGNUP="no")["OPEN_SIGNUP"] is False
    assert start(OPEN_SIGNUP=word)["OPEN_SIGNUP"] is True


def test_a_forwarded_protocol_is_believed_only_behind_a_proxy(start: Start) -> None:
    assert start()["SECURE_PROXY_SSL_HEADER"] is None
    assert start(BEHIND_PROXY="yes")["SECURE_PROXY_SSL_HEADER"]


def test_over_https_cookies_stay_there(start: Start) -> None:
    found = start(BASE_URL="https://work.example.org/")
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] > 10_000_000
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://work.example.org"]


def test_another_kind_of_database_is_refused(start: Start) -> None:
    start.refuses("must start with postgresql://", DATABASE_URL="sqlite:///here")


def test_a_database_address_is_taken_apart(start: Start) -> None:
    told = "postgresql://me:p%40ss@db.example.org:6432/name?sslmode=require&connect_timeout=3"
    found = start(DATABASE_URL=told)["DATABASES"]["default"]
    assert [found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        *("name", "me", "p@ss", "db.example.org", "6432")
    ]
    assert found["OPTIONS"] == {"sslmode": "require", "connect_timeout": "3"}
    socket = start(DATABASE_URL="postgresql://me@/name?host=%2Frun%2Fpg")["DATABASES"]["default"]
    assert socket["HOST"] == "/run/pg"
