"""AU-3: guessing is bounded for each account and each address, and its victim gets in."""

import time
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.test import Client

from fairhand.people.models import Account, Event, Notice
from fairhand.web import limits
from fairhand.web.limits import GUESSES
from tests.signin.conftest import STEP, Clock, code_at, enter, give_app, is_in
from tests.signin.test_app_codes import second
from tests.world import World

GUESS_COUNT = 1000


def tried() -> int:
    """How many passwords were looked at and found wrong."""
    return Event.objects.filter(action="sign_in.failed").count()


def guess(email: str, number: int, client: Client | None = None, **where: Any) -> int:
    values = {"login": email, "password": f"wrong guess number {number}"}
    return (client or Client()).post("/accounts/login/", values, **where).status_code


def test_the_figures_are_those_of_pypi() -> None:
    assert "10/5m/email+ip" in GUESSES["password"]
    assert "1000/5m/all" in GUESSES["password"]
    for figure in ("5/5m/user+ip", "20/h/user+ip", "50/d/user+ip", "10/5m/ip", "50/h/ip"):
        assert figure in GUESSES["second_factor"]


def test_whoever_is_guessed_at_hears_of_it_once_a_day(live: World) -> None:
    for number in range(13):
        guess(live.oscar.email, number)
    assert Notice.objects.filter(account=live.oscar, kind="security.guessing").count() == 1
    assert Notice.objects.exclude(account=live.oscar).count() == 0


@pytest.mark.slow
def test_a_thousand_guesses_with_forged_forwarding_headers_count_as_one_address(
    live: World,
) -> None:
    for number in range(GUESS_COUNT):
        forged = f"203.0.{number // 250}.{number % 250}"
        headers: dict[str, Any] = {
            "HTTP_X_FORWARDED_FOR": forged,
            "HTTP_FORWARDED": f"for={forged}",
        }
        guess(live.oscar.email, number, **headers, HTTP_X_REAL_IP=forged)
    assert tried() == 10
    assert is_in(enter(live.oscar, REMOTE_ADDR="198.51.100.7"))


@pytest.mark.slow
def test_one_guess_on_each_of_a_thousand_accounts_is_bounded_too(live: World) -> None:
    emails = [f"person{number}@example.net" for number in range(GUESS_COUNT)]
    people = [Account(email=email, password=live.oscar.password) for email in emails]
    Account.objects.bulk_create(people)
    for number, email in enumerate(emails):
        guess(email, number)
    assert tried() == 60
    assert is_in(enter(live.oscar, REMOTE_ADDR="198.51.100.7"))


def test_wrong_passwords_of_one_keep_nobody_else_out_at_their_address(live: World) -> None:
    for number in range(12):
        guess(live.ada.account.email, number)
    assert tried() == 10
    assert is_in(enter(live.oscar))


def test_a_new_password_forgets_the_wrong_ones_of_its_account_alone(live: World) -> None:
    request = Client().get("/").wsgi_request
    rates = "1/h/email+ip, 3/h/ip"
    for email in ("a", "b", "c"):
        assert limits.take(request, "x", rates, email=email) is not None
    limits.forget(request, "x", rates, email="a")
    assert limits.take(request, "x", "1/h/email+ip", email="a") is not None
    assert limits.take(request, "x", "3/h/ip") is None


def test_many_who_sign_in_at_once_do_not_wait_for_one_lock(live: World) -> None:
    request = Client().get("/").wsgi_request
    cache.add("allauth:rl:fairhand:x:lock", True)
    taken = [limits.take(request, "x", "3/5m/all") for _ in range(4)]
    assert [one is not None for one in taken] == [True, True, True, False]
    assert taken[0] is not None
    taken[0].rollback()
    assert limits.take(request, "x", "3/5m/all") is not None


def test_the_old_password_is_guessed_no_oftener_than_at_sign_in(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.GUESSES, "password_known", "3/5m/device")
    client = enter(live.oscar)
    before, new = Event.objects.count(), "some other long sentence"
    for old in ("wrong", "wronger", "wrongest", "oscar's long password"):
        typed = {"oldpassword": old, "password1": new, "password2": new}
        client.post("/accounts/password/change/", typed)
    assert Event.objects.count() == before + 3
    live.oscar.refresh_from_db()
    assert not live.oscar.check_password(new)


