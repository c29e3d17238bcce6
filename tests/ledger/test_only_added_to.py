"""LG-3: rows of money and of history are added, never changed, removed or emptied."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import errors

from fairhand.kit.lifecycle import record
from fairhand.ledger.posting import fold, post
from tests.ledger.ledger_cast import bank, entry, purse
from tests.world import rows

TABLES = {
    "ledger_transfer": "amount = amount + 1",
    "ledger_account": "may_go_below_zero = true",
    "kit_history": "why = 'nothing happened'",
}
CHANGES = {
    **{f"update {table}": f"update {table} set {change}" for table, change in TABLES.items()},
    **{f"update no row of {t}": f"update {t} set {c} where false" for t, c in TABLES.items()},
    **{f"delete from {table}": f"delete from {table}" for table in TABLES},
    **{f"truncate {table}": f"truncate {table} cascade" for table in TABLES},
    "upsert": (
        "insert into ledger_account (code, currency, may_go_below_zero)"
        " values ('bank:forged', 'EUR', false)"
        " on conflict (code) do update set may_go_below_zero = true"
    ),
    "merge": (
        "merge into ledger_transfer t using ledger_transfer u on t.id = u.id"
        " when matched then delete"
    ),
}


@pytest.fixture
def raw(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A second connection with the application's role, past all of our code."""
    outside, inside = bank(), purse()
    post([entry(outside, inside, 70)])
    record("test", "1", "none", "done", actor="test", why="to have a row")
    fold()
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{n: parameters[n] for n in names if n in parameters}) as made:
        yield made


@pytest.mark.parametrize("name", CHANGES)
def test_the_database_refuses_to(name: str, raw: psycopg.Connection) -> None:
    before = [rows(f"select * from {table} order by id") for table in TABLES]
    with pytest.raises(errors.RestrictViolation, match="only ever added to"):
        raw.execute(CHANGES[name])
    raw.rollback()
    assert [rows(f"select * from {table} order by id") for table in TABLES] == before
