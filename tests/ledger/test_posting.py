"""How a cent is moved: all entries or none, each event once, never below zero."""

import pytest
from django.db import IntegrityError, transaction

from fairhand.ledger.posting import (
    MAX_AMOUNT,
    Contradiction,
    NotEnough,
    accounts_of,
    balance,
    balances,
    fold,
    open_account,
    post,
)
from tests.ledger.ledger_cast import bank, entry, purse
from tests.world import count

pytestmark = pytest.mark.django_db


def test_what_one_account_gives_the_other_gets() -> None:
    outside, inside = bank(), purse()
    assert post([entry(outside, inside, 70), entry(inside, outside, 20)]) == 2
    assert balances([outside, inside]) == {outside: -50, inside: 50}


def test_the_same_event_moves_money_once() -> None:
    outside, inside = bank(), purse()
    deposit = entry(outside, inside, source="deposit/1")
    assert [post([deposit]), post([deposit])] == [1, 0]
    assert balance(inside) == 5


def test_accounts_are_found_by_their_codes_and_none_is_made() -> None:
    found = open_account("purse:known:EUR", "EUR")
    before = count("ledger_account")
    assert accounts_of(["purse:known:EUR", "purse:unknown:EUR"]) == {"purse:known:EUR": found}
    assert accounts_of([]) == {}
    assert count("ledger_account") == before


def test_an_event_may_move_money_for_two_reasons() -> None:
    outside, inside = bank(), purse()
    entries = [entry(outside, inside, reason=reason, source="page/1") for reason in ("earn", "fee")]
    assert post(entries) == 2


def test_the_same_event_posted_differently_is_refused_and_moves_nothing() -> None:
    outside, inside, other = bank(), purse(), purse()
    post([entry(outside, inside, 5, source="deposit/2")])
    for changed in (
        entry(outside, inside, 6, source="deposit/2"),
        entry(outside, other, 5, source="deposit/2"),
        entry(other, inside, 5, source="deposit/2"),
    ):
        with pytest.raises(Contradiction):
            post([entry(outside, other), changed])
    assert balances([inside, other]) == {inside: 5, other: 0}


def test_an_account_cannot_be_overdrawn_and_then_nothing_is_posted() -> None:
    poor, rich, to = purse(holding=3), purse(holding=100), purse()
    before = count("ledger_transfer")
    with pytest.raises(NotEnough) as refused:
        post([entry(rich, to, 50), entry(poor, to, 10)])
    assert (refused.value.account, refused.value.missing) == (poor, 7)
    assert count("ledger_transfer") == before
    assert balances([poor, rich, to]) == {poor: 3, rich: 100, to: 0}


def test_an_account_may_be_emptied_to_the_last_micro_unit() -> None:
    poor, to = purse(holding=3), purse()
    post([entry(poor, to, 3)])
    assert balance(poor) == 0


def test_money_that_comes_in_the_same_posting_can_be_spent() -> None:
    outside, inside, to = bank(), purse(), purse()
    assert post([entry(inside, to, 5), entry(outside, inside, 5)]) == 2


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_only_sensible_amounts_are_moved(amount: int) -> None:
    outside, inside = bank(), purse()
    with pytest.raises(ValueError, match="is not an amount"):
        post([entry(outside, inside, amount)])
    assert balance(inside) == 0


def test_the_greatest_amount_is_kept_exactly() -> None:
    outside, inside = bank(), purse()
    post([entry(outside, inside, MAX_AMOUNT)])
    assert balance(inside) == MAX_AMOUNT


def test_posting_nothing_is_no_fault() -> None:
    assert post([]) == 0


def test_opening_an_account_again_gives_the_same() -> None:
    assert open_account("fee:platform:EUR", "EUR") == open_account("fee:platform:EUR", "EUR")


def test_an_account_has_one_currency() -> None:
    open_account("fee:platform:EUR", "EUR")
    with pytest.raises(Contradiction):
        open_account("fee:platform:EUR", "USD")


def test_money_cannot_change_its_currency_on_the_way() -> None:
    euros, dollars, outside = purse("EUR"), purse("USD"), bank("EUR")
    for wrong in (entry(outside, dollars), entry(outside, euros, currency="USD")):
        with pytest.raises(IntegrityError), transaction.atomic():
            post([wrong])
    assert balances([euros, dollars]) == {euros: 0, dollars: 0}


def test_money_cannot_go_to_an_account_that_is_not_there() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        post([entry(bank(), 10**12)])


def test_money_cannot_go_from_an_account_to_itself() -> None:
    inside = purse(holding=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        post([entry(inside, inside)])


def test_balances_of_no_accounts_are_none() -> None:
    assert balances([]) == {}


def test_folding_leaves_out_what_a_running_transaction_wrote() -> None:
    """Everything in this test is one transaction that has not ended: nothing may be folded."""
    inside = purse(holding=9)
    fold()
    assert balance(inside) == 9
