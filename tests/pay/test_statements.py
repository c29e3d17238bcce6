"""What a worker earned and got: the same numbers as the ledger's, at every time (LG-10)."""

import itertools
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone
from tests.world import World, caller, page_of, turn, work_through

from fairhand.kit.money import Money
from fairhand.ledger.history import held_at
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.statements import statement
from fairhand.people.models import Worker
from fairhand.work.review import accept_all

START = datetime(2026, 3, 28, tzinfo=UTC)  # the clocks change on the 29th
_count = itertools.count(1)


def booked(worker: Worker, micros: int, at: datetime, matter: str = "bat_x") -> None:
    """An earning of another day; the times of transfers are the database's, so they are moved."""
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    account = open_account(events.payable(worker.ref, "EUR"), "EUR")
    source = f"{matter}/{next(_count)}"
    post([Entry(outside, account, micros, "EUR", "earn", source)])
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update ledger_transfer set at = %s where source = %s", [at, source])
        cursor.execute("set local session_replication_role = origin")


def test_a_statement_counts_from_what_there_was_to_what_there_is(world: World) -> None:
    for hours, micros in ((-1, 5), (0, 7), (23, 11), (24, 13), (48, 17)):
        booked(world.ada, micros, START + timedelta(hours=hours))
    found = statement(world.ada, "EUR", START, START + timedelta(days=2))
    assert (found.opening, found.closing) == (Money(5, "EUR"), Money(36, "EUR"))
    assert [(line.day.day, line.amount, line.transfers) for line in found.lines] == [
        (28, 18, 2),
        (29, 13, 1),
    ]


def test_lines_are_of_a_day_a_reason_and_a_matter(world: World) -> None:
    for matter in ("bat_a", "bat_a", "bat_b"):
        booked(world.ada, 5, START, matter)
    lines = statement(world.ada, "EUR", START, START + timedelta(days=1)).lines
    assert [(line.matter, line.reason, line.amount) for line in lines] == [
        ("bat_a", "earn", 10),
        ("bat_b", "earn", 5),
    ]


def test_statements_one_after_the_other_tell_the_whole(world: World) -> None:
    for hour in range(0, 200, 7):
        booked(world.ada, hour + 1, START + timedelta(hours=hour))
    days = [START + timedelta(days=n) for n in range(10)]
    parts = [statement(world.ada, "EUR", a, b) for a, b in itertools.pairwise(days)]
    assert all(a.closing == b.opening for a, b in itertools.pairwise(parts))
    whole = statement(world.ada, "EUR", days[0], days[-1])
    assert [line for part in parts for line in part.lines] == whole.lines
    account = open_account(events.payable(world.ada.ref, "EUR"), "EUR")
    ends = zip(parts, days[1:], strict=True)
    assert all(part.closing.micros == held_at([account], end) for part, end in ends)


def test_what_becomes_payable_is_not_earned_a_second_time(world: World) -> None:
    batch = world.batch(tasks=5, page_size=5, overlap=1, review_hours=1)
    work_through(caller(world.ada), batch)
    accept_all(batch, actor=world.rita.ref)
    now = timezone.now()
    found = statement(world.ada, "EUR", now - timedelta(days=1), now + timedelta(days=1))
    assert [(line.reason, line.matter, line.amount) for line in found.lines] == [
        ("earn", batch.ref, 250_000)
    ]
    assert found.closing == Money(250_000, "EUR")


def test_a_statement_is_of_one_worker_and_one_currency(world: World) -> None:
    batch = world.batch(tasks=5, page_size=5, overlap=2)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch)))
    span = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    assert statement(world.ben, "EUR", *span).lines == []
    assert statement(world.ada, "USD", *span).closing == Money(0, "USD")
    assert statement(world.ada, "EUR", *span).closing == Money(250_000, "EUR")
