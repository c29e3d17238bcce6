"""What every test has: PostgreSQL for real, and the small named cast of tests/world.py."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from fairhand.kit import database
from fairhand.work import claims
from tests.world import World, make_world

# How long an example takes depends on what else the machine does; nothing here is about that.
hypothesis_settings.register_profile("fairhand", deadline=None)
hypothesis_settings.load_profile("fairhand")


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> Iterator[None]:
    """Tables that refuse TRUNCATE are emptied after a test that commits, past their triggers."""
    original = DatabaseOperations.execute_sql_flush

    def flush(self: Any, sql_list: Iterable[str]) -> None:
        original(self, ["set local session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def _drop_in_any_case() -> Iterator[None]:
    """Drop the test database also while a server or a job's thread still hangs on it."""

    def drop(self: Any, name: str, verbosity: int) -> None:
        with self._nodb_cursor() as cursor:
            # Not `with (force)`: that would end autovacuum too, for which the role has no right.
            end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
            cursor.execute(f"{end} and usename = current_user", [name])
            cursor.execute(f'drop database "{name}"')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "_destroy_test_db", drop)
        yield


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """A request leaves its language to the thread; the next test begins without it."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _hot_path_in_the_test_transaction(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A test that is rolled back lets the hot path use its connection, to see its rows."""
    claims._interface.cache_clear()
    claims.stops_early.cache_clear()
    if "db" in request.fixturenames and not _commits(request):
        monkeypatch.setattr(database, "direct", _the_test_connection)
    yield
    database.drop_direct()


def _commits(request: pytest.FixtureRequest) -> bool:
    mark = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server", "committed_world"}
    return bool(names & set(request.fixturenames) or (mark and mark.kwargs.get("transaction")))


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


@pytest.fixture
def committed_world(transactional_db: None) -> Iterator[World]:
    """The cast in rows that other connections see, for races; emptied afterwards."""
    yield make_world()
    connections.close_all()
