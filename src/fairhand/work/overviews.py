"""Many batches, workers or results at once, for lists: a fixed number of queries, however many."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

from django.db import connection

from fairhand.kit.money import Money
from fairhand.people.models import Worker
from fairhand.projects.models import Batch

OUTLINES = """
select b.id,
       (select coalesce(sum(e.answers), 0) from work_enrolment e where e.batch_id = b.id),
       (select coalesce(sum(w.slots * cardinality(w.tasks)), 0) from work_bundle w
         where w.batch_id = b.id),
       (select coalesce(sum(cardinality(a.tasks)), 0) from work_assignment a
         where a.batch_id = b.id and a.state = 'open'),
       (select count(*) from work_assignment a
         where a.batch_id = b.id and a.state = 'submitted')
  from projects_batch b where b.id = any(%s)
"""
HELD = """
select b.ref, b.name, a.no, cardinality(a.tasks), a.deadline
  from work_enrolment e
  join work_assignment a
    on a.batch_id = e.batch_id and a.worker_id = e.worker_id and a.no = any(e.held)
  join projects_batch b on b.id = e.batch_id
 where e.worker_id = %s and a.state = 'open' and a.deadline > now() order by a.deadline
"""
CROWD = """
select w.ref, e.answers, e.gold_seen, e.gold_right, e.earned_micros, r.id is not null,
       count(*) over ()
  from work_enrolment e
  join people_worker w on w.account_id = e.worker_id
  left join work_restriction r
    on r.batch_id = e.batch_id and r.worker_id = e.worker_id and r.lifted_at is null
 where e.batch_id = %s and (e.answers > 0 or r.id is not null)
 order by e.answers desc, w.ref limit %s offset %s
"""
RESULTS = """
select t.key, t.data, r.value, r.confidence, r.answers, r.votes, r.method
  from work_result r
  join projects_task t on t.batch_id = r.batch_id and t.position = r.position
 where r.batch_id = %s order by {order} limit %s offset %s
"""
SHARES = """
select b.ref, a.worker_id, a.no, a.share_micros
  from unnest(%s::text[], %s::bigint[], %s::int[]) as p(batch, worker, no)
  join projects_batch b on b.ref = p.batch
  join work_assignment a on a.batch_id = b.id and a.worker_id = p.worker and a.no = p.no
 where a.share_micros > 0
"""
PAGE = re.compile(r"([^/]+)/([0-9]{1,18})/([0-9]{1,9})")
# A fixed list: the order comes from the address bar.
ORDERS = {"place": "r.position", "unsure": "r.confidence, r.position"}


@dataclass(frozen=True, slots=True)
class Outline:
    """How far a batch is; `wanted` counts what came in, is held, and is still to be given out."""

    answers: int
    wanted: int
    pages_in_review: int


def outlines(batches: Sequence[Batch]) -> dict[int, Outline]:
    """The outline of each batch, by its number."""
    with connection.cursor() as cursor:
        cursor.execute(OUTLINES, [[batch.pk for batch in batches]])
        return {
            pk: Outline(int(answers), int(answers + free + held), review)
            for pk, answers, free, held, review in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class Held:
    """A page that a worker has not handed in yet."""

    batch_ref: str
    batch_name: str
    no: int
    tasks: int
    deadline: datetime


def pages_held(worker: Worker) -> list[Held]:
    """What a worker holds anywhere, the most urgent first."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [worker.pk])
        return [Held(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker did in a batch, under the pseudonym that its requester sees."""

    worker_ref: str
    answers: int
    gold_seen: int
    gold_right: int
    earned: Money
    restricted: bool


def crowd_of(batch: Batch, limit: int, offset: int = 0) -> tuple[list[Part], int]:
    """The workers of a batch, the busiest first, and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(CROWD, [batch.pk, limit, offset])
        rows = cursor.fetchall()
    parts = [
        Part(ref, answers, seen, right, Money(earned, batch.currency), out)
        for ref, answers, seen, right, earned, out, _count in rows
    ]
    return parts, rows[0][-1] if rows else 0


def shares_of(sources: Iterable[str]) -> dict[str, int]:
    """What a portal kept of each of these pages, in micro-units; of others there is nothing.

    A page is named as the ledger names it: batch, worker's number and page. What names no page is
    passed over.
    """
    pages = [found.groups() for source in sources if (found := PAGE.fullmatch(source))]
    if not pages:
        return {}
    refs, workers, numbers = zip(*pages, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(SHARES, [list(refs), list(map(int, workers)), list(map(int, numbers))])
        return {f"{ref}/{worker}/{no}": share for ref, worker, no, share in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Found:
    """A task's result beside the task itself; `votes` counts the answers of each field."""

    key: str
    data: dict[str, Any]
    value: dict[str, str]
    confidence: float
    answers: int
    votes: dict[str, dict[str, int]]
    method: str


def results_of(batch: Batch, order: str, limit: int, offset: int = 0) -> list[Found]:
    """A part of a batch's results. `order` is one of ORDERS, KeyError otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(RESULTS.format(order=ORDERS[order]), [batch.pk, limit, offset])
        return [
            Found(key, loads(data), loads(value), sure, given, loads(votes), method)
            for key, data, value, sure, given, votes, method in cursor.fetchall()
        ]
