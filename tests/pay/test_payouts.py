"""Payout runs: who is paid what, once, and where the money is until the bank confirms."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from tests.world import World, balance_of, count, history_of

from fairhand.kit.decision import Refused
from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events, models, payouts
from fairhand.pay.books import audit
from fairhand.pay.due import Due, due
from fairhand.pay.earnings import earnings_of
from fairhand.pay.models import Destination, Payer, PayoutItem, PayoutRun
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    clearing_balance,
    confirm_run,
    file_problems,
    prepare_run,
    send_run,
    set_destination,
    set_payer,
)
from fairhand.people.models import Worker

IBANS = ("ES9121000418450200051332", "PL61109010140000071219812874", "DE89370400440532013000")
PAYER = "DE89 3704 0044 0532 0130 00"


def payer(minimum: int = 5_000_000) -> Payer:
    return set_payer(
        name="Fairhand Köln GmbH",
        address=PAYER,
        minimum=Money(minimum, "EUR"),
        town="Köln",
        country="DE",
    )


def earned(worker: Worker, micros: int, source: str = "bat_x/1/1") -> None:
    """Money that is payable to a worker, as a page paid it."""
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    account = open_account(events.payable(worker.ref, "EUR"), "EUR")
    post([Entry(outside, account, micros, "EUR", "earn", f"{source}/{worker.ref}")])


def scene(world: World, ada: int = 12_345_678, ben: int = 7_000_000) -> PayoutRun:
    """A prepared run that pays Ada and Ben."""
    payer()
    for worker, iban, micros in ((world.ada, IBANS[0], ada), (world.ben, IBANS[1], ben)):
        earned(worker, micros)
        assert set_destination(worker, holder=worker.account.name, address=iban)
    return prepare_run(world.olga)


def payable(worker: Worker) -> int:
    return earnings_of(worker, "EUR").payable.micros


def refusal_of(verb: Any, *values: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(*values, **more)
    return refused.value.refusal.code


def test_a_run_takes_whole_cents_and_leaves_the_rest_with_the_worker(world: World) -> None:
    run = scene(world)
    assert {item.worker: item.amount_micros for item in run.items.select_related("worker")} == {
        world.ada: 12_340_000,
        world.ben: 7_000_000,
    }
    assert (payable(world.ada), payable(world.ben)) == (5_678, 0)
    assert clearing_balance(run) == Money(19_340_000, "EUR")
    assert run.total_micros == 19_340_000
    assert audit().balanced


def test_a_run_has_a_file_that_a_bank_can_take(world: World) -> None:
    run = scene(world)
    assert file_problems(run) == []
    text = bytes(run.file).decode()
    for part in (*IBANS[:2], "12.34", "7.00", "19.34"):
        assert part in text
    assert history_of("payout run", run.ref) == [("none", "prepared")]


def test_a_run_that_the_bank_confirms_is_done_and_its_clearing_empty(world: World) -> None:
    run = scene(world)
    assert send_run(run, world.olga)
    assert confirm_run(run, world.olga)
    run.refresh_from_db()
    assert run.state == "done"
    assert set(run.items.values_list("state", flat=True)) == {"paid"}
    assert clearing_balance(run).micros == 0
    assert balance_of(events.bank("sepa", "EUR")) == 19_340_000
    assert (payable(world.ada), payable(world.ben)) == (5_678, 0)
    assert audit().balanced


def test_a_payment_that_comes_back_is_the_workers_again(world: World) -> None:
    run = scene(world)
    send_run(run, world.olga)
    item = run.items.get(worker=world.ada)
    assert bounce_item(item, world.olga, "account closed")
    assert payable(world.ada) == 12_345_678
    assert not bounce_item(item, world.olga, "account closed")
    assert confirm_run(run, world.olga)
    assert payable(world.ada) == 12_345_678
    assert clearing_balance(run).micros == 0
    assert history_of("payout item", str(item.pk)) == [("prepared", "bounced")]
    assert audit().balanced


def test_a_run_whose_payments_all_came_back_is_done(world: World) -> None:
    run = scene(world)
    send_run(run, world.olga)
    for item in run.items.all():
        assert bounce_item(item, world.olga, "closed")
    run.refresh_from_db()
    assert run.state == "done"
    assert (payable(world.ada), payable(world.ben)) == (12_345_678, 7_000_000)


def test_what_came_back_is_paid_by_the_next_run(world: World) -> None:
    first = scene(world)
    send_run(first, world.olga)
    bounce_item(first.items.get(worker=world.ada), world.olga, "closed")
    confirm_run(first, world.olga)
    second = prepare_run(world.olga)
    assert [item.worker for item in second.items.select_related("worker")] == [world.ada]
    assert second.items.get().amount_micros == 12_340_000


def test_a_stopped_run_gives_everybody_their_money_again(world: World) -> None:
    run = scene(world)
    assert cancel_run(run, world.olga)
    assert (payable(world.ada), payable(world.ben)) == (12_345_678, 7_000_000)
    assert clearing_balance(run).micros == 0
    assert set(run.items.values_list("state", flat=True)) == {"cancelled"}
    assert prepare_run(world.olga).items.count() == 2
    assert audit().balanced


def test_each_step_happens_once_and_only_in_its_order(world: World) -> None:
    run = scene(world)
    late = PayoutRun.objects.get(pk=run.pk)
    item = run.items.first()
    assert item is not None
    before = count("ledger_transfer")
    assert not confirm_run(run, world.olga)
    assert not bounce_item(item, world.olga, "too early")
    assert send_run(run, world.olga)
    assert not send_run(run, world.olga)
    assert not send_run(late, world.olga)
    assert not cancel_run(late, world.olga)
    late.refresh_from_db()
    assert not cancel_run(late, world.olga)
    assert count("ledger_transfer") == before
    assert confirm_run(run, world.olga)
    assert not confirm_run(run, world.olga)
    done = PayoutRun.objects.get(pk=run.pk)
    assert not confirm_run(done, world.olga)
    stopped = PayoutItem(run=done, state="cancelled")
    assert not bounce_item(stopped, world.olga, "never sent")


def test_a_run_that_somebody_else_stopped_is_not_stopped_again(world: World) -> None:
    run = scene(world)
    late = PayoutRun.objects.get(pk=run.pk)
    assert cancel_run(run, world.olga)
    before = count("ledger_transfer")
    assert not cancel_run(late, world.olga)
    assert count("ledger_transfer") == before


def test_there_is_one_prepared_run_at_a_time(world: World) -> None:
    scene(world)
    earned(world.ada, 9_000_000, "bat_x/1/2")
    before = count("ledger_transfer")
    assert refusal_of(prepare_run, world.olga) == "run_waiting"
    assert count("ledger_transfer") == before


def test_two_operators_at_once_hear_the_same_as_one_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look finds no run, and the database refuses the second one."""
    payer()
    earned(world.ada, 9_000_000)
    set_destination(world.ada, holder="Ada", address=IBANS[0])

    def meanwhile(owner: Payer, currency: str, portal: None) -> list[Due]:
        """Another operator's run, stored between the look and the own one's first row."""
        PayoutRun.objects.create(
            rail=owner.rail,
            currency=currency,
            execution_date=date(2026, 11, 23),
            total_micros=0,
            clearing_account=0,
            created_by=world.olga,
            created_at=timezone.now(),
        )
        return due(owner, currency, portal)

    monkeypatch.setattr(payouts, "due", meanwhile)
    before = count("ledger_transfer")
    assert refusal_of(prepare_run, world.olga) == "run_waiting"
    assert count("ledger_transfer") == before


