"""Suspending: for a time, by one person with the duty, for a reason that is told; work is off."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.pay.books import audit
from fairhand.pay.earnings import earnings_of
from fairhand.people import standing
from fairhand.people.accounts import make_operator
from fairhand.people.keys import authenticate, issue_key
from fairhand.people.membership import invite, join
from fairhand.people.models import Account, Duty, Event, Notice, Session, Worker
from fairhand.people.standing import standing_of
from fairhand.work.access import access_to
from fairhand.work.standing import close_own, expel, suspend
from tests.world import World, caller, count, history_of, page_of, turn, work_through

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WHY = "Answers faster than anybody reads."


def fingerprint() -> tuple[int, ...]:
    tables = ("kit_history", "people_event", "people_notice", "people_session", "people_apikey")
    return tuple(map(count, tables))


def recounted() -> list[tuple[str, int]]:
    """What is on each account of the ledger, from its transfers."""
    return [(line.code, line.recounted) for line in audit().lines]


def over(world: World) -> None:
    """The time of Ada's suspension is over."""
    ago = timezone.now() - timedelta(seconds=1)
    Worker.objects.filter(pk=world.ada.pk).update(suspended_until=ago)


def told(account: Account, kind: str) -> Notice:
    return Notice.objects.get(account=account, kind=kind)


def test_it_is_told_with_its_reason_and_until_when_at_the_moment_it_counts(world: World) -> None:
    assert suspend(world.ada.account, world.olga, days=7, why=WHY)
    world.ada.refresh_from_db()
    notice = told(world.ada.account, "decision.suspended")
    assert notice.params["reason"] == WHY
    assert world.ada.suspended_until is not None
    assert str(world.ada.suspended_until.year) in notice.params["until"]
    assert notice.link == "/appeals"
    found = standing_of(world.ada.account)
    assert (found.state, found.why, found.makers) == ("suspended", WHY, (world.olga.ref,))
    assert history_of("standing", world.ada.account.ref) == [("active", "suspended")]


def test_nothing_lets_them_work_and_everything_else_is_open(world: World) -> None:
    batch, other = world.batch(tasks=8, page_size=2), world.batch(tasks=8)
    ada = caller(world.ada)
    page = page_of(turn(ada, batch))
    browser = Client()
    browser.force_login(world.ada.account, backend=BACKEND)
    assert suspend(world.ada.account, world.olga, days=7, why=WHY)
    world.ada.refresh_from_db()
    assert browser.get("/work").status_code == 302
    assert turn(ada, batch, page).page is None
    assert count("work_answer") == 0
    assert not access_to(world.ada, other)
    again = Client(headers={"accept-language": "en"})
    again.force_login(world.ada.account, backend=BACKEND)
    assert WHY in again.get("/account").content.decode()
    assert WHY in again.get("/appeals").content.decode()
    assert again.get("/earnings").status_code == 200
    assert again.post(f"/work/{batch.ref}/start").status_code == 302
    assert again.get(f"/api/v1/work/{batch.ref}").status_code in {401, 403, 405}
    assert work_through(caller(world.ben), batch) == 8


def test_what_was_earned_and_handed_in_stays_theirs(world: World) -> None:
    batch = world.batch(tasks=6, page_size=2, review_hours=1)
    ada = caller(world.ada)
    page = page_of(turn(ada, batch))
    turn(ada, batch, page)
    before = earnings_of(world.ada, "EUR"), recounted()
    assert suspend(world.ada.account, world.olga, days=7, why=WHY)
    assert (earnings_of(world.ada, "EUR"), recounted()) == before
    assert before[0].pending.micros == 100_000
    assert audit().balanced


def test_keys_that_work_end_and_those_of_an_organisation_go_on(world: World) -> None:
    account = world.ada.account
    join(account, invite(world.rita, world.organisation, "reviewer")[1])
    mine = issue_key(account, name="w", scopes=["work"])[1]
    theirs = issue_key(account, name="o", scopes=["results:read"], organisation=world.organisation)[
        1
    ]
    assert suspend(account, world.olga, days=7, why=WHY)
    assert authenticate(mine) is None
    assert authenticate(theirs) is not None


def test_it_ends_by_the_clock_and_a_job_says_so_once(world: World) -> None:
    batch = world.batch(tasks=4)
    suspend(world.ada.account, world.olga, days=1, why=WHY)
    over(world)
    world.ada.refresh_from_db()
    assert standing_of(world.ada.account).state == "active"
    assert access_to(world.ada, batch)
    assert standing.end_suspensions() == 1
    assert standing.end_suspensions() == 0
    assert told(world.ada.account, "decision.suspension_ended")
    moves = history_of("standing", world.ada.account.ref)
    assert moves == [("active", "suspended"), ("suspended", "active")]
    assert Worker.objects.get(pk=world.ada.pk).suspended_until is None


def test_one_that_goes_on_is_not_ended_by_the_job(world: World) -> None:
    suspend(world.ada.account, world.olga, days=1, why=WHY)
    assert standing.end_suspensions() == 0
    assert Worker.objects.get(pk=world.ada.pk).standing == "suspended"


