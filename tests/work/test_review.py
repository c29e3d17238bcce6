"""Which answers count? Pages are accepted by the requester or by the end of the review period."""

from typing import Any

from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.earnings import earnings_of
from fairhand.projects.models import Batch
from fairhand.work import review
from fairhand.work.models import Assignment
from fairhand.work.opening import close_batch, settle_batch
from fairhand.work.review import accept_all, accept_overdue, accept_pages
from tests.world import (
    World,
    balance_of,
    caller,
    count,
    history_of,
    let_pass,
    rows,
    work_through,
)


def reviewed(world: World, hours: int = 24, **more: Any) -> Batch:
    """A batch of 3 pages that Ada handed in and nobody reviewed."""
    batch = world.batch(tasks=9, page_size=3, overlap=1, review_hours=hours, **more)
    assert work_through(caller(world.ada), batch) == 9
    return batch


def pages(batch: Batch, state: str = "submitted") -> list[Assignment]:
    return list(Assignment.objects.filter(batch=batch, state=state).order_by("no"))


def test_what_awaits_review_is_the_workers_but_not_payable_yet(world: World) -> None:
    batch = reviewed(world)
    earned = earnings_of(world.ada, "EUR")
    assert (earned.pending.micros, earned.payable.micros) == (450_000, 0)
    assert balance_of(events.fee("EUR")) == 0
    assert len(pages(batch)) == 3


def test_accepting_makes_it_payable_and_charges_the_fee(world: World) -> None:
    batch = reviewed(world)
    first, *others = pages(batch)
    assert accept_pages(batch, [first], actor=world.rita.ref, why="fine") == 1
    earned = earnings_of(world.ada, "EUR")
    assert (earned.pending.micros, earned.payable.micros) == (300_000, 150_000)
    assert balance_of(events.fee("EUR")) == 30_000
    assert pages(batch) == others
    subject = f"{batch.ref}/{world.ada.ref}/1"
    assert history_of("assignment", subject) == [("submitted", "accepted")]


def test_accepting_again_accepts_once(world: World) -> None:
    batch = reviewed(world)
    waiting = pages(batch)
    assert accept_pages(batch, waiting, actor=world.rita.ref, why="fine") == 3
    before = count("ledger_transfer"), count("kit_history")
    assert accept_pages(batch, waiting, actor=world.rita.ref, why="fine") == 0
    assert accept_all(batch, actor=world.rita.ref) == 0
    assert (count("ledger_transfer"), count("kit_history")) == before
    assert earnings_of(world.ada, "EUR").payable.micros == 450_000


def test_a_page_that_is_still_held_cannot_be_accepted(world: World) -> None:
    batch = world.batch(tasks=9, page_size=3, review_hours=24)
    from_ada = caller(world.ada)
    assert work_through(from_ada, batch) == 9
    Assignment.objects.filter(batch=batch, no=2).update(state="open", ended_at=None)
    held = pages(batch, "open")
    assert accept_pages(batch, held, actor=world.rita.ref, why="fine") == 0


def test_pages_of_another_batch_are_left_alone(world: World) -> None:
    batch, other = reviewed(world), world.batch(review_hours=24)
    assert accept_pages(other, pages(batch), actor=world.rita.ref, why="fine") == 0
    assert len(pages(batch)) == 3


def test_all_waiting_pages_are_accepted_however_many(world: World, monkeypatch: Any) -> None:
    batch = reviewed(world)
    monkeypatch.setattr(review, "AT_ONCE", 2)
    assert accept_all(batch, actor=world.rita.ref) == 3
    assert pages(batch) == []


def test_what_nobody_reviewed_in_time_is_accepted(world: World) -> None:
    batch, patient = reviewed(world, hours=24), reviewed(world, hours=48)
    assert accept_overdue() == 0
    let_pass(batch, 25 * 3600)
    let_pass(patient, 25 * 3600)
    assert accept_overdue() == 3
    assert accept_overdue() == 0
    assert len(pages(patient)) == 3
    who = rows("select distinct actor, why from kit_history where kind = 'assignment'")
    assert who == [("system:review_period", "the review period ended")]


def test_the_period_runs_on_in_a_batch_that_was_closed(world: World) -> None:
    batch = reviewed(world)
    close_batch(batch, world.rita.ref, "enough")
    assert not settle_batch(batch)
    let_pass(batch, 25 * 3600)
    assert accept_overdue() == 3
    assert settle_batch(batch)
    assert earnings_of(world.ada, "EUR").payable.micros == 450_000
    assert audit().balanced


def test_a_free_batch_charges_no_fee(world: World) -> None:
    batch = world.batch(tasks=2, page_size=2, overlap=1, review_hours=1, price_micros=2)
    assert batch.fee_micros == 0
    work_through(caller(world.ada), batch)
    assert accept_all(batch, actor=world.rita.ref) == 1
    assert rows("select count(*) from ledger_transfer where reason = 'fee'") == [(0,)]