def test_what_else_the_database_refuses_is_not_taken_for_a_waiting_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scene(world)
    cancel_run(run, world.olga)
    monkeypatch.setattr(models, "new_ref", lambda _kind: run.ref)
    with pytest.raises(IntegrityError, match="ref"):
        prepare_run(world.olga)
    assert payable(world.ada) == 12_345_678


def test_more_than_one_operator_may_pay_alone_is_not_paid(world: World) -> None:
    payer()
    earned(world.ada, 9_000_000)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    before = count("ledger_transfer")
    code = refusal_of(prepare_run, world.olga, at_most=Money(8_999_999, "EUR"))
    assert (code, count("ledger_transfer"), PayoutRun.objects.count()) == ("takes_two", before, 0)
    assert prepare_run(world.olga, at_most=Money(9_000_000, "EUR")).total_micros == 9_000_000


def test_without_an_account_to_pay_from_there_is_no_run(world: World) -> None:
    assert refusal_of(prepare_run, world.olga) == "no_payer"


@pytest.mark.parametrize("micros", [4_999_999, 1])
def test_who_is_below_the_minimum_waits(world: World, micros: int) -> None:
    payer(minimum=5_000_000)
    earned(world.ada, micros)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    assert refusal_of(prepare_run, world.olga) == "nobody_due"
    assert payable(world.ada) == micros


def test_less_than_a_cent_is_never_due(world: World) -> None:
    owner = payer(minimum=1)
    earned(world.ada, 9_999)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    assert due(owner, "EUR") == []


