"""A batch's life: opening it (where money, gold and tasks meet), pausing, closing, settling."""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.defer import defer
from fairhand.kit.lifecycle import move
from fairhand.kit.money import Money
from fairhand.pay.funding import release, reserve
from fairhand.people.access import may
from fairhand.people.audit import note
from fairhand.people.notices import tell
from fairhand.people.rights import Permission
from fairhand.projects.models import BATCH, Batch, BatchState
from fairhand.quality.gold import bar_table
from fairhand.quality.models import Gold
from fairhand.work.models import Assignment

# Ordinary tasks lie side by side in bundles where there is no gold. Where there is, every task
# lies by itself in a random order and every worker starts somewhere else, so that neither a page's
# length nor what two pages have in common tells gold; gold is shown as often as any other task.
# Kept tasks lie each by itself, one slot for each of its workers.
# `except` and not an anti-join: without statistics of a new batch that becomes a loop in a loop.
BUNDLE_ORDINARY = """
insert into work_bundle (batch_id, no, turn, gold, open, slots, tasks)
select %(batch)s, min(position),
       row_number() over (order by %(shuffle)s::int * random(), min(position)) - 1,
       false, true, %(overlap)s, array_agg(position order by position)
  from (select position, (row_number() over (order by position) - 1) / %(size)s as sheet
          from (select position from projects_task where batch_id = %(batch)s
                except
                select position from quality_gold where batch_id = %(batch)s) t) x
 group by sheet
"""
BUNDLE_GOLD = """
insert into work_bundle (batch_id, no, turn, gold, open, slots, tasks)
select batch_id, position, row_number() over (order by position) - 1, true, true, %(overlap)s,
       array[position]
  from quality_gold where batch_id = %(batch)s
"""
BUNDLE_RESERVED = """
insert into work_bundle (batch_id, no, turn, gold, open, slots, tasks)
select batch_id, bundle_no, bundle_no, false, true, count(*), array[bundle_no]
  from work_reservation where batch_id = %(batch)s group by batch_id, bundle_no
"""
UNFILLABLE = """
update work_bundle set slots = 0, open = false
 where batch_id = %s and no in (
   select no from work_bundle where batch_id = %s and open order by gold desc, no for update)
"""

# When PostgreSQL's own analysis would find that a table has grown: its default threshold.
GROWTH_UNNOTICED, GROWTH_SHARE = 50, 0.1


def open_batch(batch: Batch, actor: str) -> Decision:
    """Open a draft: make its bundles, reserve all of its money, let workers in.

    Refuses without tasks, without gold where gold is asked for, and without enough money; then
    nothing is changed.
    """
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("project__organisation")
            .get(pk=batch.pk)
        )
        if (refusal := _not_ready(batch)) is not None:
            return refusal
        size = _bundle_size(batch)
        _make_bundles(batch, size)
        cost = batch_cost(batch)
        answer = reserve(batch.project.organisation, batch.ref, cost)
        if not answer:
            transaction.set_rollback(True)
            return answer
        bar = batch.bar_permille
        changes = {
            "opened_at": timezone.now(),
            "bundle_size": size,
            "bar_table": [] if bar is None else bar_table(bar / 1000),
        }
        assert move(BATCH, batch, BatchState.OPEN, actor=actor, why="opened", changes=changes)
        _note_funding(batch, actor, cost)
        _plan_anew_where_it_matters(batch.tasks)
    return ALLOWED


def _note_funding(batch: Batch, actor: str, cost: Money) -> None:
    owner, after = batch.project.organisation, {"reserved": str(cost)}
    note("batch.funded", actor=actor, organisation=owner, subject=batch.ref, after=after)


