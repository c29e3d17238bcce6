"""RE-6: a page that is handed in as its time runs out is paid once or not at all."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from fairhand.kit import database
from fairhand.pay.books import audit
from fairhand.projects.models import Batch
from fairhand.work.claims import Caller
from fairhand.work.deadlines import expire_pages, sweep
from fairhand.work.opening import close_batch
from tests.races.together import Team
from tests.world import World, caller, crowd, page_of, rows, turn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CASES = 1000
OFFSETS = (-0.001, 0.0, 0.001)


def set_deadline(batch: Batch, no: int) -> datetime:
    """Let page `no` end in a few milliseconds; returns when, by the database's clock."""
    ends: datetime = rows(
        "update work_assignment set deadline = clock_timestamp() + interval '6 milliseconds'"
        " where batch_id = %s and no = %s returning deadline",
        batch.pk,
        no,
    )[0][0]
    return ends


def wait_until(moment: datetime) -> None:
    """Wait in the database, whose clock decides, and whose waiting keeps no other thread waiting."""
    wait = "select pg_sleep(extract(epoch from %s::timestamptz - clock_timestamp()))"
    database.direct().execute(wait, [moment])


def hand_in(who: Caller, batch: Batch, page: dict[str, Any], at: datetime) -> str:
    wait_until(at)
    done = turn(who, batch, page)
    return "paid" if done.submitted is not None else str(done.refusal)


def expire(at: datetime) -> str:
    wait_until(at)
    return str(expire_pages())


def test_at_the_deadline_a_page_is_paid_once_or_not_at_all(committed_world: World) -> None:
    batch = committed_world.batch(tasks=CASES + 1, page_size=1, overlap=1)
    ada = caller(committed_world.ada)
    outcomes: Counter[str] = Counter()
    travel = 0.0  # what a request takes until the database looks at its clock, learnt on the way
    with Team(2) as team:
        for n in range(CASES):
            page = page_of(turn(ada, batch))
            deadline = set_deadline(batch, page["no"])
            at = deadline + timedelta(seconds=OFFSETS[n % 3] - travel)
            told, _ = team.race(partial(hand_in, ada, batch, page, at), partial(expire, deadline))
            state, free, paid = rows(
                """select a.state, sum(w.slots), (select count(*) from ledger_transfer t
                     where t.reason = 'earn' and t.source = %s || '/' || a.worker_id || '/' || a.no)
                     from work_assignment a join work_bundle w
                       on w.batch_id = a.batch_id and w.no = any(a.bundles)
                    where a.batch_id = %s and a.no = %s group by a.state, a.worker_id, a.no""",
                batch.ref,
                batch.pk,
                page["no"],
            )[0]
            outcomes[state] += 1
            travel += 0.0002 if state == "expired" else -0.0002
            # Handed in: paid, and its slot is used up. Ran out: unpaid, and its slot is free once.
            assert (state, told == "paid", free, paid) in {
                ("accepted", True, 0, 1),
                ("expired", False, 1, 0),
            }
    assert min(outcomes["accepted"], outcomes["expired"]) > CASES // 5
    assert audit().balanced


def test_what_ran_out_is_given_to_somebody_once(committed_world: World) -> None:
    """The sweeps and the next workers race for the same freed slots."""
    batch = committed_world.batch(tasks=20, page_size=1, overlap=1)
    slow, workers = crowd(20), crowd(6)
    for who in slow:
        turn(who, batch)
    with connection.cursor() as cursor:
        cursor.execute("update work_assignment set deadline = now() - interval '1 second'")
    with Team(8) as team:

        def take(n: int) -> int:
            answers, page = 0, None
            for _ in range(40):
                done = turn(workers[n], batch, page)
                answers += done.submitted is not None
                page = None if done.page is None else page_of(done)
            return answers

        found = team.race(
            *[lambda n=n: take(n) for n in range(6)], expire_pages, lambda: sum(sweep().values())
        )
    assert sum(found[:6]) == 20
    assert rows("select count(*), count(distinct position) from work_answer") == [(20, 20)]
    assert audit().balanced


def back(who: Caller, batch: Batch, page: dict[str, Any]) -> int:
    return int(turn(who, batch, page, verb="give_back").refusal is None)


def test_closing_giving_back_and_expiring_at_once_wait_for_nobody_in_a_circle(
    committed_world: World,
) -> None:
    """Whoever comes first: no deadlock, no slot of a closed batch open, every cent returned."""
    for n in range(60):
        batch = committed_world.batch(
            tasks=12, gold=4, page_size=3, overlap=2, gold_permille=300, deadline_seconds=60
        )
        workers = crowd(5)
        pages = [page_of(turn(who, batch)) for who in workers]
        with connection.cursor() as cursor:
            cursor.execute(
                "update work_assignment set deadline = now() - interval '1 second'"
                " where batch_id = %s and worker_id %% 2 = 0",
                [batch.pk],
            )

        with Team(7) as team:
            team.race(
                *[
                    partial(back, who, batch, page)
                    for who, page in zip(workers, pages, strict=True)
                ],
                expire_pages,
                partial(close_batch, batch, "test", "enough"),
            )
        sweep()
        state = rows(
            "select b.state, bool_or(w.open), sum(w.slots) from projects_batch b"
            " join work_bundle w on w.batch_id = b.id where b.id = %s group by 1",
            batch.pk,
        )
        assert state == [("settled", False, 0)], n
    assert audit().balanced
    left = "select a.code, ledger_balance(a.id) from ledger_account a where a.code like 'escrow:%'"
    assert {held for _, held in rows(left)} == {0}
