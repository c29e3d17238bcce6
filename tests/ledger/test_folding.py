"""Folded balances: the same sums, with less to add up."""

from time import monotonic

import psycopg
import pytest
from django.db import connection, transaction

from fairhand.ledger.audit import audit
from fairhand.ledger.posting import balance, fold, post
from tests.ledger.ledger_cast import bank, entry, purse
from tests.world import rows

PATIENCE = 60.0  # seconds; a fault shows as folding that never comes to its end
pytestmark = pytest.mark.django_db(transaction=True)


def folded(account: int) -> int | None:
    found = rows("select amount from ledger_balance where account_id = %s", account)
    return found[0][0] if found else None


def fold_to(account: int, amount: int) -> None:
    """Fold until an account's balance is all folded in.

    The horizon waits for every running transaction of the server, also of tests beside this one.
    """
    until = monotonic() + PATIENCE
    while folded(account) != amount:
        assert monotonic() < until, f"{folded(account)} of {amount} folded"
        fold()


def another_connection() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: parameters[name] for name in names if name in parameters})


def test_folding_changes_no_balance() -> None:
    outside, inside = bank(), purse()
    post([entry(outside, inside, 70)])
    fold_to(inside, 70)
    assert balance(inside) == 70
    post([entry(inside, outside, 30)])
    assert (balance(inside), folded(inside)) == (40, 70)
    fold_to(inside, 40)
    assert balance(inside) == 40


def test_what_a_running_transaction_wrote_is_folded_only_after_it_ended() -> None:
    outside, inside = bank(), purse()
    post([entry(outside, inside, 70)])
    insert = (
        "insert into ledger_transfer (debit, credit, amount, currency, reason, source)"
        " values (%s, %s, 5, 'EUR', 'test', 'slow')"
    )
    with another_connection() as slow:
        slow.execute(insert, [outside, inside])
        post([entry(outside, inside, 2)])
        fold()
        assert balance(inside) == 72
        slow.commit()
    assert balance(inside) == 77
    fold_to(inside, 77)
    assert balance(inside) == 77
    assert audit().balanced


def test_one_folds_at_a_time() -> None:
    post([entry(bank(), purse(), 70)])
    with another_connection() as other:
        other.execute("select pg_advisory_xact_lock(hashtext('ledger_fold'))")
        assert fold() == 0
    assert fold() > 0


def test_balances_of_a_restored_dump_count_for_nothing_and_are_folded_anew() -> None:
    """Their horizons come from another server's transactions and mean nothing here."""
    inside = purse(holding=70)
    fold_to(inside, 70)
    ahead = "update ledger_balance set horizon = '9999999999', amount = 1 where account_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(ahead, [inside])
    assert balance(inside) == 70
    fold_to(inside, 70)
    assert balance(inside) == 70
    assert audit().balanced


def test_a_transfer_that_vanished_from_under_a_folded_balance_is_noticed() -> None:
    inside = purse(holding=70)
    fold_to(inside, 70)
    assert audit().balanced
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from ledger_transfer where credit = %s", [inside])
    assert any("holds 0 by its transfers and 70 by its balance" in f for f in audit().faults)
