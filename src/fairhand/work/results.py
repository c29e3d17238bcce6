"""The answer the crowd gave to each task, with confidence and the evidence for it.

All answers of a batch are aggregated together, since who is right is learnt from everybody's
answers and from gold. Gold tasks get no result: their answer is known.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from fairhand.projects.interface import parse
from fairhand.projects.models import Batch
from fairhand.quality.aggregation.dawid_skene import dawid_skene
from fairhand.quality.aggregation.labels import Labels, Result
from fairhand.quality.aggregation.majority import majority
from fairhand.quality.models import Gold

METHODS = ("dawid-skene", "majority")
ANSWERS = """
select position, worker_id, value ->> %s from work_answer
 where batch_id = %s and value ? %s order by position, worker_id
"""
VOTES = """
select position, %s::text, value ->> %s, count(*) from work_answer
 where batch_id = %s and "right" is null group by position, value ->> %s
"""


def compute_results(batch: Batch, method: str = "dawid-skene") -> int:
    """Aggregate a batch's answers and store a result for each answered task; returns how many.

    Computing again replaces what was there. Readers see the old results or the new ones.
    """
    assert method in METHODS
    interface = parse(batch.interface)
    gold = dict(Gold.objects.filter(batch=batch).values_list("position", "expected"))
    values: dict[int, dict[str, str]] = {}
    confidence: dict[int, float] = {}
    for field in interface.fields:
        labels = _labels(batch, field.name, field.values)
        if not labels.answers:
            continue
        known = {
            str(position): expected[field.name]
            for position, expected in gold.items()
            if field.name in expected
        }
        result = _aggregate(labels, method, known)
        codes, sure = result.labels(), result.confidences()
        for row, task in enumerate(result.tasks):
            position = int(task)
            if position not in gold:
                values.setdefault(position, {})[field.name] = result.classes[codes[row]]
                confidence[position] = min(confidence.get(position, 1.0), float(sure[row]))
    votes = _votes(batch, [field.name for field in interface.fields])
    _store(batch, method, values, confidence, votes)
    return len(values)


def _aggregate(labels: Labels, method: str, known: dict[str, str]) -> Result:
    if method == "majority":
        return majority(labels)
    return dawid_skene(labels, known=known)


def _labels(batch: Batch, field: str, classes: tuple[str, ...]) -> Labels:
    """All answers to one field, gold included: gold teaches who is right."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, [field, batch.pk, field])
        rows = cursor.fetchall()
    return Labels.from_ids(
        (str(row[0]) for row in rows),
        (str(row[1]) for row in rows),
        (row[2] for row in rows),
        classes,
    )


def _votes(batch: Batch, fields: list[str]) -> dict[int, dict[str, dict[str, int]]]:
    """How many gave which value, a field and a task."""
    votes: dict[int, dict[str, dict[str, int]]] = {}
    with connection.cursor() as cursor:
        for field in fields:
            cursor.execute(VOTES, [field, field, batch.pk, field])
            for position, name, value, count in cursor.fetchall():
                votes.setdefault(position, {}).setdefault(name, {})[value] = count
    return votes


def _store(
    batch: Batch,
    method: str,
    values: dict[int, dict[str, str]],
    confidence: dict[int, float],
    votes: dict[int, dict[str, dict[str, int]]],
) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for position, value in values.items():
            given = votes.get(position, {})
            answers = max((sum(counts.values()) for counts in given.values()), default=0)
            yield (
                batch.pk,
                position,
                json.dumps(value, ensure_ascii=False),
                confidence[position],
                method,
                answers,
                json.dumps(given, ensure_ascii=False),
            )

    with transaction.atomic(), connection.cursor() as cursor:
        # One computation of a batch at a time; the later one wins.
        cursor.execute("select pg_advisory_xact_lock(hashtext('results'), %s)", [batch.pk % 2**31])
        cursor.execute("delete from work_result where batch_id = %s", [batch.pk])
        columns = "batch_id, position, value, confidence, method, answers, votes"
        with cursor.copy(f"copy work_result ({columns}) from stdin") as copy:
            for row in rows():
                copy.write_row(row)
