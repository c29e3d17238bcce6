"""The cast: a requester, two workers, an operator, an outsider; and short ways to set a scene."""

import itertools
import json
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import connection

from fairhand.kit import database
from fairhand.kit.models import History, Installation
from fairhand.kit.money import Money
from fairhand.pay.funding import deposit
from fairhand.people.accounts import make_operator, make_organisation, make_worker
from fairhand.people.keys import digest_of, issue_key
from fairhand.people.models import Account, Organisation, Portal, Rules, Worker
from fairhand.people.portals import number_of
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.models import Batch, Project
from fairhand.work.claims import Caller, ItemAnswer, Turn, take_turn
from fairhand.work.opening import open_batch
from fairhand.work.uploading import TaskRow, upload_tasks

INTERFACE: dict[str, Any] = {
    "views": [{"kind": "text", "from": "text"}],
    "fields": [
        {
            "kind": "choice",
            "name": "mood",
            "label": "Mood",
            "options": [{"value": "good", "label": "Good"}, {"value": "bad", "label": "Bad"}],
        }
    ],
}
GOOD, BAD = {"mood": "good"}, {"mood": "bad"}
# Names that no other process makes either, where several set scenes in one database.
_count = itertools.count(secrets.randbelow(10**9))


@dataclass
class World:
    """Rita asks, Ada and Ben work, Olga operates, Oscar has nothing to do with any of it."""

    rita: Account
    organisation: Organisation
    project: Project
    ada: Worker
    ben: Worker
    olga: Account
    oscar: Account
    other_organisation: Organisation

    def fund(self, euros: int = 1000) -> None:
        deposit(self.organisation, Money(euros * 1_000_000, "EUR"), source=f"scene-{next(_count)}")

    def batch(self, tasks: int = 30, *, gold: int = 0, opened: bool = True, **terms: Any) -> Batch:
        """A batch of `tasks` texts, the first `gold` of which are gold with the answer good."""
        terms = {"price_micros": 50_000, "overlap": 2, **terms}
        batch = make_batch(self.rita, self.project, Terms(name="Moods", **terms))
        upload_tasks(
            batch,
            [
                TaskRow(i + 2, {"text": f"text {i}"}, f"k{i}", GOOD if i < gold else None)
                for i in range(tasks)
            ],
        )
        batch.refresh_from_db()
        if opened:
            self.fund()
            assert open_batch(batch, self.rita.ref)
            batch.refresh_from_db()
        return batch


def caller(worker: Worker) -> Caller:
    """A worker's program, as demonstrations have them."""
    _, secret = issue_key(worker.account, name="test", scopes=["work"])
    return Caller("key", digest_of(secret))


def turn(
    who: Caller,
    batch: Batch,
    page: dict[str, Any] | None = None,
    value: Any = None,
    *,
    portal: Portal | None = None,
    **more: Any,
) -> Turn:
    """One turn; with a page, all of its items get `value` (or what a function makes of an item)."""
    more["portal"] = number_of(portal)
    answers = []
    if page is not None and more.get("verb") != "give_back":
        for item in page["items"]:
            given = value(item) if callable(value) else (value or GOOD)
            answers.append(ItemAnswer(item["item"], given, 2.0))
    no = None if page is None else page["no"]
    return take_turn(database.direct(), who, batch.ref, page=no, answers=answers, **more)


def page_of(turn_: Turn) -> dict[str, Any]:
    """The page that a turn gave; fails when it gave none."""
    assert turn_.page is not None, str(turn_.refusal)
    page: dict[str, Any] = json.loads(turn_.page)
    return page


def work_through(who: Caller, batch: Batch, value: Any = None) -> int:
    """Answer page after page until there is none; returns how many answers were stored."""
    answers, page = 0, None
    while True:
        done = turn(who, batch, page, value)
        answers += json.loads(done.submitted)["answers"] if done.submitted else 0
        if done.page is None:
            return answers
        page = json.loads(done.page)


def count(table: str) -> int:
    """How many rows a table has: for proving that a refusal changed nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def crowd(size: int) -> list[Caller]:
    """So many new workers with a key each."""
    n = next(_count)
    return [caller(make_worker(f"crowd{n}-{i}@example.org", name=f"W{i}")) for i in range(size)]


def let_pass(batch: Batch, seconds: float) -> None:
    """Move a batch's open pages and what awaits review so far into the past."""
    for column, state in (("deadline", "open"), ("ended_at", "submitted")):
        with connection.cursor() as cursor:
            cursor.execute(
                f"update work_assignment set {column} = {column} - make_interval(secs => %s)"
                " where batch_id = %s and state = %s",
                [seconds, batch.pk, state],
            )


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the database itself says."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return list(cursor.fetchall())


def balance_of(code: str) -> int:
    """Micro-units in the ledger account of this code, recounted from its transfers."""
    return int(
        rows(
            "select coalesce(sum(case when t.credit = a.id then t.amount else -t.amount end), 0)"
            "  from ledger_account a join ledger_transfer t on a.id in (t.debit, t.credit)"
            " where a.code = %s",
            code,
        )[0][0]
    )


def history_of(kind: str, subject: str) -> list[tuple[str, str]]:
    """The moves of one thing, in their order."""
    found = History.objects.filter(kind=kind, subject=subject).order_by("id")
    return list(found.values_list("source", "target"))


def state_of_money() -> tuple[int, ...]:
    """Counts that no refusal may change."""
    return tuple(map(count, ("ledger_transfer", "work_answer", "work_result", "kit_history")))


def make_world() -> World:
    Installation.objects.update_or_create(pk=1, defaults={"kind": "demo"})
    Rules.objects.get_or_create(pk=1, defaults={"stamp": 1})  # which a test that commits empties
    n = next(_count)
    rita = Account.objects.create_user(f"rita{n}@example.org", "rita's long password", name="Rita")
    organisation = make_organisation("Rita's Birds", rita)
    oscar = Account.objects.create_user(
        f"oscar{n}@example.org", "oscar's long password", name="Oscar"
    )
    olga = Account.objects.create_user(f"olga{n}@example.org", "olga's long password", name="Olga")
    make_operator(olga)
    return World(
        rita=rita,
        organisation=organisation,
        project=make_project(
            rita, organisation, name="Moods", interface=INTERFACE, instructions=[]
        ),
        ada=make_worker(f"ada{n}@example.org", name="Ada", password="ada's long password"),
        ben=make_worker(f"ben{n}@example.org", name="Ben", password="ben's long password"),
        olga=olga,
        oscar=oscar,
        other_organisation=make_organisation("Oscar's Otters", oscar),
    )
