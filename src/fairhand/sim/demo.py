"""The whole loop on real items with a made-up crowd: what `fairhand demo` shows.

One batch of short reviews is worked to its end, aggregated, exported and paid. A second one of
pictures stays open, half answered and waiting for its requester's review, so that whoever signs in
finds something to do.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from fairhand.client import Client, Worker
from fairhand.kit.lifecycle import record
from fairhand.kit.models import History
from fairhand.people.models import Account
from fairhand.projects.models import Batch
from fairhand.sim import installer
from fairhand.sim.asking import end_batch
from fairhand.sim.characters import KINDS, Mind
from fairhand.sim.crowd import Given, Seat, work_off
from fairhand.sim.installer import Hand
from fairhand.sim.items import Item
from fairhand.sim.progress import Bar
from fairhand.sim.scores import Score, score
from fairhand.sim.script import CROWD, MOODS, SHAPES, Task
from fairhand.work.deadlines import sweep
from fairhand.work.models import Enrolment, Restriction
from fairhand.work.progress import progress_of

BUDGET = 200_000_000  # micro-units that the requester pays in: 200 EUR
DONE = ("demo", "report")  # how history calls a demonstration that is complete


@dataclass(frozen=True, slots=True)
class Plan:
    """What `fairhand demo` was asked for. `out` is the folder for the files that it writes."""

    url: str
    out: str
    seed: int = 1
    threads: int = 4


def demo(plan: Plan) -> dict[str, Any]:
    """Set the scene, let the crowd work, pay it; returns the report. Raises Refused, Problem."""
    started = time.perf_counter()
    out = Path(plan.out)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    installer.begin("demo")
    cast = installer.make_cast("Rita Sommer", "Sommer & Daughters", "Olga Brandt")
    hands = installer.make_hands([name for name, _character in CROWD])
    installer.fund(cast.organisation, BUDGET)
    with Client(plan.url, cast.key) as client:
        moods = _launch(client, MOODS, plan.seed)
        shapes = _launch(client, SHAPES, plan.seed)
        _work(plan, MOODS, moods, hands, _("Reviews"))
        _work(plan, SHAPES, shapes, hands, _("Pictures"))
        sweep()
        end_batch(client, moods)
        client.compute_results(moods, method="dawid-skene")
        client.compute_results(shapes, method="dawid-skene")
        found = _score(client, moods, plan.seed)
        client.download(moods, "results", out / "results.csv", "csv")
        client.download(moods, "answers", out / "answers.csv", "csv")
    paid, path = installer.pay_everybody(cast.operator, out)
    report = _report(moods, shapes, hands, found)
    report |= {
        "paid_micros": paid.total.micros,
        "ledger_balanced": installer.ledger_balances(),
        "payout_valid": paid.valid,
        "payout_file": str(path),
        "results_file": str(out / "results.csv"),
        "seconds": round(time.perf_counter() - started, 2),
    }
    record(*DONE, "making", "complete", actor="system:demo", why=json.dumps(report))
    return report


def links(plan: Plan) -> dict[str, Any]:
    """New one-time sign-in links, and the report as it was made."""
    told = History.objects.get(kind=DONE[0], subject=DONE[1])
    # By address: whoever looked around may have changed names and made further accounts.
    people = {
        role: Account.objects.get(email=installer.address(name))
        for role, name in (
            ("worker", installer.WORKER.format(number=1)),
            ("requester", installer.REQUESTER),
            ("operator", installer.OPERATOR),
        )
    }
    return {
        "report": json.loads(told.why),
        "links": {
            role: {"name": account.name, "url": installer.sign_in_link(plan.url, account)}
            for role, account in people.items()
        },
    }


def _launch(client: Client, task: Task, seed: int) -> str:
    """The requester's steps up to the open batch; returns its reference."""
    project = client.create_project(
        name=task.title, interface=task.interface(), instructions=list(task.instructions)
    )
    batch = client.create_batch(project.ref, name=task.title, **task.terms)
    gold = task.gold(seed)
    client.upload(
        batch.ref,
        (
            {
                "key": item.key,
                "data": {task.source: item.shown},
                **({"gold": {task.question: item.truth}} if item.key in gold else {}),
            }
            for item in task.items
        ),
    )
    client.open(batch.ref)
    return str(batch.ref)


def _work(plan: Plan, task: Task, ref: str, hands: list[Hand], text: str) -> None:
    """Let the part of the crowd that this task is for work on it."""
    by_shown = {item.shown: item for item in task.items}
    seats = []
    for (name, character), hand in zip(CROWD, hands, strict=True):
        most = task.most_pages(name, character)
        if most != 0:
            judge = _Judge(task, by_shown, Mind(character, f"{plan.seed}/{task.title}/{name}"))
            seats.append(Seat(Worker(plan.url, hand.key), judge, most_pages=most))
    with Bar(text, task.wanted) as bar:
        work_off(seats, ref, threads=plan.threads, told=bar.advance)


class _Judge:
    """Reads a task's data and answers as its mind would."""

    def __init__(self, task: Task, by_shown: dict[str, Item], mind: Mind) -> None:
        self.task, self.by_shown, self.mind = task, by_shown, mind

    def __call__(self, data: dict[str, Any]) -> Given:
        item = self.by_shown[data[self.task.source]]
        answer = self.mind.answer(item, list(self.task.options))
        return {self.task.question: answer}, self.mind.seconds()


def _score(client: Client, ref: str, seed: int) -> Score:
    """Score the results on what was not gold."""
    gold = MOODS.gold(seed)
    truth = {item.key: item.truth for item in MOODS.items if item.key not in gold}
    field = MOODS.question
    rows = [(row.key, row.value[field], row.votes.get(field, {})) for row in client.results(ref)]
    return score(rows, truth, list(MOODS.options))


def _report(moods: str, shapes: str, hands: list[Hand], found: Score) -> dict[str, Any]:
    """The figures of the finished batch, and how far the open one is."""
    batch, other = Batch.objects.get(ref=moods), Batch.objects.get(ref=shapes)
    done, half = progress_of(batch), progress_of(other)
    rows = {e.worker_id: e for e in Enrolment.objects.filter(batch=batch)}
    out = set(Restriction.objects.filter(batch=batch).values_list("worker_id", flat=True))
    kinds = {
        kind: [h.worker.pk for (_n, c), h in zip(CROWD, hands, strict=True) if c.kind == kind]
        for kind in KINDS
    }
    return {
        "tasks": batch.tasks,
        "answers": done.answers,
        "workers": done.workers,
        "accuracy": found.accuracy,
        "accuracy_majority": found.majority,
        "cost_micros": done.paid.micros + done.fees.micros,
        "fees_micros": done.fees.micros,
        "earnings_by_kind": {
            kind: sum(rows[pk].earned_micros for pk in pks if pk in rows)
            for kind, pks in kinds.items()
        },
        "kinds": {
            kind: {
                "workers": len(pks),
                "answers": sum(rows[pk].answers for pk in pks if pk in rows),
                "gold_right": sum(rows[pk].gold_right for pk in pks if pk in rows),
                "gold_seen": sum(rows[pk].gold_seen for pk in pks if pk in rows),
                "restricted": len(out.intersection(pks)),
            }
            for kind, pks in kinds.items()
        },
        "open_batch": {
            "tasks": other.tasks,
            "answers": half.answers,
            "wanted": half.wanted,
            "pages_in_review": half.pages_in_review,
        },
    }
