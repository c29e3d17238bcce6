"""RE-3: when many want what is left, as many get it as there is, and nobody twice."""

import sys
import time
from collections import Counter
from functools import partial

import pytest
from django.db import connection

from fairhand.kit import database
from fairhand.pay.books import audit
from tests.races.together import Team, wins
from tests.world import World, caller, crowd, page_of, rows, turn, work_through

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = 1000
WORKERS = 32


def test_the_last_slot_goes_to_exactly_one_of_32_workers(committed_world: World) -> None:
    batch = committed_world.batch(tasks=1, page_size=1, overlap=1)
    workers = crowd(WORKERS)
    winners: Counter[int] = Counter()
    with Team(WORKERS) as team:
        for _ in range(ROUNDS):
            claims = team.race(*[partial(turn, who, batch) for who in workers])
            given = [n for n, done in enumerate(claims) if done.page is not None]
            assert len(given) == 1
            losers = {done.refusal.code for done in claims if done.refusal is not None}
            assert losers == {"nothing_left"}
            winners.update(given)
            # The winner gives it back, so that all want it again.
            turn(workers[given[0]], batch, page_of(claims[given[0]]), verb="give_back")
    assert len(winners) > 1
    assert rows("select slots, open from work_bundle") == [(1, True)]


def test_no_worker_gets_a_task_twice_when_all_work_at_once(committed_world: World) -> None:
    batch = committed_world.batch(
        tasks=400, gold=40, page_size=7, overlap=5, gold_permille=150, confidence_permille=None
    )
    with Team(8) as team:
        done = team.race(*[partial(work_through, who, batch) for who in crowd(8)])
    # All ordinary slots are filled; work_answer's key admits nobody twice, so nothing was refused.
    ordinary = rows('select count(*) from work_answer where "right" is null')[0][0]
    assert ordinary == 360 * 5
    assert sum(done) == rows("select count(*) from work_answer")[0][0]
    most = rows("select max(n) from (select count(*) n from work_answer group by position) x")
    assert most == [(5,)]
    assert rows("select min(slots) from work_bundle") == [(0,)]
    assert audit().balanced


def test_a_page_sent_by_eight_tabs_at_once_is_stored_and_paid_once(committed_world: World) -> None:
    batch = committed_world.batch(tasks=100, page_size=2, overlap=1)
    ada = caller(committed_world.ada)
    page = page_of(turn(ada, batch))
    with Team(8) as team:
        for _ in range(49):
            sent = team.race(*[partial(turn, ada, batch, page)] * 8)
            assert sum('"repeated":false' in (done.submitted or "") for done in sent) == 1
            assert len({done.page for done in sent}) == 1
            page = page_of(sent[0])
    assert rows("select count(*), sum(amount) from ledger_transfer where reason = 'earn'") == [
        (49, 49 * 100_000)
    ]


def test_two_tabs_that_fetch_ahead_at_once_hold_two_pages_together(committed_world: World) -> None:
    batch = committed_world.batch(tasks=300, page_size=1, overlap=1)
    with Team(4) as team:
        for who in crowd(50):
            turn(who, batch)
            ahead = team.race(*[partial(turn, who, batch, verb="ahead")] * 4)
            assert wins([done.page for done in ahead]) == 4
            assert len({done.page for done in ahead}) <= 2  # seconds_left may differ
            assert {page_of(done)["no"] for done in ahead} == {2}
    assert rows("select max(cardinality(held)) from work_enrolment") == [(2,)]


def test_claims_are_as_quick_as_the_database_lets_them(
    committed_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """RE-4: printed for who reads it; only a collapse fails, as a share of a bare statement."""
    batch = committed_world.batch(tasks=4000, page_size=1, overlap=1)
    ada = caller(committed_world.ada)
    page = page_of(turn(ada, batch))
    begin = time.perf_counter()
    for _ in range(1000):
        page = page_of(turn(ada, batch, page))
    turns = 1000 / (time.perf_counter() - begin)
    direct = database.direct()
    with connection.cursor() as cursor:
        cursor.execute("create table bare (id bigint generated always as identity, x int)")
    begin = time.perf_counter()
    for n in range(1000):
        direct.execute("insert into bare (x) values (%s)", [n])
    bare = 1000 / (time.perf_counter() - begin)
    with connection.cursor() as cursor:
        cursor.execute("drop table bare")
    with capsys.disabled():
        sys.stdout.write(f"\n{turns:.0f} pages handed in and claimed a second; ")
        sys.stdout.write(f"{bare:.0f} bare inserts\n")
    assert turns > bare / 40
