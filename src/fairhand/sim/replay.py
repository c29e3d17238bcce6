"""The whole loop with a crowd that once worked: each worker gives their recorded answers."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _

from fairhand.client import Client, Worker
from fairhand.kit.decision import Refusal
from fairhand.projects.models import Batch
from fairhand.sim import installer
from fairhand.sim.asking import choice, end_batch
from fairhand.sim.crowd import Seat, work_off
from fairhand.sim.installer import Hand
from fairhand.sim.progress import Bar
from fairhand.sim.recorded import RecordedAnswer, RecordedCrowd
from fairhand.sim.scores import Score, score
from fairhand.work.models import Restriction
from fairhand.work.progress import progress_of

GOLD_SHARE = 0.1  # of the tasks with truth
PRICE = 20_000  # micro-units an answer
COST = PRICE * 12 // 10  # with the platform's fee of a fifth
FIELD = "label"
FEWEST_CLASSES, MOST_CLASSES = 2, 200
MOST_OVERLAP = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """What `fairhand replay` was asked for. bar and confidence: shares between 0 and 1."""

    url: str
    folder: str
    out: str
    overlap: Literal["full", "adaptive"] = "full"
    confidence: float = 0.95
    bar: float | None = None
    seed: int = 1
    page_size: int = 10
    threads: int = 4


def replay(plan: Plan) -> dict[str, Any]:
    """Run the loop; returns the report. Raises Refused, Problem, NotUsableError, BadTableError."""
    started = time.perf_counter()
    crowd = RecordedCrowd.read(Path(plan.folder))
    _refuse_unaskable(crowd)
    gold = crowd.choose_gold(GOLD_SHARE, plan.seed)
    installer.begin("replay")
    cast = installer.make_cast("Recorded Requester", crowd.title[:120], "Operator")
    hands = dict(zip(crowd.by_worker, installer.make_hands(list(crowd.by_worker)), strict=True))
    installer.fund(cast.organisation, max(1, len(crowd.answers)) * COST)
    with Client(plan.url, cast.key) as client:
        ref = _launch(client, plan, crowd, gold, hands)
        began = time.perf_counter()
        _work(plan, ref, crowd, hands)
        worked = time.perf_counter() - began
        end_batch(client, ref)
        client.compute_results(ref, method="dawid-skene")
        found = _score(client, ref, crowd, gold)
    paid, path = installer.pay_everybody(cast.operator, Path(plan.out))
    report = _report(plan, crowd, ref, found)
    return {
        **report,
        "gold": len(gold),
        "paid_micros": paid.total.micros,
        "ledger_balanced": installer.ledger_balances(),
        "payout_valid": paid.valid,
        "payout_file": str(path),
        "crowd_seconds": round(worked, 2),
        "seconds": round(time.perf_counter() - started, 2),
    }


def _refuse_unaskable(crowd: RecordedCrowd) -> None:
    if not FEWEST_CLASSES <= len(crowd.classes) <= MOST_CLASSES:
        Refusal(
            "not_a_question",
            _("%(set)s has %(count)s classes; a question offers %(fewest)s to %(most)s answers."),
            {
                "set": crowd.name,
                "count": len(crowd.classes),
                "fewest": FEWEST_CLASSES,
                "most": MOST_CLASSES,
            },
        ).fail()
    if len(crowd.truth) < 2:  # noqa: PLR2004 - one for gold, one to be scored
        Refusal(
            "no_truth",
            _("%(set)s has no truth for its tasks: without it there is neither gold nor a score."),
            {"set": crowd.name},
        ).fail()


def _launch(
    client: Client,
    plan: Plan,
    crowd: RecordedCrowd,
    gold: Mapping[str, str],
    hands: Mapping[str, Hand],
) -> str:
    """The requester's steps up to the open batch; returns its reference."""
    project = client.create_project(
        name=crowd.title[:120],
        interface=choice([("text", "text")], FIELD, "Label", {c: c for c in crowd.classes}),
        instructions=[],
    )
    most = max(map(len, crowd.by_task.values()))
    batch = client.create_batch(
        project.ref,
        name=f"{crowd.name}, {plan.overlap} overlap"[:120],
        price_micros=PRICE,
        overlap=min(most, MOST_OVERLAP),
        page_size=plan.page_size,
        bar_permille=None if plan.bar is None else round(plan.bar * 1000),
        confidence_permille=round(plan.confidence * 1000) if plan.overlap == "adaptive" else None,
        reserved=True,
        deadline_seconds=7 * 86_400,
    )
    client.upload(batch.ref, _tasks(crowd, gold, hands))
    client.open(batch.ref)
    return str(batch.ref)


