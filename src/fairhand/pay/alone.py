"""How much money one operator moved within a day, without a second one who approved it.

What takes two above a size would be worth nothing if it could be done in parts.
"""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from fairhand.kit.money import Money
from fairhand.ledger.models import Transfer
from fairhand.pay.models import PayoutRun, RunState
from fairhand.people.models import Account, Event, Operator

WITHIN = timedelta(days=1)


def moved_alone(by: Account, currency: str) -> Money:
    """The deposits that an operator booked and the runs that they prepared alone within a day.

    What a second operator approved says so in its event, and does not count; nor do stopped runs.
    """
    events = Event.objects.filter(actor=by.ref, at__gt=timezone.now() - WITHIN)
    alone = events.exclude(origin__has_key="approval")
    sources = alone.filter(action="deposit.booked").values("subject")
    booked = Transfer.objects.filter(reason="deposit", source__in=sources, currency=currency)
    runs = alone.filter(action="payout.prepared").values("subject")
    paid = PayoutRun.objects.filter(ref__in=runs, currency=currency)
    paid = paid.exclude(state=RunState.CANCELLED)
    micros = booked.aggregate(sum=Sum("amount"))["sum"] or 0
    micros += paid.aggregate(sum=Sum("total_micros"))["sum"] or 0
    return Money(int(micros), currency)


def one_at_a_time(by: Account) -> None:
    """Let an operator move money once at a time, until the caller's transaction ends."""
    list(Operator.objects.select_for_update(no_key=True).filter(account=by))
