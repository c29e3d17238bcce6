"""The audit finds what is wrong, and nothing where all is right."""

from collections.abc import Iterator

import pytest
from django.db import connection

from fairhand.ledger.audit import audit
from fairhand.ledger.posting import post
from tests.ledger.ledger_cast import bank, entry, purse

pytestmark = pytest.mark.django_db


@pytest.fixture
def past_the_rules(db: None) -> Iterator[None]:
    """As somebody who has the whole server: without the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        cursor.execute("reset session_replication_role")


def test_a_fresh_ledger_balances() -> None:
    assert audit().balanced
    assert audit().lines == []


def test_an_honest_ledger_balances_in_each_currency() -> None:
    post([entry(bank("EUR"), purse("EUR"), 7), entry(bank("JPY"), purse("JPY"), 9, currency="JPY")])
    found = audit()
    assert found.balanced
    assert found.totals == {"EUR": 0, "JPY": 0}
    assert sorted(line.recounted for line in found.lines) == [-9, -7, 7, 9]


@pytest.mark.usefixtures("past_the_rules")
def test_an_overdrawn_account_is_named() -> None:
    debtor, to = purse(), purse()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_transfer (debit, credit, amount, currency, reason, source)"
            " values (%s, %s, 5, 'EUR', 'x', 'x')",
            [debtor, to],
        )
    assert len(audit().faults) == 1
    assert "is below zero: -5" in audit().faults[0]


@pytest.mark.usefixtures("past_the_rules")
def test_a_transfer_to_nowhere_is_counted() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_transfer (debit, credit, amount, currency, reason, source)"
            " values (%s, 999999999, 5, 'EUR', 'x', 'x')",
            [bank()],
        )
    told = " ".join(audit().faults)
    assert "1 transfers name an account that is not there" in told
    assert "The sum over EUR is -5" in told


@pytest.mark.usefixtures("past_the_rules")
def test_a_changed_balance_is_noticed() -> None:
    inside = purse(holding=70)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_balance (account_id, amount, horizon) values (%s, 3, '0')", [inside]
        )
    assert any("holds 70 by its transfers and 73 by its balance" in f for f in audit().faults)
