"""Tasks come in: a stream of rows, checked one by one, stored all or not at all.

A row is {"key": ..., "data": {...}, "gold": {...}, "reserved_for": [...]}; only the data must be
there. `key` is the requester's own name for it, else its number in the batch; `gold` is the known
answer; `reserved_for` names the workers who alone may have the task.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem, Refused, UnusableInput
from fairhand.projects.batches import draft_only
from fairhand.projects.interface import Interface, parse
from fairhand.projects.models import Batch
from fairhand.projects.reading import TaskRow

__all__ = ["TaskRow", "upload_tasks"]

MAX_TASKS = 10_000_000
MAX_KEY = 200

STAGE = """
create temporary table upload (
  line integer, position integer, key text, data jsonb, gold jsonb, reserved_for text[]
) on commit drop
"""
DUPLICATES = """
select min(line), key from (
  select line, key from upload
  union all
  select 0, t.key from projects_task t where t.batch_id = %(batch)s
) k group by key having count(*) > 1 and max(line) > 0 order by max(line) limit 100
"""
STRANGERS = """
select u.line, r.ref from upload u, unnest(u.reserved_for) as r(ref)
 where not exists (select from people_worker w where w.ref = r.ref) order by u.line limit 100
"""
# Where the rows show a picture of their project: the line, the column, and the picture's name.
PICTURES = """
select u.line, c.name as field, substr(u.data ->> c.name, 7) as picture
  from upload u, unnest(%(images)s::text[]) as c(name)
 where starts_with(u.data ->> c.name, 'media:')
"""
# A picture that a task shows stays; those that are shown from now on are locked in one order.
USE = f"""
with wanted as (select distinct picture from ({PICTURES}) p),
     found as (select m.id from projects_media m join wanted w on w.picture = m.name
                where m.project_id = %(project)s and not m.used order by m.id for update of m)
update projects_media m set used = true from found where m.id = found.id
"""  # noqa: S608 - our own text
LACKING = f"""
select p.line, p.field, p.picture from ({PICTURES}) p
 where not exists (select from projects_media m
                    where m.project_id = %(project)s and m.name = p.picture)
 order by p.line, p.field limit 100
"""  # noqa: S608 - our own text
STORE = (
    """insert into projects_task (batch_id, position, key, data)
       select %(batch)s, position, key, data from upload""",
    """insert into quality_gold (batch_id, position, expected)
       select %(batch)s, position, gold from upload where gold is not null""",
    """insert into work_reservation (batch_id, worker_id, turn, bundle_no)
       select distinct %(batch)s, w.account_id, u.position, u.position
         from upload u, unnest(u.reserved_for) as r(ref) join people_worker w on w.ref = r.ref""",
)


def upload_tasks(batch: Batch, rows: Iterable[TaskRow]) -> int:
    """Store tasks; returns how many. Raises UnusableInput (nothing is stored) or Refused."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if (refusal := draft_only(batch)) is not None:
            raise Refused(refusal)
        checked = _Checked(parse(batch.interface), rows, batch)
        with connection.cursor() as cursor:
            cursor.execute(STAGE)
            with cursor.copy("copy upload from stdin") as copy:
                for record in checked:
                    copy.write_row(record)
            if checked.problems or not checked.count:
                raise UnusableInput(checked.problems or [Problem(_("The file holds no tasks."))])
            values: dict[str, Any] = {
                "batch": batch.pk,
                "project": batch.project_id,
                "images": checked.images,
            }
            _refuse_staged(cursor, values)
            for statement in STORE:
                cursor.execute(statement, values)
            cursor.execute("drop table upload")  # the caller's transaction may go on
        batch.tasks += checked.count
        Batch.objects.filter(pk=batch.pk).update(tasks=batch.tasks)
    return checked.count


class _Checked:
    """Rows on their way into the database; what is wrong with them collects in `problems`."""

    def __init__(self, interface: Interface, rows: Iterable[TaskRow], batch: Batch) -> None:
        self.interface, self.rows, self.batch = interface, rows, batch
        self.problems: list[Problem] = []
        self.images = [view.source for view in interface.views if view.kind == "image"]
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self.rows:
            position = self.batch.tasks + self.count
            found = self._problems(row, position)
            self.problems += [Problem(p.message, line=row.line, field=p.field) for p in found]
            if len(self.problems) >= UnusableInput.LIMIT:
                return
            if found:
                continue
            self.count += 1
            yield (
                row.line,
                position,
                row.key or str(position + 1),
                json.dumps(row.data, ensure_ascii=False),
                None if row.gold is None else json.dumps(row.gold, ensure_ascii=False),
                row.reserved_for,
            )

    def _problems(self, row: TaskRow, position: int) -> list[Problem]:
        found = self.interface.task_problems(row.data)
        if position >= MAX_TASKS:
            found.append(Problem(_("A batch holds at most ten million tasks; make a second one.")))
        if len(row.key) > MAX_KEY:
            found.append(Problem(_("A key has at most 200 letters."), field="key"))
        if "\x00" in row.key or "\\u0000" in json.dumps(row.data):
            found.append(Problem(_("The text holds a character with the number zero.")))
        if row.gold is not None:
            found += [
                Problem(p.message, field=f"gold.{p.field}" if p.field else "gold")
                for p in self.interface.known_answer_problems(row.gold)
            ]
        if self.batch.reserved and not row.reserved_for:
            found.append(
                Problem(
                    _("Say for whom this task is kept, or none in the batch."), field="reserved_for"
                )
            )
        if row.reserved_for and not self.batch.reserved:
            found.append(
                Problem(
                    _("This batch is open to all: make one with an allow-list."),
                    field="reserved_for",
                )
            )
        return found


def _refuse_staged(cursor: Any, values: dict[str, Any]) -> None:
    """Refuse what only the whole file shows: keys used twice, workers and pictures that are not
    there.
    """
    cursor.execute(USE, values)
    cursor.execute(DUPLICATES, values)
    problems = [
        Problem(
            _("The key “%(key)s” is used more than once.") % {"key": key},
            line=line or None,
            field="key",
        )
        for line, key in cursor.fetchall()
    ]
    cursor.execute(STRANGERS)
    problems += [
        Problem(_("There is no worker “%(ref)s”.") % {"ref": ref}, line=line, field="reserved_for")
        for line, ref in cursor.fetchall()
    ]
    cursor.execute(LACKING, values)
    problems += [
        Problem(
            _("This project has no picture “%(name)s”. Add it to its pictures first.")
            % {"name": name},
            line=line,
            field=field,
        )
        for line, field, name in cursor.fetchall()
    ]
    if problems:
        raise UnusableInput(problems)