def test_who_gave_no_account_waits(world: World) -> None:
    payer()
    earned(world.ada, 9_000_000)
    assert refusal_of(prepare_run, world.olga) == "nobody_due"
    assert payable(world.ada) == 9_000_000


def test_what_is_pending_is_not_paid_out(world: World) -> None:
    payer()
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    pending = open_account(events.pending(world.ada.ref, "EUR"), "EUR")
    post([Entry(outside, pending, 9_000_000, "EUR", "earn", "bat_x/1/1")])
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    assert refusal_of(prepare_run, world.olga) == "nobody_due"


def test_a_payment_that_the_rail_cannot_carry_stays_with_its_worker(world: World) -> None:
    payer()
    for worker, iban in ((world.ada, IBANS[0]), (world.ben, IBANS[1])):
        earned(worker, 9_000_000)
        set_destination(worker, holder=worker.account.name, address=iban)
    # An account that was accepted once and is not any more, as when a country leaves.
    Destination.objects.filter(worker=world.ben).update(address="XX00NOTANIBAN")
    run = prepare_run(world.olga)
    assert [item.worker for item in run.items.select_related("worker")] == [world.ada]
    assert payable(world.ben) == 9_000_000
    assert file_problems(run) == []


def test_when_no_payment_can_be_carried_there_is_no_run_and_a_reason(world: World) -> None:
    payer()
    earned(world.ada, 9_000_000)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    Destination.objects.update(address="XX00NOTANIBAN")
    assert refusal_of(prepare_run, world.olga) == "no_file"
    assert (count("pay_payoutrun"), payable(world.ada)) == (0, 9_000_000)


def test_a_day_on_which_banks_do_not_work_is_refused_and_nothing_changed(world: World) -> None:
    payer()
    earned(world.ada, 9_000_000)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    code = refusal_of(prepare_run, world.olga, execution_date=date(2020, 1, 1))
    assert code == "no_file"
    assert (count("pay_payoutrun"), payable(world.ada)) == (0, 9_000_000)


def test_what_is_wrong_with_the_whole_file_stays_wrong_without_the_unfit_payment(
    world: World,
) -> None:
    payer()
    for worker, iban in ((world.ada, IBANS[0]), (world.ben, IBANS[1])):
        earned(worker, 9_000_000)
        set_destination(worker, holder=worker.account.name, address=iban)
    Destination.objects.filter(worker=world.ben).update(address="XX00NOTANIBAN")
    code = refusal_of(prepare_run, world.olga, execution_date=date(2020, 1, 1))
    assert (code, count("pay_payoutrun")) == ("no_file", 0)


@pytest.mark.parametrize("address", ["", "hello", "DE00 3704 0044 0532 0130 00", "ES91"])
def test_an_address_that_is_no_account_is_refused_in_a_sentence(world: World, address: str) -> None:
    answer = set_destination(world.ada, holder="Ada", address=address)
    assert not answer
    assert str(answer).endswith(".")
    assert count("pay_destination") == 0
    with pytest.raises(Refused):
        set_payer(name="X", address=address, minimum=Money(1, "EUR"))
    assert count("pay_payer") == 0


def test_a_destination_is_kept_compact_and_once_a_rail(world: World) -> None:
    set_destination(world.ada, holder=" Ada A. ", address="es91 2100 0418 4502 0005 1332")
    set_destination(world.ada, holder="Ada B.", address=IBANS[2])
    kept = Destination.objects.get(worker=world.ada)
    assert (kept.holder, kept.address) == ("Ada B.", IBANS[2])


def test_setting_the_same_again_is_no_change_and_leaves_no_mark(world: World) -> None:
    payer(minimum=7)
    set_destination(world.ada, holder="Ada", address=IBANS[0])
    changed = Destination.objects.get(worker=world.ada).changed_at
    before = count("people_event")
    payer(minimum=7)
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])
    assert count("people_event") == before
    assert Destination.objects.get(worker=world.ada).changed_at == changed


def test_a_prepared_payment_keeps_the_account_of_the_day_it_was_prepared(world: World) -> None:
    run = scene(world)
    set_destination(world.ada, holder="Ada", address=IBANS[2])
    assert run.items.get(worker=world.ada).address == IBANS[0]
    assert IBANS[0] in bytes(run.file).decode()


def test_setting_the_payer_again_replaces_it(world: World) -> None:
    payer(minimum=5)
    payer(minimum=7)
    assert Payer.objects.get().minimum_micros == 7
