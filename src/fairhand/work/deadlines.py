"""What the clock does: pages expire, review periods end, finished batches close and settle.

Every sweep may run at any time, twice, or beside another one.
"""

from django.db import connection

from fairhand.projects.models import Batch, BatchState
from fairhand.work.access import restrict_halted
from fairhand.work.models import Enrolment
from fairhand.work.opening import close_batch, settle_batch
from fairhand.work.review import accept_overdue

AT_ONCE = 500  # pages in one transaction
MAX_ROUNDS = 200

# Nobody can be given anything any more: no ordinary slot is free, or every free slot is kept for
# workers who are out or had their page.
CANNOT_GO_ON = """
select not exists (
  select from work_bundle w
   where w.batch_id = b.id and w.open and not w.gold
     and (not b.reserved or exists (
       select from work_reservation r
         left join work_enrolment e on e.batch_id = r.batch_id and e.worker_id = r.worker_id
        where r.batch_id = w.batch_id and r.bundle_no = w.no and not coalesce(e.halted, false)
          and not exists (select from work_answer a where a.batch_id = w.batch_id
            and a.position = w.tasks[1] and a.worker_id = r.worker_id))))
  and not exists (
    select from work_assignment a where a.batch_id = b.id and a.state = 'open')
  from projects_batch b where b.id = %s
"""


def expire_pages() -> int:
    """End the pages whose deadline has passed; returns how many."""
    total = 0
    for _ in range(MAX_ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute("select work_expire(%s)", [AT_ONCE])
            row = cursor.fetchone()
        assert row is not None
        total += row[0]
        if row[0] < AT_ONCE:
            break
    return total


def finish_batches() -> int:
    """Close the batches in which nobody can go on, settle the closed ones; returns how many."""
    done = 0
    for batch in Batch.objects.filter(state=BatchState.OPEN):
        if cannot_go_on(batch):
            done += close_batch(batch, "system:finish", "nothing is left to hand out")
    for batch in Batch.objects.filter(state=BatchState.CLOSED):
        done += settle_batch(batch)
    return done


def cannot_go_on(batch: Batch) -> bool:
    """Whether no page is held and no free slot can be filled by anybody."""
    with connection.cursor() as cursor:
        cursor.execute(CANNOT_GO_ON, [batch.pk])
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def record_restrictions() -> int:
    """Record decisions whose recording was cut short by a crash; returns how many."""
    halted = Enrolment.objects.select_related("batch", "worker").filter(halted=True)
    missing = [
        enrolment
        for enrolment in halted
        if not enrolment.worker.restrictions.filter(batch=enrolment.batch, lifted_at=None).exists()
    ]
    for enrolment in missing:
        restrict_halted(enrolment.worker, enrolment.batch)
    return len(missing)


def sweep() -> dict[str, int]:
    """Everything the clock does, once."""
    return {
        "expired": expire_pages(),
        "restricted": record_restrictions(),
        "accepted": accept_overdue(),
        "finished": finish_batches(),
    }
