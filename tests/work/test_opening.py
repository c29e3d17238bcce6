"""A batch's life and its money: opening, pausing, closing, settling."""

from typing import Any

import pytest

from fairhand.kit.money import Money
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.costs import set_aside
from fairhand.pay.funding import deposit_balance, escrow_balance
from fairhand.projects.models import Batch
from fairhand.work.opening import (
    batch_cost,
    close_batch,
    open_batch,
    pause_batch,
    resume_batch,
    settle_batch,
)
from tests.world import (
    World,
    balance_of,
    caller,
    count,
    history_of,
    page_of,
    rows,
    turn,
    work_through,
)


def deposited(world: World) -> int:
    return deposit_balance(world.organisation, "EUR").micros


def opened(batch: Batch, world: World) -> Any:
    answer = open_batch(batch, world.rita.ref)
    batch.refresh_from_db()
    return answer


def test_opening_reserves_pay_and_fee_for_every_slot(world: World) -> None:
    world.fund(10)
    batch = world.batch(tasks=30, opened=False, overlap=2, price_micros=50_000)
    assert opened(batch, world)
    # 60 answers at 0.05 EUR and a fifth of that on top.
    assert escrow_balance(batch.ref, "EUR") == Money(3_600_000, "EUR") == batch_cost(batch)
    assert deposited(world) == 10_000_000 - 3_600_000
    assert batch.state == "open"
    assert batch.opened_at is not None


def test_gold_is_paid_for_as_well(world: World) -> None:
    world.fund(10)
    batch = world.batch(tasks=30, gold=10, opened=False, overlap=2, gold_permille=200)
    assert opened(batch, world)
    assert escrow_balance(batch.ref, "EUR").micros == 60 * 60_000


def test_known_answers_that_are_not_asked_cost_nothing(world: World) -> None:
    world.fund(10)
    batch = world.batch(tasks=30, gold=10, opened=False, overlap=2, gold_permille=0)
    assert opened(batch, world)
    assert escrow_balance(batch.ref, "EUR").micros == 40 * 60_000
    assert work_through(caller(world.ada), batch) == 20


def test_a_batch_without_its_money_does_not_open_and_nothing_changed(world: World) -> None:
    world.fund(1)
    batch = world.batch(tasks=30, opened=False, overlap=2)
    before = count("ledger_transfer"), count("kit_history")
    answer = opened(batch, world)
    assert (answer.code, answer.status) == ("not_enough_money", 402)
    assert "costs 3.60 EUR; 2.60 EUR is missing" in str(answer)
    assert (count("ledger_transfer"), count("kit_history")) == before
    assert (batch.state, count("work_bundle")) == ("draft", 0)
    assert deposited(world) == 1_000_000


def test_a_batch_opens_with_exactly_its_money(world: World) -> None:
    world.fund(3)
    batch = world.batch(tasks=25, opened=False, overlap=2)
    assert opened(batch, world)
    assert deposited(world) == 0


def test_money_of_another_organisation_opens_nothing(world: World) -> None:
    world.organisation, own = world.other_organisation, world.organisation
    world.fund(1000)
    world.organisation = own
    assert opened(world.batch(opened=False), world).code == "not_enough_money"


@pytest.mark.parametrize(
    ("scene", "code"),
    [
        ({"tasks": 5, "gold": 5, "gold_permille": 200}, "only_gold"),
        ({"tasks": 5, "gold": 5}, "only_gold"),
        ({"tasks": 5, "gold_permille": 200}, "no_gold"),
    ],
)
def test_a_batch_that_could_not_be_worked_on_does_not_open(
    world: World, scene: dict[str, Any], code: str
) -> None:
    world.fund()
    batch = world.batch(opened=False, **scene)
    before = count("ledger_transfer")
    assert opened(batch, world).code == code
    assert (batch.state, count("work_bundle"), count("ledger_transfer")) == ("draft", 0, before)


def test_a_batch_without_tasks_does_not_open(world: World) -> None:
    world.fund()
    batch = world.batch(opened=False)
    Batch.objects.filter(pk=batch.pk).update(tasks=0)
    assert opened(batch, world).code == "no_tasks"


