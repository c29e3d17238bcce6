"""What the clock does; every sweep may run at any time and twice."""

from typing import Any

from fairhand.pay.books import audit
from fairhand.pay.funding import deposit_balance
from fairhand.work import deadlines
from fairhand.work.deadlines import cannot_go_on, expire_pages, finish_batches, sweep
from fairhand.work.models import Enrolment
from fairhand.work.opening import close_batch, pause_batch
from tests.world import World, caller, crowd, let_pass, page_of, rows, turn, work_through


def test_pages_whose_time_ran_out_are_free_again(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    ada = caller(world.ada)
    turn(ada, batch)
    assert expire_pages() == 0
    let_pass(batch, 10_000)
    assert expire_pages() == 1
    assert expire_pages() == 0
    assert Enrolment.objects.get().held == []
    assert rows("select sum(slots) from work_bundle") == [(2,)]
    assert work_through(caller(world.ben), batch) == 4


def test_pages_of_a_batch_that_ended_run_out_without_opening_slots(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    turn(caller(world.ada), batch)
    close_batch(batch, world.rita.ref, "enough")
    let_pass(batch, 10_000)
    assert expire_pages() == 1
    assert rows("select sum(slots), bool_or(open) from work_bundle") == [(0, False)]
    assert finish_batches() == 1
    assert deposit_balance(world.organisation, "EUR").micros == 1_000_000_000


def test_pages_of_a_paused_batch_are_free_when_it_goes_on(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    turn(caller(world.ada), batch)
    pause_batch(batch, world.rita.ref)
    let_pass(batch, 10_000)
    assert expire_pages() == 1
    assert rows("select sum(slots) from work_bundle") == [(2,)]


def test_many_pages_expire_in_several_rounds(world: World, monkeypatch: Any) -> None:
    batch = world.batch(tasks=10, page_size=1, overlap=1)
    for who in crowd(5):
        turn(who, batch)
    let_pass(batch, 10_000)
    monkeypatch.setattr(deadlines, "AT_ONCE", 2)
    assert expire_pages() == 5


def test_a_sweep_does_not_run_for_ever(world: World, monkeypatch: Any) -> None:
    batch = world.batch(tasks=10, page_size=1, overlap=1)
    for who in crowd(5):
        turn(who, batch)
    let_pass(batch, 10_000)
    monkeypatch.setattr(deadlines, "AT_ONCE", 1)
    monkeypatch.setattr(deadlines, "MAX_ROUNDS", 2)
    assert [expire_pages(), expire_pages(), expire_pages()] == [2, 2, 1]


def test_a_batch_in_which_all_is_answered_closes_and_settles_by_itself(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    assert finish_batches() == 0
    work_through(caller(world.ada), batch)
    assert finish_batches() == 1
    assert finish_batches() == 0
    batch.refresh_from_db()
    assert batch.state == "settled"
    assert audit().balanced


def test_a_batch_with_a_page_out_is_not_finished(world: World) -> None:
    batch = world.batch(tasks=2, page_size=2, overlap=1)
    page_of(turn(caller(world.ada), batch))
    assert not cannot_go_on(batch)
    assert finish_batches() == 0


def test_a_batch_whose_money_went_back_is_left_alone(world: World) -> None:
    batch = world.batch(tasks=2, page_size=2, overlap=1)
    close_batch(batch, world.rita.ref, "enough")
    assert sweep() == {"expired": 0, "restricted": 0, "accepted": 0, "finished": 0}


def test_one_sweep_does_everything_the_clock_does(world: World) -> None:
    finished = world.batch(tasks=2, page_size=2, overlap=1)
    work_through(caller(world.ada), finished)
    expiring = world.batch(tasks=2, page_size=2, overlap=1)
    turn(caller(world.ada), expiring)
    let_pass(expiring, 10_000)
    waiting = world.batch(tasks=2, page_size=2, overlap=1, review_hours=1)
    work_through(caller(world.ben), waiting)
    let_pass(waiting, 3601)
    # The batch that waited for acceptance is done with it: it closes and settles as well.
    assert sweep() == {"expired": 1, "restricted": 0, "accepted": 1, "finished": 2}
