"""What does a batch cost: what opening it will reserve, or what is spent and reserved by now?"""

from django.db import connection

from fairhand.kit.money import Money
from fairhand.projects.models import Batch, BatchState
from fairhand.work.progress import Progress

# The same slots as opening makes: kept tasks one for each of their workers, all others as many as
# the overlap says; gold only where gold is handed out.
WANTED = """
select case when b.reserved
  then (select count(*) from work_reservation r where r.batch_id = b.id)
  else b.overlap * (b.tasks - case when b.gold_permille > 0 then 0
         else (select count(*) from quality_gold g where g.batch_id = b.id) end) end
  from projects_batch b where b.id = %s
"""


def cost_of(batch: Batch, progress: Progress) -> Money:
    """Pay and fees of all slots before a batch opens, and then what is spent or in escrow."""
    if batch.state != BatchState.DRAFT:
        return progress.paid + progress.fees + progress.escrow
    with connection.cursor() as cursor:
        cursor.execute(WANTED, [batch.pk])
        row = cursor.fetchone()
    assert row is not None
    return Money(int(row[0]) * (batch.price_micros + batch.fee_micros), batch.currency)