def test_a_batch_opens_once(world: World) -> None:
    batch = world.batch()
    before = deposited(world)
    assert opened(batch, world).code == "batch_opened_before"
    assert deposited(world) == before
    assert history_of("batch", str(batch.pk)) == [("draft", "open")]


def test_only_an_open_batch_is_paused_and_only_a_paused_one_resumed(world: World) -> None:
    draft, batch = world.batch(opened=False), world.batch()
    assert not pause_batch(draft, world.rita.ref)
    assert not resume_batch(batch, world.rita.ref)
    assert pause_batch(batch, world.rita.ref)
    assert not pause_batch(batch, world.rita.ref)
    assert resume_batch(batch, world.rita.ref)
    assert history_of("batch", str(batch.pk)) == [
        ("draft", "open"),
        ("open", "paused"),
        ("paused", "open"),
    ]


def test_who_pauses_second_is_told(world: World) -> None:
    batch = world.batch()
    late = Batch.objects.get(pk=batch.pk)
    assert pause_batch(batch, world.rita.ref)
    assert not pause_batch(late, world.olga.ref)


def test_an_untouched_batch_gives_everything_back_when_it_is_closed(world: World) -> None:
    batch = world.batch()
    assert deposited(world) < 1_000_000_000
    assert close_batch(batch, world.rita.ref, "a mistake")
    batch.refresh_from_db()
    assert batch.state == "settled"
    assert deposited(world) == 1_000_000_000
    assert escrow_balance(batch.ref, "EUR").micros == 0
    assert set_aside(batch.ref, "EUR").reserved == set_aside(batch.ref, "EUR").returned


def test_settling_returns_exactly_what_was_not_spent(world: World) -> None:
    batch = world.batch(tasks=30, page_size=10, overlap=2)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch)))
    ben = caller(world.ben)
    page = page_of(turn(ben, batch))
    # Ada holds her second page and Ben his first.
    assert close_batch(batch, world.rita.ref, "enough")
    batch.refresh_from_db()
    assert batch.state == "closed"
    assert not settle_batch(batch)
    turn(ben, batch, page)
    ada_page = {"no": 2, "items": []}
    turn(ada, batch, ada_page, verb="give_back")
    assert settle_batch(batch)
    assert deposited(world) == 1_000_000_000 - 20 * 60_000
    assert balance_of(events.payable(world.ada.ref, "EUR")) == 500_000
    assert balance_of(events.fee("EUR")) == 200_000
    assert audit().balanced


def test_a_page_given_back_after_closing_is_not_handed_out_again(world: World) -> None:
    batch = world.batch(tasks=10, page_size=10, overlap=1)
    ada = caller(world.ada)
    page = page_of(turn(ada, batch))
    close_batch(batch, world.rita.ref, "enough")
    turn(ada, batch, page, verb="give_back")
    assert rows("select sum(slots), bool_or(open) from work_bundle") == [(0, False)]


def test_closing_and_settling_twice_is_doing_it_once(world: World) -> None:
    batch = world.batch()
    late = Batch.objects.get(pk=batch.pk)
    assert close_batch(batch, world.rita.ref, "enough")
    assert not close_batch(late, world.rita.ref, "enough")
    assert not settle_batch(late)
    before = count("ledger_transfer")
    late.refresh_from_db()
    assert not close_batch(late, world.rita.ref, "enough")
    assert not settle_batch(late)
    assert count("ledger_transfer") == before


def test_a_draft_cannot_be_closed(world: World) -> None:
    assert not close_batch(world.batch(opened=False), world.rita.ref, "never mind")


def test_a_batch_that_was_worked_through_has_spent_all_its_money(world: World) -> None:
    batch = world.batch(tasks=10, page_size=5, overlap=1)
    assert work_through(caller(world.ada), batch) == 10
    assert escrow_balance(batch.ref, "EUR").micros == 0
    assert close_batch(batch, world.rita.ref, "done")
    assert set_aside(batch.ref, "EUR").returned.micros == 0
    assert audit().balanced
