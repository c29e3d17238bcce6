"""The shape that makes the hot path fast: one round trip, and the same work at any size.

Buffers say what time on a busy machine cannot: how much of the tables a page touches.
"""

import io
import json
import re
import statistics
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from fairhand.api import turn as api
from fairhand.bench.load import answers_text
from fairhand.bench.scene import Program, Scene, enrol, programs
from fairhand.kit import database
from fairhand.kit.models import Installation
from fairhand.people.portals import forget_doors
from fairhand.projects.models import Batch
from tests.world import World

PAGES = 30
EXPLAINED = """
explain (analyze, buffers, format json)
select * from work_turn('key', %s, %s, %s::int, %s::jsonb, 'digest', 'work', 0)
"""
PAGES_OF_OTHERS = """
insert into work_assignment (batch_id, worker_id, no, state, ended_at, deadline, bundles, tasks,
                             pay_micros, fee_micros)
select %s, -w, %s, %s, %s, now() + interval '1 hour', '{}', '{}', 1, 1 from generate_series(1, 20000) w
"""


@pytest.fixture
def _planned_as_the_server_plans(db: None) -> Iterator[None]:
    options = re.findall(r"-c (\w+)=(\w+)", database.OPTIONS)
    with connection.cursor() as cursor:
        for name, value in options:
            cursor.execute(f"set {name} = {value}")
    yield
    with connection.cursor() as cursor:
        for name, _value in options:
            cursor.execute(f"reset {name}")


def buffers_a_page(batch: Batch, who: Program, pages: int = PAGES) -> float:
    """The median of buffers that handing in a page and taking the next reads."""
    enrol([who], batch)
    answers = answers_text(batch.page_size)
    with connection.cursor() as cursor:
        _buffers(cursor, [who.digest, batch.ref, None, None])
        touched = [
            _buffers(cursor, [who.digest, batch.ref, page, answers]) for page in range(1, pages + 1)
        ]
        cursor.execute(
            "select answers from work_enrolment where batch_id = %s and worker_id = %s",
            [batch.pk, who.worker.pk],
        )
        assert cursor.fetchall() == [(pages * batch.page_size,)]
    return statistics.median(touched[pages // 2 :])


def _buffers(cursor: Any, values: list[Any]) -> int:
    cursor.execute(EXPLAINED, values)
    told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def forget_plans() -> None:
    with connection.cursor() as cursor:
        cursor.execute("discard plans")


def post(who: str, batch: Batch, body: dict[str, Any]) -> dict[str, Any]:
    """One request to the server's own entry of the hot path."""
    text = json.dumps(body).encode()
    said: list[str] = []
    answered = api.handle(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": api.PREFIX + batch.ref,
            "HTTP_AUTHORIZATION": f"Bearer {who}",
            "CONTENT_LENGTH": str(len(text)),
            "wsgi.input": io.BytesIO(text),
        },
        lambda status, _headers: said.append(status),
    )
    assert said == ["200 OK"]
    answer: dict[str, Any] = json.loads(b"".join(answered))
    return answer


def round_trips(work: Any) -> int:
    """How many times the client waited for PostgreSQL, counted in the protocol itself."""
    raw = connection.connection
    assert raw is not None
    with tempfile.TemporaryFile() as trace:
        raw.pgconn.trace(trace.fileno())
        try:
            work()
        finally:
            raw.pgconn.untrace()
        trace.seek(0)
        sent = trace.read().decode(errors="replace")
    # A client waits after each Sync (extended protocol) and each Query (simple protocol).
    return len(re.findall(r"(?:^|\t)F\t\d+\t(?:Sync|Query)\b", sent, re.MULTILINE))


def test_a_page_handed_in_and_the_next_taken_is_one_round_trip(world: World, settings: Any) -> None:
    settings.PORTALS_KEPT_SECONDS = 60  # which portals there are is asked now and then
    batch = world.batch(tasks=60, page_size=10, gold=6, gold_permille=100)
    secret = programs(1)[0].secret
    page = post(secret, batch, {})["page"]
    answers = json.loads(answers_text(10))
    for _warm_up in range(2):
        page = post(secret, batch, {"page": page["no"], "answers": answers})["page"]
    body = {"page": page["no"], "answers": answers}
    answered: list[dict[str, Any]] = []
    trips = round_trips(lambda: answered.append(post(secret, batch, body)))
    assert answered[0]["submitted"]["answers"] == 10
    assert answered[0]["page"]["no"] == page["no"] + 1
    assert trips == 1
    forget_doors()


def test_round_trips_are_seen_when_there_are_more(world: World) -> None:
    def twice() -> None:
        with database.direct().cursor() as cursor:
            cursor.execute("select 1")
            cursor.execute("select 2")

    assert round_trips(twice) == 2


@pytest.mark.usefixtures("_planned_as_the_server_plans")
def test_pages_that_others_hold_cost_nothing(world: World) -> None:
    batch = world.batch(tasks=1200, page_size=10)
    first, second = programs(2)
    with connection.cursor() as cursor:
        # Many pages were handed in and few are held when the plans are made.
        cursor.execute(PAGES_OF_OTHERS, [batch.pk, 1, "accepted", timezone.now()])
        cursor.execute("analyze work_assignment")
        forget_plans()
        alone = buffers_a_page(batch, first)
        cursor.execute(PAGES_OF_OTHERS, [batch.pk, 2, "open", None])
    assert buffers_a_page(batch, second) < alone * 1.5


@pytest.mark.usefixtures("_planned_as_the_server_plans")
def test_plans_made_for_tiny_tables_serve_when_they_have_grown(world: World) -> None:
    batch = world.batch(tasks=80, page_size=10, gold=8, gold_permille=100, overlap=3)
    first, second, third = programs(3)
    with connection.cursor() as cursor:
        cursor.execute("truncate work_assignment, work_answer")  # and what other tests left unswept
        buffers_a_page(batch, first, pages=4)
        cursor.execute("analyze")
        forget_plans()
        while_tiny = buffers_a_page(batch, second, pages=4)
        cursor.execute(PAGES_OF_OTHERS, [batch.pk, 1, "accepted", timezone.now()])
    assert buffers_a_page(batch, third, pages=4) < while_tiny * 1.5


@pytest.mark.usefixtures("_planned_as_the_server_plans")
def test_answers_given_before_cost_nothing(world: World) -> None:
    batch = world.batch(tasks=4000, page_size=10, overlap=1)
    early, late = programs(2)
    first = buffers_a_page(batch, early)
    buffers_a_page(batch, late, pages=250)
    forget_plans()
    third = programs(1)[0]
    assert buffers_a_page(batch, third) < first * 1.5


@pytest.mark.slow
@pytest.mark.usefixtures("_planned_as_the_server_plans")
@pytest.mark.parametrize("page_size", [1, 10])
def test_a_page_reads_as_much_among_a_million_tasks_as_among_ten_thousand(
    db: None, page_size: int
) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"kind": Installation.Kind.DEMO})
    scene = Scene.make()
    small = scene.batch(10_000, page_size)
    at_first, planned_when_small, planned_when_large = programs(3)
    few = buffers_a_page(small, at_first)
    large = scene.batch(1_000_000, page_size)
    assert buffers_a_page(large, planned_when_small) < few * 1.5
    forget_plans()
    assert buffers_a_page(large, planned_when_large) < few * 1.5
