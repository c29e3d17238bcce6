"""What was decided about whether somebody may work here, by whom, why, until when: to be read.

The verbs that decide are in `fairhand.people.standing`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from fairhand.kit.models import History
from fairhand.people.access import is_excluded
from fairhand.people.models import Account, Approval, ApprovalState, Event, Worker
from fairhand.people.notices.words import in_language_of

KIND = "standing"
# History's word for being expelled was "closed" once, and history is never rewritten.
EXPELLED = ("expelled", "closed")
CLOSED_OWN = "closed_own"
CLOCK = "system:standing"  # ends suspensions whose time is over


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands: a state of `Worker.Standing`, and the decision that made it so.

    `number` names the decision (0: none), `makers` are the references of the people who made it.
    """

    state: str = Worker.Standing.ACTIVE
    why: str = ""
    since: datetime | None = None
    until: datetime | None = None
    number: int = 0
    makers: tuple[str, ...] = ()
    undone: bool = False  # by people, or because nobody answered an appeal; not by the clock


def may_work(worker: Worker) -> bool:
    """Whether somebody's standing lets them work now; a suspension ends by the clock."""
    if worker.standing == Worker.Standing.SUSPENDED:
        return worker.suspended_until is None or worker.suspended_until <= timezone.now()
    return worker.standing == Worker.Standing.ACTIVE


def standing_of(account: Account) -> Standing:
    """How an account stands now, in words of people and not of rows."""
    worker = Worker.objects.filter(account=account).first()
    if is_excluded(account):
        return _decided(Worker.Standing.EXPELLED, _rows(account).filter(target__in=EXPELLED))
    if worker is None or may_work(worker):
        return Standing()
    if worker.standing == Worker.Standing.SUSPENDED:
        rows = _rows(account).filter(target="suspended")
        return _decided(Worker.Standing.SUSPENDED, rows, worker.suspended_until)
    return Standing(Worker.Standing.CLOSED)


def decision_of(account: Account, number: int) -> Standing | None:
    """A decision about an account that was once made, whether it stands or not; None if none."""
    row = _rows(account).filter(pk=number, target__in=("suspended", *EXPELLED)).first()
    if row is None:
        return None
    suspended = row.target == "suspended"
    state = Worker.Standing.SUSPENDED if suspended else Worker.Standing.EXPELLED
    return _decided(state, _rows(account).filter(pk=number), _told_until(row))


def decisions_about(account: Account) -> list[Standing]:
    """All suspensions and exclusions of an account, the newest first."""
    rows = _rows(account).filter(target__in=("suspended", *EXPELLED)).order_by("-id")
    found = [decision_of(account, number) for number in rows.values_list("pk", flat=True)]
    return [one for one in found if one is not None]


def when(account: Account, at: datetime) -> str:
    """A time as an account's person reads it."""
    with in_language_of(account):
        local = timezone.localtime(at)
        return format_datetime(local, "long", locale=get_language() or "en")


def left_of_suspension(account: Account) -> datetime | None:
    """Until when somebody would still be suspended who closed their account meanwhile."""
    closed = _rows(account).filter(target=CLOSED_OWN).last()
    if closed is None or closed.source != "suspended":
        return None
    row = _rows(account).filter(target="suspended", pk__lt=closed.pk).last()
    until = _told_until(row) if row is not None and not _undone(row) else None
    return until if until is not None and until > timezone.now() else None


def suspension_of(account: Account) -> Standing | None:
    """The suspension that stands, also where it waits for whoever closed their account meanwhile.

    None where no time of a suspension is left.
    """
    found = standing_of(account)
    if found.state == Worker.Standing.SUSPENDED:
        return found
    until = left_of_suspension(account) if found.state == Worker.Standing.CLOSED else None
    if until is None:
        return None
    return _decided(Worker.Standing.SUSPENDED, _rows(account).filter(target="suspended"), until)


def _told_until(row: History) -> datetime | None:
    """Until when a suspension was to last, as the trail has it."""
    found = Event.objects.filter(
        action="standing.suspended", account=row.subject, actor=row.actor, at__gte=row.at
    )
    event = found.order_by("pk").first()
    return parse_datetime(event.after["until"]) if event is not None else None


def _decided(state: str, rows: models.QuerySet[History], until: datetime | None = None) -> Standing:
    row = rows.last()
    if row is None:  # before there was history of it
        return Standing(state, until=until)
    makers = [row.actor]
    if row.target in EXPELLED:
        asked = Approval.objects.select_related("asked_by").filter(
            kind="expulsion",
            subject=row.subject,
            state=ApprovalState.APPROVED,
            decided_by__ref=row.actor,
            decided_at__lte=row.at + timedelta(minutes=1),
        )
        makers += [one.asked_by.ref for one in asked.order_by("-decided_at")[:1]]
    return Standing(state, row.why, row.at, until, row.pk, tuple(makers), _undone(row))


def _undone(row: History) -> bool:
    """Whether a decision was taken back; that its time is over does not make it one."""
    sources = ("suspended",) if row.target == "suspended" else EXPELLED
    later = History.objects.filter(kind=KIND, subject=row.subject, pk__gt=row.pk)
    after = later.filter(source__in=sources, target="active").order_by("id").first()
    return after is not None and after.actor != CLOCK


def _rows(account: Account) -> models.QuerySet[History]:
    return History.objects.filter(kind=KIND, subject=account.ref).order_by("id")
