"""The hot path's own connection: one a thread, made again when it is lost."""

import threading

import psycopg
import pytest
from psycopg import errors

from fairhand.kit import database
from fairhand.kit.models import Installation
from fairhand.kit.sql import read

pytestmark = pytest.mark.django_db(transaction=True)


def number(connection: psycopg.Connection) -> int:
    return connection.info.backend_pid


def test_a_thread_keeps_its_connection() -> None:
    assert database.direct() is database.direct()


def test_threads_do_not_share_a_connection() -> None:
    seen = [number(database.direct())]

    def work() -> None:
        seen.append(number(database.direct()))
        database.drop_direct()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(set(seen)) == 2


def test_every_statement_is_committed_at_once() -> None:
    database.direct().execute(
        "insert into kit_installation (id, kind) values (1, 'demo')"
        " on conflict (id) do update set kind = 'demo'"
    )
    assert Installation.objects.get().kind == "demo"


def test_a_connection_that_was_lost_is_made_anew() -> None:
    lost = database.direct()
    with pytest.raises(errors.AdminShutdown):
        lost.execute("select pg_terminate_backend(pg_backend_pid())")
    assert database.direct() is not lost
    assert database.direct().execute("select 1").fetchone() == (1,)


def test_dropping_a_connection_twice_is_dropping_it_once() -> None:
    database.direct()
    database.drop_direct()
    database.drop_direct()


def test_plans_are_made_once_for_all_values() -> None:
    found = database.direct().execute("show plan_cache_mode").fetchone()
    assert found == ("force_generic_plan",)


def test_sql_lies_beside_its_code() -> None:
    assert "function work_turn(" in read("work/turn")
