"""AU-4: who has an account is told to nobody, by no word and no time. Sign-up and its codes."""

import re
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from fairhand.people.models import Account, Mail, Notice
from fairhand.web.signin import adapter
from tests.signin.conftest import is_in, mail_to
from tests.world import World

NEW = "new.person@example.org"
PASSWORD = "a sentence nobody guesses"
TRIES = 200
CODE_PAGE = "/accounts/code/"


@pytest.fixture
def open_house(live: World, settings: Any) -> World:
    settings.OPEN_SIGNUP = True
    return live


def english() -> Client:
    return Client(headers={"accept-language": "en"})


def sign_up(client: Client, email: str) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD}, follow=True)


def bare(page: Any, *words: str) -> str:
    """A page without what differs between any two visits."""
    text: str = page.content.decode()
    for word in words:
        text = text.replace(word, "X")
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", text)


def code_in(text: str) -> str:
    found = re.search(r"\b[B-Z]{4}-[B-Z]{4}\b", text)
    assert found is not None, text
    return found[0]


def test_signing_up_goes_on_by_the_code_that_was_mailed(open_house: World) -> None:
    client = english()
    assert b"Look into your mail" in sign_up(client, NEW).content
    assert not is_in(client)
    assert client.get("/work").status_code == 302
    client.post(CODE_PAGE, {"code": code_in(mail_to(NEW))})
    assert is_in(client)
    assert client.get("/work").status_code == 200


def test_an_address_that_is_somebodys_gets_the_same_page_and_no_account(open_house: World) -> None:
    taken = open_house.ada.account.email
    before = Account.objects.count()
    theirs, mine = english(), english()
    page, other = sign_up(theirs, taken), sign_up(mine, NEW)
    assert bare(page, taken) == bare(other, NEW)
    assert page.redirect_chain == other.redirect_chain
    assert Account.objects.count() == before + 1
    assert "already" in mail_to(taken)
    answers = [c.post(CODE_PAGE, {"code": "BBBB-CCCC"}) for c in (theirs, mine)]
    assert bare(answers[0], taken) == bare(answers[1], NEW)
    assert not is_in(theirs)


def test_a_wrong_code_is_refused_three_times_and_then_for_good(open_house: World) -> None:
    client = english()
    sign_up(client, NEW)
    right = code_in(mail_to(NEW))
    for _ in range(3):
        client.post(CODE_PAGE, {"code": "BBBB-CCCC"})
    client.post(CODE_PAGE, {"code": right})
    assert not is_in(client)


def test_a_code_is_too_old_after_fifteen_minutes(
    open_house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = english()
    sign_up(client, NEW)
    right, now = code_in(mail_to(NEW)), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60 + 1)
    client.post(CODE_PAGE, {"code": right})
    assert not is_in(client)


def test_a_code_works_in_the_browser_that_asked_for_it(open_house: World) -> None:
    client = english()
    sign_up(client, NEW)
    other = english()
    other.post(CODE_PAGE, {"code": code_in(mail_to(NEW))})
    assert not is_in(other)


def test_codes_are_sent_three_times_in_six_hours(open_house: World) -> None:
    for _ in range(5):
        sign_up(english(), open_house.ada.account.email)
    assert Mail.objects.filter(to=open_house.ada.account.email).count() <= 3


def test_a_new_address_that_is_somebodys_is_answered_like_any_other(live: World) -> None:
    answers = []
    for email in (live.ben.account.email, NEW):
        client = english()
        values = {"login": live.ada.account.email, "password": "ada's long password"}
        client.post("/accounts/login/", values)
        client.post("/accounts/again/", {"password": "ada's long password"})
        Notice.objects.all().delete()  # of new browsers, which the page's head counts
        sent = {"action_add": "1", "email": email}
        answers.append(bare(client.post("/accounts/email/", sent, follow=True), email))
    assert answers[0] == answers[1]
    live.ada.account.refresh_from_db()
    assert live.ada.account.email not in {live.ben.account.email, NEW}


def test_an_address_is_changed_by_the_code_sent_to_the_new_one(live: World) -> None:
    old, client = live.ada.account.email, english()
    client.post("/accounts/login/", {"login": old, "password": "ada's long password"})
    client.post("/accounts/again/", {"password": "ada's long password"})
    client.post("/accounts/email/", {"action_add": "1", "email": NEW})
    client.post(CODE_PAGE, {"code": code_in(mail_to(NEW))})
    live.ada.account.refresh_from_db()
    assert live.ada.account.email == NEW
    assert NEW in mail_to(old)


def test_the_password_page_tells_no_account_by_its_words(live: World) -> None:
    pages = []
    for email in (live.ada.account.email, "nobody@example.org"):
        values = {"login": email, "password": "wrong"}
        pages.append(bare(english().post("/accounts/login/", values), email))
        reset = english().post("/accounts/password/reset/", {"email": email}, follow=True)
        pages.append(bare(reset, email))
    assert pages[:2] == pages[2:]


def _login(email: str) -> None:
    english().post("/accounts/login/", {"login": email, "password": "wrong"})


def _reset(email: str) -> None:
    english().post("/accounts/password/reset/", {"email": email})


def _signup(email: str) -> None:
    english().post("/accounts/signup/", {"email": email, "password1": PASSWORD})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ask", [_login, _reset, _signup])
def test_neither_does_the_time_it_takes(
    open_house: World,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[str], None],
) -> None:
    """Medians of two hundred tries each, in turn; with the product's own hash, which is what tells."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr("fairhand.web.limits.take", _never_too_many)
    monkeypatch.setattr(adapter, "take", _never_too_many)
    known = open_house.ada.account
    known.set_password("ada's long password")
    known.save()
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * TRIES):
        is_known = number % 2 == 0
        email = known.email if is_known else f"nobody{number}@example.org"
        begun = time.perf_counter()
        ask(email)
        took[is_known].append(time.perf_counter() - begun)
    medians = {key: statistics.median(values) for key, values in took.items()}
    noise = statistics.median(
        abs(one - medians[key]) for key, values in took.items() for one in values
    )
    assert abs(medians[True] - medians[False]) < max(0.010, 3 * noise), medians


def _never_too_many(*_args: object, **_named: object) -> SimpleNamespace:
    return SimpleNamespace(rollback=lambda: None, usage=[])
