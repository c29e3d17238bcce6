"""When do we stop asking about a task? Where its answers make one label sure enough.

The rule itself is in quality.overlap. After each page of a batch with a wanted confidence, the
tasks of that page are looked at; those that are sure lose their free slots, whose money returns
when the batch settles.
"""

import json
from collections import defaultdict
from typing import Any

from django.db import connection, transaction

from fairhand.projects.interface import Interface, parse
from fairhand.projects.models import Batch
from fairhand.quality.overlap import enough, posterior
from fairhand.work.models import Assignment

ANSWERS = """
select a.position, a.value, e.gold_right, e.gold_seen
  from work_answer a
  join work_enrolment e on e.batch_id = a.batch_id and e.worker_id = a.worker_id
 where a.batch_id = %s and a.position = any(%s) and a."right" is null
"""
# A bundle that somebody takes or frees right now is left to the next page with its task: waiting
# for several in another order than others would be waiting in a circle. A bundle has the number of
# its first task, so one that holds a single task has that task's.
CLOSE = """
update work_bundle set slots = 0, open = false
 where batch_id = %s and no in (
   select b.no from work_bundle b
    where b.batch_id = %s and b.no = any(%s::int[]) and cardinality(b.tasks) = 1 and b.open
    order by b.no for update skip locked)
"""


def stop_where_sure(batch_ref: str, worker: int, page: int) -> int:
    """Close the free slots of a page's tasks that are sure enough; returns how many tasks."""
    batch = Batch.objects.get(ref=batch_ref)
    assert batch.confidence_permille is not None
    held = Assignment.objects.get(batch=batch, worker_id=worker, no=page)
    interface = parse(batch.interface)
    answers: dict[int, list[tuple[Any, int, int]]] = defaultdict(list)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ANSWERS, [batch.pk, held.tasks])
        for position, value, right, seen in cursor.fetchall():
            answers[position].append((json.loads(value), right, seen))
        sure = [
            position
            for position, given in answers.items()
            if is_sure(interface, given, batch.confidence_permille / 1000)
        ]
        if sure:
            cursor.execute(CLOSE, [batch.pk, batch.pk, sure])
    return len(sure)


def is_sure(interface: Interface, given: list[tuple[Any, int, int]], confidence: float) -> bool:
    """Whether every field of a task is sure enough. `given`: (value, gold right, gold seen)."""
    return all(
        enough(
            posterior(
                [(value[field.name], right, seen) for value, right, seen in given],
                len(field.values),
            ),
            confidence,
        )
        for field in interface.fields
    )
