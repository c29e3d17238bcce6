"""LG-8, LG-9, PY-4 and their like: two want the same money at the same moment."""

import itertools
from functools import partial
from typing import Any

import pytest

from fairhand.kit.decision import Refused
from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.earnings import earnings_of
from fairhand.pay.funding import deposit, deposit_balance
from fairhand.pay.models import PayoutRun
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    clearing_balance,
    confirm_run,
    prepare_run,
    send_run,
    set_destination,
    set_payer,
)
from fairhand.people.links import make_link, redeem_link
from fairhand.people.models import Worker
from fairhand.projects.models import Batch
from fairhand.work.access import lift, restrict_halted
from fairhand.work.deadlines import sweep
from fairhand.work.models import Assignment, Enrolment, Restriction
from fairhand.work.opening import close_batch, open_batch, settle_batch
from fairhand.work.review import accept_all, accept_overdue, accept_pages
from tests.races.together import Team, wins
from tests.world import BAD, World, caller, crowd, let_pass, page_of, rows, turn, work_through

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_count = itertools.count(1)


def test_a_deposit_that_is_told_of_by_eight_at_once_is_booked_once(committed_world: World) -> None:
    world = committed_world
    with Team(8) as team:
        for n in range(50):
            booked = team.race(
                *[partial(deposit, world.organisation, Money(7, "EUR"), source=f"tx/{n}")] * 8
            )
            assert wins(booked) == 1
    assert deposit_balance(world.organisation, "EUR").micros == 350


def test_money_for_one_batch_opens_one_batch(committed_world: World) -> None:
    """LG-8: whoever comes second is told what is missing."""
    world = committed_world
    with Team(2) as team:
        for _ in range(100):
            cost = Money(10 * 2 * 60_000, "EUR")
            deposit(world.organisation, cost, source=f"tx/{next(_count)}")
            batches = [world.batch(tasks=10, opened=False) for _ in range(2)]
            opened = team.race(*[partial(open_batch, b, world.rita.ref) for b in batches])
            assert wins(opened) == 1
            assert deposit_balance(world.organisation, "EUR").micros == 0
            drafts = Batch.objects.filter(pk__in=[b.pk for b in batches], state="draft")
            assert drafts.count() == 1
    assert audit().balanced


def test_a_batch_is_opened_once_by_two_at_once(committed_world: World) -> None:
    world = committed_world
    world.fund()
    with Team(4) as team:
        for _ in range(25):
            batch = world.batch(tasks=5, opened=False)
            assert wins(team.race(*[partial(open_batch, batch, world.rita.ref)] * 4)) == 1


def closed(batch: Batch) -> int:
    close_batch(batch, "d", "enough")
    return 0


def test_a_page_is_accepted_once_by_whom_ever(committed_world: World) -> None:
    """LG-9: the requester twice, the clock, and the end of the batch, all at once."""
    world = committed_world
    rounds = 100
    with Team(5) as team:
        for _ in range(rounds):
            batch = world.batch(tasks=10, page_size=1, overlap=1, review_hours=1)
            ada = caller(world.ada)
            work_through(ada, batch)
            let_pass(batch, 3601)
            pages = list(Assignment.objects.filter(batch=batch, state="submitted"))
            accepted = team.race(
                partial(accept_pages, batch, pages, actor="a", why="fine"),
                partial(accept_pages, batch, pages[::-1], actor="b", why="fine"),
                partial(accept_all, batch, actor="c"),
                accept_overdue,
                partial(closed, batch),
            )
            assert sum(accepted) == 10
            settle_batch(batch)
    earned = earnings_of(world.ada, "EUR")
    assert (earned.pending.micros, earned.payable.micros) == (0, rounds * 10 * 50_000)
    fees = rows("select count(*), sum(amount) from ledger_transfer where reason = 'fee'")
    assert fees == [(rounds * 10, rounds * 10 * 10_000)]
    assert set(Batch.objects.values_list("state", flat=True)) == {"settled"}
    assert audit().balanced


def test_a_closed_batch_is_settled_once_by_many(committed_world: World) -> None:
    world = committed_world
    with Team(4) as team:
        for _ in range(25):
            batch = world.batch(tasks=5)
            late = Batch.objects.get(pk=batch.pk)
            team.race(
                partial(close_batch, batch, "a", "enough"),
                partial(close_batch, late, "b", "enough"),
                partial(settle_batch, batch),
                partial(settle_batch, late),
            )
            settle_batch(batch)
    released = rows("select count(*) from ledger_transfer where reason = 'release'")
    assert released == [(25,)]
    assert audit().balanced