def batch_cost(batch: Batch) -> Money:
    """What all free slots of a batch cost: pay and fee for each answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(slots * cardinality(tasks)), 0) from work_bundle"
            " where batch_id = %s",
            [batch.pk],
        )
        row = cursor.fetchone()
    assert row is not None
    return Money(int(row[0]) * (batch.price_micros + batch.fee_micros), batch.currency)


def pause_batch(batch: Batch, actor: str) -> bool:
    """Hand out no more pages for now; False if it is not open any more."""
    return batch.state == BatchState.OPEN and move(
        BATCH, batch, BatchState.PAUSED, actor=actor, why="paused by the requester"
    )


def resume_batch(batch: Batch, actor: str) -> bool:
    """Hand out pages again; False if it is not paused any more."""
    return batch.state == BatchState.PAUSED and move(
        BATCH, batch, BatchState.OPEN, actor=actor, why="resumed by the requester"
    )


def close_batch(batch: Batch, actor: str, why: str) -> bool:
    """End a batch: free slots close, held pages may be handed in; False if it ended before."""
    if not BATCH.allows(batch.state, BatchState.CLOSED):
        return False
    with transaction.atomic():
        changes = {"closed_at": timezone.now()}
        if not move(BATCH, batch, BatchState.CLOSED, actor=actor, why=why, changes=changes):
            return False
        with connection.cursor() as cursor:
            cursor.execute(UNFILLABLE, [batch.pk, batch.pk])
        defer("compute_results", once=f"results-{batch.pk}", batch=batch.pk)
    settle_batch(batch)
    return True


def settle_batch(batch: Batch) -> bool:
    """Give back what a closed batch did not spend, once no page is held or under review."""
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("project__organisation")
            .get(pk=batch.pk)
        )
        unfinished = Assignment.objects.filter(batch=batch, state__in=("open", "submitted"))
        if batch.state != BatchState.CLOSED or unfinished.exists():
            return False
        rest = release(batch.project.organisation, batch.ref, batch.currency)
        why = f"{rest} was not spent"
        move(BATCH, batch, BatchState.SETTLED, actor="system:settle", why=why)  # locked: it moves
        _tell_finished(batch)
    return True


def _tell_finished(batch: Batch) -> None:
    """Tell whoever made the batch, if they still belong to who pays for it."""
    maker, organisation = batch.created_by, batch.project.organisation
    if may(maker, organisation, Permission.SEE):
        link = f"/requester/batches/{batch.ref}"
        tell(maker, "work.finished", link=link, batch=batch.name)


def _not_ready(batch: Batch) -> Refusal | None:
    if batch.state != BatchState.DRAFT:
        return Refusal("batch_opened_before", _("This batch was opened before."))
    if not batch.tasks:
        return Refusal("no_tasks", _("This batch has no tasks yet. Upload some, then open it."))
    gold = Gold.objects.filter(batch=batch).count()
    if gold == batch.tasks and not batch.reserved:
        return Refusal("only_gold", _("The answer to every task is known already. Upload others."))
    if batch.gold_permille and not gold and not batch.reserved:
        return Refusal(
            "no_gold", _("This batch asks for gold, but no task has a known answer. Upload some.")
        )
    return None


def _bundle_size(batch: Batch) -> int:
    """Tasks that are handed out together: a page's worth, or one where slots close one by one."""
    one_by_one = batch.reserved or batch.gold_permille or batch.confidence_permille is not None
    return 1 if one_by_one else batch.page_size


def _make_bundles(batch: Batch, size: int) -> None:
    values = {
        "batch": batch.pk,
        "overlap": batch.overlap,
        "size": size,
        "shuffle": int(batch.gold_permille > 0),
    }
    with connection.cursor() as cursor:
        if batch.reserved:
            cursor.execute(BUNDLE_RESERVED, values)
            return
        cursor.execute(BUNDLE_ORDINARY, values)
        if batch.gold_permille:
            cursor.execute(BUNDLE_GOLD, values)


def _plan_anew_where_it_matters(tasks: int) -> None:
    """Refresh the statistics when a batch makes its tables much larger.

    The hot path's plans are made once. One made while the tables were nearly empty may use an index
    that every task of a batch is in; new statistics make every connection plan again. PostgreSQL
    would do so by itself, but up to a minute after the first workers came.
    """
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'projects_task'::regclass")
        known = max(0, cursor.fetchall()[0][0])
        if tasks > GROWTH_UNNOTICED + GROWTH_SHARE * known:
            cursor.execute("analyze projects_task, quality_gold, work_bundle, work_reservation")