def test_the_trail_says_by_what_somebody_signed_in(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    assert second(enter(live.oscar), code_at(STEP))
    event = Event.objects.filter(action="sign_in", account=live.oscar.ref).latest("pk")
    assert event.after == {"by": ["password", "totp"]}


def test_no_stranger_uses_up_the_codes_for_an_address(
    live: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OPEN_SIGNUP = True
    values = {"email": "new@example.net", "password1": "a fine long sentence of mine"}
    now = Clock(time.time())
    monkeypatch.setattr(ratelimit.time, "time", now.time)
    for _ in range(4):
        answer = Client(REMOTE_ADDR="203.0.113.1").post("/accounts/signup/", values)
        now.now += 11
    assert answer.status_code == 429
    answer = Client(REMOTE_ADDR="192.0.2.1").post("/accounts/signup/", values)
    assert answer.status_code == 302


def test_many_addresses_that_guess_one_account_are_bounded_together(live: World) -> None:
    known = enter(live.oscar)
    known.post("/accounts/logout/")
    for number in range(70):
        guess(live.oscar.email, number, REMOTE_ADDR=f"198.51.{number}.7")
    assert tried() == 50
    assert not is_in(enter(live.oscar, REMOTE_ADDR="192.0.2.1"))
    # The victim's own browser is known, wherever it is, and counts apart.
    assert is_in(enter(live.oscar, client=known))


def test_a_known_browser_may_not_guess_on_either(live: World) -> None:
    known = enter(live.oscar)
    known.post("/accounts/logout/")
    for number in range(15):
        guess(live.oscar.email, number, known)
    assert tried() == 10
    assert not is_in(enter(live.oscar, client=known))


def test_a_browser_is_known_to_the_account_alone_that_signed_in_with_it(live: World) -> None:
    known = enter(live.oscar)
    known.post("/accounts/logout/")
    for number in range(12):
        guess(live.rita.email, number, known)
    assert tried() == 10
    assert is_in(enter(live.oscar, client=known))


def test_a_forged_mark_of_a_known_browser_counts_for_nothing(live: World) -> None:
    client = Client()
    for number in range(12):
        client.cookies["fairhand-known"] = f"WyJhY2MiLCJ4{number}"
        guess(live.oscar.email, number, client)
    assert tried() == 10


def test_all_guesses_together_have_a_bound(live: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.GUESSES, "password", "10/5m/ip, 50/5m/email, 20/5m/all")
    for number in range(30):
        guess(f"nobody{number}@example.org", number, REMOTE_ADDR=f"198.51.{number}.7")
    assert guess(live.oscar.email, 1, REMOTE_ADDR="192.0.2.9") == 200
    assert tried() == 0  # the known account's password was not even looked at


def test_a_right_password_is_not_counted(live: World) -> None:
    for _ in range(12):
        assert is_in(enter(live.oscar))


def test_codes_are_guessed_five_times_from_an_address(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    client = enter(live.oscar, REMOTE_ADDR="198.51.100.1")
    for number in range(8):
        assert not second(client, f"{number:06}")
    assert not second(client, code_at(STEP))
    elsewhere = enter(live.oscar, REMOTE_ADDR="198.51.100.2")
    assert second(elsewhere, code_at(STEP))


def test_who_knows_a_password_cannot_keep_its_owner_out_by_wrong_codes(
    live: World, clock: Clock
) -> None:
    give_app(live.oscar)
    mine = enter(live.oscar)
    assert second(mine, code_at(STEP))
    mine.post("/accounts/logout/")
    for number in range(25):
        thief = enter(live.oscar, REMOTE_ADDR=f"198.51.{number}.1")
        second(thief, "000000")
    clock.now += 30
    assert second(enter(live.oscar, client=mine), code_at(STEP + 1))


def test_a_new_browser_is_told_to_its_owner_once(live: World) -> None:
    client = enter(live.oscar)
    client.post("/accounts/logout/")
    enter(live.oscar, client=client)
    kinds = Notice.objects.filter(account=live.oscar, kind="security.new_browser")
    assert kinds.count() == 1


def test_passwords_by_mail_are_asked_for_five_times_a_day(live: World) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": live.oscar.email}).status_code
        for _ in range(7)
    ]
    assert answers == [302] * 5 + [429] * 2
    other = Client(REMOTE_ADDR="198.51.100.2")
    answer = other.post("/accounts/password/reset/", {"email": live.oscar.email})
    assert answer.status_code == 302
