"""How far is a batch, what has it cost, and what does it pay? Numbers for pages and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, Sum

from fairhand.kit.money import Money
from fairhand.pay.funding import escrow_balance
from fairhand.pay.shares import Price, of_answer, price_at, share_of
from fairhand.people.models import Portal, Worker
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment, Enrolment, Restriction

HOUR = 3600.0
MIN_TIMES = 10  # answers that an hourly rate is measured on at least


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch's numbers now. `wanted` and `answers` count ordinary and gold answers alike."""

    tasks: int
    answers: int
    wanted: int
    workers: int
    restricted: int
    pages_held: int
    pages_in_review: int
    gold_seen: int
    gold_right: int
    paid: Money
    fees: Money
    escrow: Money


SLOTS = """
select coalesce(sum(slots * cardinality(tasks)), 0) from work_bundle where batch_id = %s
"""
HELD = """
select coalesce(sum(cardinality(tasks)), 0) from work_assignment
 where batch_id = %s and state = 'open'
"""
PER_HOUR = """
select date_trunc('minute', ended_at) as minute, sum(cardinality(tasks))
  from work_assignment where batch_id = %s and state in ('submitted', 'accepted')
 group by minute order by minute
"""
MEDIANS = """
select b.id, m.middle, m.sample from projects_batch b, lateral (
  select percentile_cont(0.5) within group (order by s.seconds) as middle, count(*) as sample from (
    select seconds from work_answer where batch_id = b.id and seconds > 0 limit 2000) s) m
 where b.id = any(%s)
"""


def progress_of(batch: Batch) -> Progress:
    """Count a batch's answers, people and money."""
    sums = Enrolment.objects.filter(batch=batch).aggregate(
        given=Sum("answers"),
        people=Count("worker_id", filter=Q(answers__gt=0)),
        seen=Sum("gold_seen"),
        right=Sum("gold_right"),
        paid=Sum("earned_micros"),
    )
    pages = Assignment.objects.filter(batch=batch, state__in=("open", "submitted"))
    states = dict(pages.values_list("state").annotate(n=Count("no")))
    answers = sums["given"] or 0
    accepted = answers - _one(IN_REVIEW, batch)
    return Progress(
        tasks=batch.tasks,
        answers=answers,
        wanted=answers + _one(SLOTS, batch) + _one(HELD, batch),
        workers=sums["people"],
        restricted=Restriction.objects.filter(batch=batch, lifted_at=None).count(),
        pages_held=states.get("open", 0),
        pages_in_review=states.get("submitted", 0),
        gold_seen=sums["seen"] or 0,
        gold_right=sums["right"] or 0,
        paid=Money(sums["paid"] or 0, batch.currency),
        fees=Money(accepted * batch.fee_micros, batch.currency),
        escrow=escrow_balance(batch.ref, batch.currency),
    )


def answers_over_time(batch: Batch) -> list[tuple[datetime, int]]:
    """How many answers came in during each minute that had any."""
    with connection.cursor() as cursor:
        cursor.execute(PER_HOUR, [batch.pk])
        return [(row[0], int(row[1])) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Rate:
    """What work on a batch pays an hour: from `sample` measured answers, or (0) a guess."""

    hourly: Money
    sample: int


def price_for(batch: Batch, portal: Portal | None) -> Price:
    """What a batch pays somebody who works through this portal, and who keeps how much of it."""
    price = Money(batch.price_micros, batch.currency)
    return price_at(price, batch.page_size, portal, share_of(portal))


def hourly_rate(batch: Batch, portal: Portal | None = None) -> Rate | None:
    """Pay over the median active time of an answer; until there are enough, over a guess."""
    return hourly_rates([batch], share_of(portal))[batch.pk]


def hourly_rates(batches: Sequence[Batch], permille: int = 0) -> dict[int, Rate | None]:
    """The hourly rate of each of many batches, by its number, in one query.

    `permille` of the price is kept by the portal that somebody works through.
    """
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS, [[batch.pk for batch in batches]])
        medians = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return {batch.pk: _rate(batch, permille, *medians[batch.pk]) for batch in batches}


def _rate(batch: Batch, permille: int, seconds: float | None, sample: int) -> Rate | None:
    if sample < MIN_TIMES or not seconds:
        seconds, sample = batch.expected_seconds, 0
    if not seconds:
        return None
    pay = of_answer(Money(batch.price_micros, batch.currency), permille).pay
    return Rate(Money(round(pay.micros * HOUR / seconds), batch.currency).whole_cents()[0], sample)


@dataclass(frozen=True, slots=True)
class Offer:
    """A batch as a worker sees it in the list of work."""

    batch: Batch
    price: Price
    rate: Rate | None
    answers: int
    earned: Money
    restriction: Restriction | None


def offers_for(worker: Worker, portal: Portal | None = None) -> list[Offer]:
    """The open batches that this worker may see through this portal, those they work on first."""
    share = share_of(portal)
    through = portal.ref if portal is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(OFFERS, {"worker": worker.pk, "portal": through})
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    batches = list(Batch.objects.select_related("project__organisation").filter(pk__in=rows))
    rates = hourly_rates(batches, share)
    restrictions = {
        r.batch_id: r for r in Restriction.objects.filter(worker=worker, lifted_at=None)
    }
    offers = [
        Offer(
            batch,
            price_at(Money(batch.price_micros, batch.currency), batch.page_size, portal, share),
            rates[batch.pk],
            rows[batch.pk][0],
            Money(rows[batch.pk][1], batch.currency),
            restrictions.get(batch.pk),
        )
        for batch in batches
    ]
    return sorted(offers, key=lambda offer: (-offer.answers, -offer.batch.price_micros))


OFFERS = """
select b.id, coalesce(e.answers, 0), coalesce(e.earned_micros, 0)
  from projects_batch b
  left join work_enrolment e on e.batch_id = b.id and e.worker_id = %(worker)s
 where b.state = 'open'
   and (cardinality(b.portals) = 0 or %(portal)s = any(b.portals))
   and (not b.reserved or exists (
     select from work_reservation r where r.batch_id = b.id and r.worker_id = %(worker)s))
   and (cardinality(coalesce(e.held, '{}')) > 0 or e.halted or exists (
     select from work_bundle w where w.batch_id = b.id and w.open and not w.gold))
 limit 200
"""


IN_REVIEW = """
select coalesce(sum(cardinality(tasks)), 0) from work_assignment
 where batch_id = %s and state = 'submitted'
"""


def _one(query: str, batch: Batch) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, [batch.pk])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