def test_after_it_is_over_somebody_can_be_suspended_anew_and_both_are_on_record(
    world: World,
) -> None:
    suspend(world.ada.account, world.olga, days=1, why=WHY)
    over(world)
    assert suspend(world.ada.account, world.olga, days=30, why="Again.")
    moves = history_of("standing", world.ada.account.ref)
    assert moves == [("active", "suspended"), ("suspended", "active"), ("active", "suspended")]


def test_lifting_early_is_a_decision_with_words(world: World) -> None:
    suspend(world.ada.account, world.olga, days=7, why=WHY)
    assert standing.lift_suspension(world.ada.account, world.olga, " ") is standing.NO_REASON
    assert standing.lift_suspension(world.ada.account, world.olga, "She showed how.")
    assert told(world.ada.account, "decision.let_back").params["reason"] == "She showed how."
    assert standing_of(world.ada.account).state == "active"
    again = standing.lift_suspension(world.ada.account, world.olga, "Again.")
    assert again is standing.NOT_SUSPENDED


@pytest.mark.parametrize("days", [0, -1, 31, 10**9])
def test_it_lasts_a_month_at_most(world: World, days: int) -> None:
    before = fingerprint()
    assert suspend(world.ada.account, world.olga, days=days, why=WHY) is standing.TOO_LONG
    assert fingerprint() == before


@pytest.mark.parametrize("why", ["", " \n ", "x" * 2001])
def test_without_a_reason_nobody_is_suspended(world: World, why: str) -> None:
    before = fingerprint()
    assert suspend(world.ada.account, world.olga, days=7, why=why) is standing.NO_REASON
    assert fingerprint() == before


CANNOT: dict[str, Callable[[World], object]] = {
    "is_operator": lambda world: Worker.objects.create(account=world.olga),
    "not_a_worker": lambda world: world.oscar,
    "suspended_before": lambda world: suspend(world.ada.account, world.olga, days=7, why=WHY),
    "closed_before": lambda world: expel(world.ada.account, world.olga, WHY),
    "not_working": lambda world: close_own(world.ada.account),
}
WHOM = {"is_operator": "olga", "not_a_worker": "oscar"}


@pytest.mark.parametrize("code", CANNOT)
def test_whom_nobody_can_suspend(world: World, code: str) -> None:
    assert CANNOT[code](world)
    account = getattr(world, WHOM[code]) if code in WHOM else world.ada.account
    before = fingerprint()
    assert getattr(suspend(account, world.olga, days=7, why=WHY), "code", "") == code
    assert fingerprint() == before


def test_a_suspended_person_can_be_excluded_and_is_told_of_each(world: World) -> None:
    suspend(world.ada.account, world.olga, days=7, why=WHY)
    assert expel(world.ada.account, world.olga, "Two accounts.")
    world.ada.refresh_from_db()
    assert (world.ada.standing, world.ada.suspended_until) == ("expelled", None)
    kinds = Notice.objects.filter(account=world.ada.account).values_list("kind", flat=True)
    assert {"decision.suspended", "decision.expelled"} <= set(kinds)


@pytest.mark.parametrize("duty", Duty)
def test_it_takes_one_of_two_duties(world: World, duty: Duty) -> None:
    make_operator(world.oscar, [duty])
    before = fingerprint()
    if duty in {Duty.SUPPORT, Duty.QUALITY}:
        assert suspend(world.ada.account, world.oscar, days=7, why=WHY)
    else:
        with pytest.raises(Refused):
            suspend(world.ada.account, world.oscar, days=7, why=WHY)
        assert fingerprint() == before


def test_closing_ones_own_account_is_no_way_out_of_a_suspension(world: World) -> None:
    suspend(world.ada.account, world.olga, days=7, why=WHY)
    world.ada.refresh_from_db()
    until = world.ada.suspended_until
    assert close_own(world.ada.account)
    assert standing_of(world.ada.account).state == "closed"
    assert not Session.objects.filter(account=world.ada.account).exists()
    assert standing.reopen_own(world.ada.account)
    world.ada.refresh_from_db()
    assert (world.ada.standing, world.ada.suspended_until) == ("suspended", until)
    assert standing_of(world.ada.account).makers == (world.olga.ref,)


def test_whoever_closed_their_account_themselves_opens_it_again(world: World) -> None:
    batch = world.batch(tasks=4)
    assert close_own(world.ada.account)
    world.ada.refresh_from_db()
    assert not access_to(world.ada, batch)
    assert close_own(world.ada.account) is standing.NOT_WORKING
    assert standing.reopen_own(world.ada.account)
    world.ada.refresh_from_db()
    assert access_to(world.ada, batch)
    assert standing.reopen_own(world.ada.account) is standing.NOT_CLOSED_OWN


def test_nobody_who_was_excluded_opens_their_account_themselves(world: World) -> None:
    expel(world.ada.account, world.olga, WHY)
    assert close_own(world.ada.account) is standing.NOT_WORKING
    assert standing.reopen_own(world.ada.account) is standing.NOT_CLOSED_OWN
    assert Worker.objects.get(pk=world.ada.pk).standing == "expelled"


def test_the_trail_has_until_when(world: World) -> None:
    suspend(world.ada.account, world.olga, days=7, why=WHY)
    world.ada.refresh_from_db()
    event = Event.objects.get(action="standing.suspended")
    assert world.ada.suspended_until is not None
    assert event.after["until"] == world.ada.suspended_until.isoformat()
    assert (event.actor, event.account) == (world.olga.ref, world.ada.account.ref)