def test_two_operators_prepare_one_run(committed_world: World) -> None:
    """PY-4."""
    world = committed_world
    set_payer(name="Fairhand", address="DE89370400440532013000", minimum=Money(1, "EUR"))
    set_destination(world.ada, holder="Ada", address="ES9121000418450200051332")
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    account = open_account(events.payable(world.ada.ref, "EUR"), "EUR")

    def prepare() -> PayoutRun | None:
        try:
            return prepare_run(world.olga)
        except Refused as refused:
            # Who looks a moment later finds the money taken already.
            assert refused.refusal.code in {"run_waiting", "nobody_due"}  # noqa: PT017
            return None

    with Team(4) as team:
        for n in range(50):
            post([Entry(outside, account, 5_000_000, "EUR", "earn", f"page/{n}")])
            (run,) = filter(None, team.race(*[prepare] * 4))
            assert run.total_micros % 5_000_000 == 0
            end_all_ways_at_once(team, run, world)
    assert set(PayoutRun.objects.values_list("state", flat=True)) <= {"done", "cancelled"}
    # What was not paid out is still Ada's: a run that ended otherwise put it back.
    paid = "select coalesce(sum(amount_micros), 0) from pay_payoutitem where state = 'paid'"
    assert earnings_of(world.ada, "EUR").payable.micros + rows(paid)[0][0] == 50 * 5_000_000
    assert audit().balanced


def end_all_ways_at_once(team: Team, run: PayoutRun, world: World) -> None:
    """Send and cancel together, then confirm and bounce together; clearing is empty after it."""
    fresh = [PayoutRun.objects.get(pk=run.pk) for _ in range(4)]
    sent, other, stopped, again = team.race(
        lambda: send_run(fresh[0], world.olga),
        lambda: send_run(fresh[1], world.olga),
        lambda: cancel_run(fresh[2], world.olga),
        lambda: cancel_run(fresh[3], world.olga),
    )
    assert sent + other + stopped + again == 1
    fresh = [PayoutRun.objects.get(pk=run.pk) for _ in range(2)]
    items = [fresh[0].items.select_related("run", "worker").get() for _ in range(2)]
    team.race(
        lambda: confirm_run(fresh[0], world.olga),
        lambda: confirm_run(fresh[1], world.olga),
        lambda: bounce_item(items[0], world.olga, "closed"),
        lambda: bounce_item(items[1], world.olga, "closed"),
    )
    assert clearing_balance(run).micros == 0


def test_a_sign_in_link_is_used_once_by_eight_at_once(committed_world: World) -> None:
    def redeem(token: str) -> Any:
        try:
            return redeem_link(token)
        except Refused:
            return None

    with Team(8) as team:
        for _ in range(50):
            token = make_link(committed_world.rita)
            assert wins(team.race(*[partial(redeem, token)] * 8)) == 1


def recorded(worker: Worker, batch: Batch) -> bool:
    restrict_halted(worker, batch)
    return False


def test_a_restriction_is_recorded_once_and_lifted_once(committed_world: World) -> None:
    world = committed_world
    with Team(4) as team:
        for n in range(25):
            batch = world.batch(
                tasks=40, gold=20, page_size=10, gold_permille=500, bar_permille=700
            )
            (who,) = crowd(1)
            page = page_of(turn(who, batch))
            team.race(*[partial(turn, who, batch, page, BAD)] * 4)
            restriction = Restriction.objects.get(batch=batch)
            worker = restriction.worker
            lifted = team.race(
                partial(lift, restriction, world.rita, "a"),
                partial(lift, restriction, world.olga, "b"),
                partial(recorded, worker, batch),
                partial(recorded, worker, batch),
            )
            assert wins(lifted) == 1
            assert Restriction.objects.filter(batch=batch).count() == 1, n
            assert not Enrolment.objects.get(batch=batch, worker=worker).halted


def test_a_worker_who_enters_from_four_tabs_is_enrolled_once(committed_world: World) -> None:
    batch = committed_world.batch(tasks=300, page_size=1, overlap=1)
    with Team(4) as team:
        for who in crowd(50):
            first = team.race(*[partial(turn, who, batch)] * 4)
            assert {page_of(done)["no"] for done in first} == {1}
    assert Enrolment.objects.count() == 50
    assert rows("select count(*) from work_assignment") == [(50,)]


def test_sweeps_beside_each_other_do_everything_once(committed_world: World) -> None:
    world = committed_world
    batch = world.batch(tasks=40, page_size=1, overlap=1, review_hours=1)
    for who in crowd(20):
        turn(who, batch)
    let_pass(batch, 10_000)
    with Team(4) as team:
        assert sum(done["expired"] for done in team.race(*[sweep] * 4)) == 20
        work_through(caller(world.ada), batch)
        let_pass(batch, 3601)
        swept = team.race(*[sweep] * 4)
    assert sum(done["accepted"] for done in swept) == 40
    sweep()
    assert rows("select state from projects_batch") == [("settled",)]
    assert earnings_of(world.ada, "EUR").payable.micros == 40 * 50_000
    assert audit().balanced
