"""What every test has: PostgreSQL for real, and the small named cast of tests/world.py."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from fairhand.kit import database
from fairhand.work import claims
from tests.world import World, make_world


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> None:
    """Tables that refuse TRUNCATE are emptied between tests by their superuser, past the triggers."""

    def flush(self: DatabaseOperations, sql_list: Any) -> None:
        original(self, ["set session_replication_role = replica", *sql_list, "reset session_replication_role"])



@pytest.fixture(autouse=True)
def _hot_path_in_the_test_transaction(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A test that is rolled back lets the hot path use its connection, to see its rows."""
    claims._interface.cache_clear()
    claims.stops_early.cache_clear()
    if "db" in request.fixturenames and "transactional_db" not in request.fixturenames:
        monkeypatch.setattr(database, "direct", _the_test_connection)
    yield
    database.drop_direct()


def _the_test_connection() -> Any:
    connection.ensure_connection()
    return _ServerSide(connection.connection)


class _ServerSide:
    """Django's connection with plain server-side cursors, as the hot path's own has."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def cursor(self) -> Any:
        return psycopg.Cursor(self.raw)


@pytest.fixture
def world(db: None) -> World:
    return make_world()
