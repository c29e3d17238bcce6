"""AU-1: a code of an app signs in one person, once, in its own half minute."""

import threading

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections
from django.test import Client

from fairhand.people.models import Event
from tests.signin.conftest import STEP, Clock, code_at, enter, give_app, is_in
from tests.world import World

SECOND = "/accounts/second/"


def second(client: Client, code: str) -> bool:
    client.post(SECOND, {"code": code})
    return is_in(client)


def test_a_password_alone_does_not_sign_in_who_has_an_app(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    client = enter(live.oscar)
    assert not is_in(client)
    assert client.get("/account").status_code == 302
    assert second(client, code_at(STEP))


@pytest.mark.parametrize("written", ["{0}", " {0} ", "{1} {2}", "{1}-{2}"])
def test_a_code_works_once_however_it_is_written(live: World, clock: Clock, written: str) -> None:
    give_app(live.oscar)
    code = code_at(STEP)
    again = written.format(code, code[:3], code[3:])
    assert second(enter(live.oscar), code)
    assert not second(enter(live.oscar), again)


def test_full_width_digits_are_no_second_way_to_write_a_code(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code_at(STEP))
    client = enter(live.oscar)
    assert not second(client, wide)
    assert second(client, code_at(STEP))
    assert not second(enter(live.oscar), wide)


def test_a_leading_zero_counts(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    step = next(step for step in range(STEP, STEP + 1000) if code_at(step).startswith("0"))
    clock.now = step * 30 + 1
    client = enter(live.oscar)
    assert not second(client, code_at(step)[1:])
    assert second(client, code_at(step))


@pytest.mark.parametrize("away", [-1, 1, 2])
def test_only_the_code_of_this_half_minute_counts(live: World, clock: Clock, away: int) -> None:
    """docs/adr/0007: no step before, none after (ASVS 6.5.5)."""
    give_app(live.oscar)
    client = enter(live.oscar)
    assert not second(client, code_at(STEP + away))
    assert second(client, code_at(STEP))


def test_a_code_of_one_account_opens_no_other(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    give_app(live.rita, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    assert not second(enter(live.rita), code_at(STEP))
    assert second(enter(live.oscar), code_at(STEP))


def test_secrets_are_sealed_in_the_database(live: World) -> None:
    made = give_app(live.oscar)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert "JBSWY3DP" not in kept
    assert made.data["secret"] != made.wrap().instance.data.get("seed")


def at_once(count: int, work: object) -> list[object]:
    """Run the same in so many threads at once; each ends its connections."""
    ready, found = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        ready.wait()
        try:
            found.append(work(number))  # type: ignore[operator]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_fifty_at_once_with_one_code_one_gets_in(committed_live: World, clock: Clock) -> None:
    give_app(committed_live.oscar)
    clients = [enter(committed_live.oscar) for _ in range(50)]
    found = at_once(50, lambda number: second(clients[number], code_at(STEP)))
    assert found.count(True) == 1
    assert Event.objects.filter(action="sign_in", account=committed_live.oscar.ref).count() == 1


def test_of_fifty_at_once_one_is_right_also_without_the_limits(
    committed_live: World, clock: Clock
) -> None:
    app = give_app(committed_live.oscar)
    found = at_once(50, lambda _number: app.wrap().validate_code(code_at(STEP)))
    assert found.count(True) == 1
