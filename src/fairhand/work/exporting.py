"""What a requester takes home: tasks, answers with their evidence, results with their votes.

A page of a hundred for a program that walks through, or everything at once as a file. A file comes
out of a cursor that PostgreSQL keeps on disk: it is one moment's picture however slowly it is read,
it takes the same memory at any length, no transaction waits for its reader, and how many rows it
has is known before the first of them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from django.db import connection

from fairhand.people.models import Worker
from fairhand.projects import writing
from fairhand.projects.interface import parse
from fairhand.projects.models import Batch
from fairhand.projects.writing import Column

What = Literal["answers", "results"]
Format = Literal["jsonl", "csv", "parquet"]
CONTENT_TYPES: dict[Format, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
FETCHED = 2000  # rows of an export that are in memory at a time
_numbers = itertools.count()

# Rows come in the order of their primary keys, so that no page and no export has to sort.
TASKS = """
select t.position, t.key, t.data, g.expected
  from projects_task t
  left join quality_gold g on g.batch_id = t.batch_id and g.position = t.position
 where t.batch_id = %(batch)s and t.position > %(after)s
 order by t.position limit %(limit)s
"""
KEPT_FOR = """
select r.bundle_no, array_agg(w.ref order by w.ref)
  from work_reservation r join people_worker w on w.account_id = r.worker_id
 where r.batch_id = %s and r.bundle_no between %s and %s group by r.bundle_no
"""
ANSWERS = """
select a.position, t.key, w.ref, a.page, a.value, a.seconds, a."right", a.at
  from work_answer a
  join people_worker w on w.account_id = a.worker_id
  join projects_task t on t.batch_id = a.batch_id and t.position = a.position
 where a.batch_id = %(batch)s and (a.position, a.worker_id) > (%(after)s, %(after_worker)s)
 order by a.position, a.worker_id limit %(limit)s
"""
RESULTS = """
select r.position, t.key, r.value, r.confidence, r.method, r.answers, r.votes, r.at
  from work_result r
  join projects_task t on t.batch_id = r.batch_id and t.position = r.position
 where r.batch_id = %(batch)s and r.position > %(after)s
 order by r.position limit %(limit)s
"""
# Every column but `value`, which tables spread over a column for each field.
ANSWER_COLUMNS = (
    Column("position", "integer"),
    Column("key"),
    Column("worker"),
    Column("page", "integer"),
    Column("value", "json"),
    Column("seconds", "number"),
    Column("gold_right", "flag"),
    Column("at", "time"),
)
RESULT_COLUMNS = (
    Column("position", "integer"),
    Column("key"),
    Column("value", "json"),
    Column("confidence", "number"),
    Column("method"),
    Column("answers", "integer"),
    Column("votes", "json"),
    Column("at", "time"),
)
TASK_NAMES = ("position", "key", "data", "gold")
EXPORTS: Mapping[What, tuple[str, tuple[Column, ...]]] = {
    "answers": (ANSWERS, ANSWER_COLUMNS),
    "results": (RESULTS, RESULT_COLUMNS),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk through answers is: behind this task's position and worker."""

    position: int = -1
    worker: str = ""


def tasks_after(batch: Batch, position: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` tasks behind a position (-1: from the start), gold and allow-lists shown."""
    with connection.cursor() as cursor:
        cursor.execute(TASKS, {"batch": batch.pk, "after": position, "limit": limit})
        tasks = [dict(zip(TASK_NAMES, _decoded(row, (2, 3)), strict=True)) for row in cursor]
        kept: dict[int, list[str]] = {}
        if batch.reserved and tasks:
            ends = (tasks[0]["position"], tasks[-1]["position"])
            cursor.execute(KEPT_FOR, [batch.pk, *ends])
            kept = dict(cursor.fetchall())
    return [{**task, "reserved_for": kept.get(task["position"], [])} for task in tasks]


def answers_after(batch: Batch, place: Place, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` answers behind a place, as objects with the names of ANSWER_COLUMNS."""
    worker = Worker.objects.filter(ref=place.worker).values_list("pk", flat=True).first()
    return _records("answers", batch, place.position, worker or 0, limit)


def results_after(batch: Batch, position: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` results behind a position, as objects with the names of RESULT_COLUMNS."""
    return _records("results", batch, position, 0, limit)


class Export:
    """A whole file of answers or results: iterate once over its pieces, then close it.

    `rows` counts the records, so that whoever gets the file can tell that none is missing.
    """

    def __init__(self, batch: Batch, what: What, form: Format) -> None:
        query, self.columns = EXPORTS[what]
        self.batch, self.form = batch, form
        self.content_type = CONTENT_TYPES[form]
        self.file_name = f"{batch.ref}-{what}.{form}"
        values = {"batch": batch.pk, "after": -1, "after_worker": 0, "limit": None}
        self._cursor = _Held(query, values)
        self.rows = self._cursor.rows

    def __iter__(self) -> Iterator[bytes]:
        names = [column.name for column in self.columns]
        if self.form == "jsonl":
            return writing.jsonl(dict(zip(names, row, strict=True)) for row in self._decoded())
        at = names.index("value")
        fields = [field.name for field in parse(self.batch.interface).fields]
        spread = [Column(f"value.{name}") for name in fields]
        columns = [*self.columns[:at], *spread, *self.columns[at + 1 :]]
        rows = (
            [*row[:at], *(row[at].get(name) for name in fields), *row[at + 1 :]]
            for row in self._decoded()
        )
        table = writing.csv_table if self.form == "csv" else writing.parquet_table
        return table(columns, rows)

    def close(self) -> None:
        """Let the database forget the rows; closing twice is closing once."""
        self._cursor.close()

    def _decoded(self) -> Iterator[list[Any]]:
        places = [i for i, column in enumerate(self.columns) if column.kind == "json"]
        return (_decoded(row, places) for row in self._cursor)


class _Held:
    """A cursor over rows that the database has put aside."""

    def __init__(self, query: str, values: Mapping[str, Any]) -> None:
        self.name = f"export_{next(_numbers)}"
        self.closed = False
        with connection.cursor() as cursor:
            cursor.execute(f"declare {self.name} scroll cursor with hold for {query}", values)
            cursor.execute(f"move forward all in {self.name}")
            self.rows = cursor.rowcount
            cursor.execute(f"move absolute 0 in {self.name}")

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"fetch {FETCHED} from {self.name}")
                rows = cursor.fetchall()
            yield from rows
            if len(rows) < FETCHED:
                return

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        # A connection that was lost has forgotten the cursor by itself.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"close {self.name}")


def _records(
    what: What, batch: Batch, position: int, worker: int, limit: int
) -> list[dict[str, Any]]:
    query, columns = EXPORTS[what]
    names = [column.name for column in columns]
    places = [i for i, column in enumerate(columns) if column.kind == "json"]
    values = {"batch": batch.pk, "after": position, "after_worker": worker, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [dict(zip(names, _decoded(row, places), strict=True)) for row in cursor]


def _decoded(row: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """The row with its JSON columns decoded, which Django's connection hands over as text."""
    return [
        msgspec.json.decode(value) if i in places and isinstance(value, str) else value
        for i, value in enumerate(row)
    ]
