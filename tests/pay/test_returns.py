"""Money that comes back after the bank had confirmed it, and how much asking a run makes."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.pay.test_payouts import IBANS, earned, payable, payer, scene
from tests.races.together import Team, wins
from tests.world import World, balance_of, count, crowd, history_of

from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.due import due
from fairhand.pay.endings import REASONS, end_items
from fairhand.pay.models import ITEM, PayoutItem, PayoutRun
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    clearing_balance,
    confirm_run,
    prepare_run,
    send_run,
    set_destination,
)
from fairhand.people.models import Worker


def done(world: World) -> PayoutRun:
    """A run of Ada and Ben that the bank has confirmed."""
    run = scene(world)
    assert send_run(run, world.olga)
    assert confirm_run(run, world.olga)
    return PayoutRun.objects.get(pk=run.pk)


def queries(verb: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        verb()
    return len(asked)


def many(size: int) -> list[Worker]:
    """So many workers who are due five euros each."""
    crowd(size)
    workers = list(Worker.objects.order_by("-pk")[:size])
    for worker in workers:
        earned(worker, 5_000_000)
        assert set_destination(worker, holder="W", address=IBANS[0])
    return workers


def test_money_that_comes_back_after_the_run_is_done_is_the_workers_again(world: World) -> None:
    run = done(world)
    item = run.items.get(worker=world.ada)
    assert bounce_item(item, world.olga, "MD06: refunded")
    item.refresh_from_db()
    run.refresh_from_db()
    assert (item.state, run.state) == ("bounced", "done")
    assert (payable(world.ada), payable(world.ben)) == (12_345_678, 0)
    assert balance_of(events.bank("sepa", "EUR")) == 7_000_000
    assert clearing_balance(run).micros == 0
    moves = [("prepared", "paid"), ("paid", "bounced")]
    assert history_of("payout item", str(item.pk)) == moves
    assert audit().balanced


def test_money_that_came_back_late_is_booked_once_and_paid_by_the_next_run(world: World) -> None:
    run = done(world)
    item, late = (run.items.get(worker=world.ada) for _ in range(2))
    assert bounce_item(item, world.olga, "closed")
    before = count("ledger_transfer")
    assert not bounce_item(item, world.olga, "closed")
    assert not bounce_item(late, world.olga, "closed")
    assert count("ledger_transfer") == before
    again = prepare_run(world.olga)
    assert again.items.get().amount_micros == 12_340_000
    assert send_run(again, world.olga)
    assert confirm_run(again, world.olga)
    assert bounce_item(again.items.get(), world.olga, "closed again")
    assert payable(world.ada) == 12_345_678
    assert audit().balanced


def test_two_operators_book_the_same_return_once(committed_world: World) -> None:
    world = committed_world
    run = done(world)
    with Team(2) as team:
        for worker in (world.ada, world.ben):
            items = [run.items.select_related("run").get(worker=worker) for _ in range(2)]
            answers = team.race(*[partial(bounce_item, i, world.olga, "closed") for i in items])
            assert wins(answers) == 1
    assert (payable(world.ada), payable(world.ben)) == (12_345_678, 7_000_000)
    assert (balance_of(events.bank("sepa", "EUR")), clearing_balance(run).micros) == (0, 0)
    assert audit().balanced


def test_a_payment_that_never_left_cannot_come_back(world: World) -> None:
    run = scene(world)
    assert cancel_run(run, world.olga)
    assert not any(bounce_item(item, world.olga, "closed") for item in run.items.all())
    assert (payable(world.ada), payable(world.ben)) == (12_345_678, 7_000_000)


def test_who_confirms_a_moment_later_books_nothing(world: World) -> None:
    run = scene(world)
    assert send_run(run, world.olga)
    late = PayoutRun.objects.get(pk=run.pk)
    assert confirm_run(run, world.olga)
    before = count("ledger_transfer")
    assert not confirm_run(late, world.olga)
    assert count("ledger_transfer") == before


def test_every_move_of_a_payment_has_a_reason_and_there_are_no_others(world: World) -> None:
    assert set(REASONS) == {(move.source, move.target) for move in ITEM.moves}
    assert set(REASONS.values()) <= {event.reason for event in events.EVENTS}
    items = list(scene(world).items.all())
    items[0].state = "bounced"
    with pytest.raises(KeyError):
        end_items(items[0].run, items, "paid", world.olga, "no such move")


def test_looking_who_is_due_asks_four_times_and_makes_no_account(world: World) -> None:
    owner = payer()
    many(7)
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])  # who never earned
    before = count("ledger_account")
    assert queries(partial(due, owner, "EUR")) == 4
    assert len(due(owner, "EUR")) == 7
    assert count("ledger_account") == before


def asked_by_a_run(world: World, size: int) -> list[int]:
    """How often preparing, stopping, and confirming a run of so many workers ask the database."""
    workers = many(size)
    asked = [queries(partial(prepare_run, world.olga))]
    stopped = PayoutRun.objects.get(state="prepared")
    asked.append(queries(partial(cancel_run, stopped, world.olga)))
    assert [payable(worker) for worker in workers] == [5_000_000] * size
    run = prepare_run(world.olga)
    assert send_run(run, world.olga)
    asked.append(queries(partial(confirm_run, run, world.olga)))
    items = PayoutItem.objects.filter(run=run)
    assert [item.worker_id for item in items.order_by("-worker")] == [w.pk for w in workers]
    for item in items:
        assert history_of("payout item", str(item.pk)) == [("prepared", "paid")]
    return asked


def test_a_run_asks_as_often_for_nine_workers_as_for_two(world: World) -> None:
    payer()
    asked_by_a_run(world, 1)  # makes the bank's account
    few = asked_by_a_run(world, 2)
    assert asked_by_a_run(world, 9) == few
    assert max(few) <= 25
    assert audit().balanced
