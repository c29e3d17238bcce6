"""Deposits and escrow: where a batch's money comes from, and where the rest goes."""

import pytest
from tests.world import World, balance_of, count

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.ledger.posting import Contradiction
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.costs import set_aside
from fairhand.pay.funding import (
    batch_accounts,
    deposit,
    deposit_balance,
    escrow_balance,
    release,
    reserve,
)


def eur(micros: int) -> Money:
    return Money(micros, "EUR")


def test_money_that_arrived_is_booked_once(world: World) -> None:
    assert deposit(world.organisation, eur(500), source="bank/77")
    assert not deposit(world.organisation, eur(500), source="bank/77")
    assert deposit_balance(world.organisation, "EUR") == eur(500)
    assert balance_of(events.bank("manual", "EUR")) == -500


def test_the_same_arrival_with_another_amount_is_a_contradiction(world: World) -> None:
    deposit(world.organisation, eur(500), source="bank/77")
    with pytest.raises(Contradiction):
        deposit(world.organisation, eur(501), source="bank/77")
    with pytest.raises(Contradiction):
        deposit(world.other_organisation, eur(500), source="bank/77")
    assert deposit_balance(world.organisation, "EUR") == eur(500)


@pytest.mark.parametrize("micros", [0, -5])
def test_nothing_is_no_deposit(world: World, micros: int) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        deposit(world.organisation, eur(micros), source="bank/77")


def test_currencies_are_kept_apart(world: World) -> None:
    deposit(world.organisation, eur(500), source="bank/1")
    deposit(world.organisation, Money(900, "JPY"), source="bank/2")
    assert deposit_balance(world.organisation, "EUR") == eur(500)
    assert deposit_balance(world.organisation, "JPY") == Money(900, "JPY")
    assert not reserve(world.organisation, "bat_x", Money(901, "JPY"))


def test_reserving_moves_the_whole_cost_into_escrow_once(world: World) -> None:
    deposit(world.organisation, eur(500), source="bank/1")
    for _ in range(2):
        assert reserve(world.organisation, "bat_x", eur(300))
    assert deposit_balance(world.organisation, "EUR") == eur(200)
    assert escrow_balance("bat_x", "EUR") == eur(300)


def test_what_is_missing_is_said_and_nothing_moves(world: World) -> None:
    deposit(world.organisation, eur(2_000_000), source="bank/1")
    before = count("ledger_transfer")
    answer = reserve(world.organisation, "bat_x", eur(5_500_000))
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.status) == ("not_enough_money", 402)
    assert str(answer).startswith("This batch costs 5.50 EUR; 3.50 EUR is missing.")
    assert count("ledger_transfer") == before
    assert deposit_balance(world.organisation, "EUR") == eur(2_000_000)


def test_the_rest_of_an_escrow_returns_once(world: World) -> None:
    deposit(world.organisation, eur(500), source="bank/1")
    reserve(world.organisation, "bat_x", eur(300))
    assert release(world.organisation, "bat_x", "EUR") == eur(300)
    assert release(world.organisation, "bat_x", "EUR") == eur(0)
    assert deposit_balance(world.organisation, "EUR") == eur(500)
    sides = set_aside("bat_x", "EUR")
    assert (sides.reserved, sides.returned) == (eur(300), eur(300))
    assert audit().balanced


def test_a_batch_that_never_opened_set_nothing_aside(world: World) -> None:
    sides = set_aside("bat_x", "EUR")
    assert (sides.reserved, sides.returned) == (eur(0), eur(0))


def test_batches_have_escrows_of_their_own_and_share_the_fee_account(world: World) -> None:
    one, other = batch_accounts("bat_x", "EUR"), batch_accounts("bat_y", "EUR")
    assert one.escrow != other.escrow
    assert one.fee == other.fee
    assert batch_accounts("bat_x", "EUR") == one