def _tasks(
    crowd: RecordedCrowd, gold: Mapping[str, str], hands: Mapping[str, Hand]
) -> Iterator[dict[str, Any]]:
    """Each task, kept for the workers who once answered it; all that they see of it is its name."""
    for task in crowd.tasks:
        row: dict[str, Any] = {"key": task, "data": {"text": task}}
        row["reserved_for"] = [hands[answer.worker].worker.ref for answer in crowd.by_task[task]]
        if task in gold:
            row["gold"] = {FIELD: gold[task]}
        yield row


def _work(plan: Plan, ref: str, crowd: RecordedCrowd, hands: Mapping[str, Hand]) -> None:
    """Let the recorded workers come and go in a seeded order, spread evenly over the time.

    Where asking stops early, everybody leaves after a page without holding the next: otherwise the
    first few would decide all tasks, and pages would be held that nobody needs any more. Where
    everything is answered anyway, each works to the end, which takes a third of the requests.
    """
    lot = random.Random(plan.seed)
    adaptive = plan.overlap == "adaptive"
    seats = []
    for name, answers in crowd.by_worker.items():
        pause = plan.page_size / len(answers)
        worker = Worker(plan.url, hands[name].key)
        clock = lot.random() * (pause if adaptive else 1.0)
        seats.append(Seat(worker, _Memory(answers).judge, clock=clock, pause=pause))
    with Bar(_("Working"), len(crowd.answers)) as bar:
        work_off(
            seats,
            ref,
            threads=plan.threads,
            pages_a_turn=1 if adaptive else None,
            leaving=adaptive,
            told=bar.advance,
        )


class _Memory:
    """What one recorded worker once answered."""

    def __init__(self, answers: Sequence[RecordedAnswer]) -> None:
        self.label = {answer.task: answer.label for answer in answers}

    def judge(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], None]:
        return {FIELD: self.label[data["text"]]}, None


def _score(client: Client, ref: str, crowd: RecordedCrowd, gold: Mapping[str, str]) -> Score:
    """Score the results on what was not gold; not at all where truth came from these answers."""
    results = [(row.key, row.value[FIELD], row.votes.get(FIELD, {})) for row in client.results(ref)]
    truth = {task: label for task, label in crowd.truth.items() if task not in gold}
    return score(results, truth if crowd.independent_truth else {}, crowd.classes)


def _report(plan: Plan, crowd: RecordedCrowd, ref: str, found: Score) -> dict[str, Any]:
    batch = Batch.objects.get(ref=ref)
    progress = progress_of(batch)
    return {
        "dataset": crowd.name,
        "overlap": plan.overlap,
        "seed": plan.seed,
        "tasks": len(crowd.tasks),
        "workers": len(crowd.by_worker),
        "answers": progress.answers,
        "recorded_answers": len(crowd.answers),
        "answers_per_task": round(progress.answers / len(crowd.tasks), 3),
        "accuracy": found.accuracy,
        "accuracy_majority": found.majority,
        "scored": found.scored,
        "unanswered": found.missing,
        "restricted_workers": Restriction.objects.filter(batch=batch, lifted_at=None).count(),
        "cost_micros": progress.paid.micros + progress.fees.micros,
    }
