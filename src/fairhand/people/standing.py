"""May somebody work here at all, and who is signed in as them?

This only records the facts and ends sessions and keys with them; what else follows, such as pages
that are held, is drawn by `fairhand.work.standing`. What was earned is never touched.

Whoever is kept from work is kept from it by people: no verb here that takes work away takes a
system's name as its actor (Directive (EU) 2024/2831, Article 10(5)). Each is told with its reason
when it takes effect at the latest, and contested as an appeal (Article 11).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.kit.lifecycle import record
from fairhand.people.access import NOT_A_WORKER, is_excluded
from fairhand.people.appeals import locked, settle
from fairhand.people.audit import coming_from_nowhere, note
from fairhand.people.decisions import (
    CLOCK,
    CLOSED_OWN,
    EXPELLED,
    KIND,
    Standing,
    left_of_suspension,
    may_work,
    standing_of,
    suspension_of,
    when,
)
from fairhand.people.duties import duties_of, has_duty, may_operate
from fairhand.people.endings import Ended, end_access
from fairhand.people.models import (
    Account,
    ApiKey,
    Duty,
    Invitation,
    Operator,
    PortalInvitation,
    Worker,
)
from fairhand.people.notices import tell

REOPENED_OWN = "reopened_own"
__all__ = ["Standing", "may_work", "standing_of"]  # beside the verbs: how somebody stands
LONGEST = 30  # days of one suspension
SUSPENDERS = (Duty.SUPPORT, Duty.QUALITY)
MAX_WORDS = 2000
PAGE = "/appeals"
CLOSED_BEFORE = Refusal("closed_before", _("This account was excluded before."))
NOT_CLOSED = Refusal("not_closed", _("This account is not excluded."))
SUSPENDED_BEFORE = Refusal(
    "suspended_before", _("This account is suspended already. Lift that first to decide anew.")
)
NOT_SUSPENDED = Refusal("not_suspended", _("This account is not suspended (any more)."))
NOT_WORKING = Refusal("not_working", _("This account is closed for work already."))
NOT_CLOSED_OWN = Refusal("not_closed_own", _("You did not close this account for work."))
IS_OPERATOR = Refusal(
    "is_operator", _("This is an operator. Take their duties first, then decide about them.")
)
TOO_LONG = Refusal(
    "too_long",
    _("A suspension lasts 1 to %(most)s days. For longer, two operators exclude the account."),
    {"most": LONGEST},
    422,
)
NO_REASON = Refusal(
    "no_reason",
    _("Say why in 1 to %(most)s letters, so that others can follow it."),
    {"most": MAX_WORDS},
    422,
)


def may_suspend(by: Account) -> Decision:
    """Whether this operator may suspend: alone, with one of two duties."""
    if not (answer := may_operate(by)):
        return answer
    return ALLOWED if duties_of(by).intersection(SUSPENDERS) else has_duty(by, Duty.SUPPORT)


def may_be_suspended(account: Account) -> Decision:
    """Whether an account can be suspended. One condition a line."""
    worker = Worker.objects.filter(account=account).first()
    if worker is None:
        return NOT_A_WORKER
    if Operator.objects.filter(account=account).exists():
        return IS_OPERATOR
    if worker.standing == Worker.Standing.EXPELLED or not account.is_active:
        return CLOSED_BEFORE
    if worker.standing == Worker.Standing.CLOSED:
        return NOT_WORKING
    return ALLOWED if may_work(worker) else SUSPENDED_BEFORE


@transaction.atomic
def suspend(account: Account, by: Account, *, days: int, why: str) -> Decision:
    """Keep somebody from work for 1 to 30 days, with a reason that they read.

    One operator decides. It ends by the clock; browsers and the keys that work end at once.
    """
    require(may_suspend(by))
    if not 1 <= days <= LONGEST:
        return TOO_LONG
    if not (why := _words(why)):
        return NO_REASON
    account = locked(account)
    if not (answer := may_be_suspended(account)):
        return answer
    _end_by_clock(account)  # one that ended a moment ago, and no job has noted it yet
    until = timezone.now() + timedelta(days=days)
    _set(account, Worker.Standing.SUSPENDED, until)
    ended = _end_work(account)
    record(KIND, account.ref, "active", "suspended", actor=by.ref, why=why)
    after = {"standing": "suspended", "until": until.isoformat(), "why": why, **ended.facts()}
    before = {"standing": "active"}
    note("standing.suspended", actor=by, account=account, before=before, after=after)
    told = {"reason": _sentence(why), "until": when(account, until)}
    tell(account, "decision.suspended", link=PAGE, **told)
    return ALLOWED


@transaction.atomic
def lift_suspension(account: Account, by: Account | str, why: str) -> Decision:
    """End a suspension early, with a reason; an appeal against it is answered by that.

    Whoever closed their account for work meanwhile keeps it closed, and comes back unsuspended.
    """
    if not (why := _words(why)):
        return NO_REASON
    account = locked(account)
    found = suspension_of(account)
    if found is None:
        return NOT_SUSPENDED
    _require_person(by, SUSPENDERS)
    now = standing_of(account).state
    if now == Worker.Standing.SUSPENDED:
        now = Worker.Standing.ACTIVE
        _set(account, now)
    record(KIND, account.ref, "suspended", "active", actor=_ref(by), why=why)
    before, after = {"standing": "suspended"}, {"standing": str(now), "why": why}
    note("standing.lifted", actor=by, account=account, before=before, after=after)
    if not settle(KIND, str(found.number), by, why):
        tell(account, "decision.let_back", link=PAGE, reason=_sentence(why))
    return ALLOWED


def end_suspensions() -> int:
    """Note each suspension whose time is over, and say so; returns how many. Bears repetition."""
    late = Account.objects.filter(
        worker__standing=Worker.Standing.SUSPENDED, worker__suspended_until__lte=timezone.now()
    )
    done = 0
    for account in late.order_by("pk")[:500]:
        with transaction.atomic():
            done += _end_by_clock(locked(account))
    return done


def may_be_closed(account: Account) -> Decision:
    """Whether an account can be excluded. One condition a line."""
    if Operator.objects.filter(account=account).exists():
        return IS_OPERATOR
    return CLOSED_BEFORE if is_excluded(account) else ALLOWED


@transaction.atomic
def close_standing(account: Account, by: Account, why: str) -> Decision:
    """Exclude an account, with a reason that they read; all that lets it in ends, keys included.

    A worker can sign in again, to see what they earned and to contest this, and does nothing for
    an organisation; whoever is no worker cannot.
    """
    require(may_operate(by, Duty.SUPPORT))
    if not (why := _words(why)):
        return NO_REASON
    account = locked(account)
    if not (answer := may_be_closed(account)):
        return answer
    before = standing_of(account).state
    if not _set(account, Worker.Standing.EXPELLED):
        Account.objects.filter(pk=account.pk).update(is_active=False)
    ended = end_access(account, keys=True)
    now = timezone.now()
    asked = Invitation.objects.filter(invited_by=account, used_at=None, withdrawn_at=None)
    asked.update(withdrawn_at=now)
    PortalInvitation.objects.filter(made_by=account, withdrawn_at=None).update(withdrawn_at=now)
    record(KIND, account.ref, before, EXPELLED[0], actor=by.ref, why=why)
    note(
        "standing.closed",
        actor=by,
        account=account,
        before={"standing": before},
        after={"standing": "expelled", "why": why, **ended.facts()},
    )
    tell(account, "decision.expelled", link=PAGE, reason=_sentence(why))
    return ALLOWED


@transaction.atomic
def reopen_standing(account: Account, by: Account | str, why: str) -> Decision:
    """Let an excluded account back; an appeal against the exclusion is answered by that."""
    if not (why := _words(why)):
        return NO_REASON
    account = locked(account)
    if not is_excluded(account):
        return NOT_CLOSED
    _require_person(by, (Duty.SUPPORT,))
    number = standing_of(account).number
    _set(account, Worker.Standing.ACTIVE)
    Account.objects.filter(pk=account.pk).update(is_active=True)
    record(KIND, account.ref, EXPELLED[0], "active", actor=_ref(by), why=why)
    before, after = {"standing": "expelled"}, {"standing": "active", "why": why}
    note("standing.reopened", actor=by, account=account, before=before, after=after)
    if not settle(KIND, str(number), by, why):
        tell(account, "decision.let_back", link=PAGE, reason=_sentence(why))
    return ALLOWED


@transaction.atomic
def close_own(account: Account) -> Decision:
    """Stop working here, as one's own choice; keys that work end, browsers stay signed in.

    Whoever is suspended may as well: what is left of the suspension counts when they come back.
    """
    account = locked(account)
    worker = Worker.objects.filter(account=account).first()
    if worker is None:
        return NOT_A_WORKER
    if worker.standing in (Worker.Standing.EXPELLED, Worker.Standing.CLOSED):
        return NOT_WORKING
    before = worker.standing
    _set(account, Worker.Standing.CLOSED)
    ApiKey.objects.filter(account=account, organisation=None).delete()
    record(KIND, account.ref, before, CLOSED_OWN, actor=account.ref, why="their own choice")
    was, now = {"standing": before}, {"standing": "closed"}
    note("standing.closed_own", actor=account, account=account, before=was, after=now)
    return ALLOWED


@transaction.atomic
def reopen_own(account: Account) -> Decision:
    """Work again after having closed the account for work oneself."""
    account = locked(account)
    closed = Worker.objects.filter(account=account, standing=Worker.Standing.CLOSED)
    if not closed.exists():
        return NOT_CLOSED_OWN
    until = left_of_suspension(account)
    standing = Worker.Standing.ACTIVE if until is None else Worker.Standing.SUSPENDED
    _set(account, standing, until)
    record(KIND, account.ref, CLOSED_OWN, REOPENED_OWN, actor=account.ref, why="their own choice")
    was, now = {"standing": "closed"}, {"standing": standing}
    note("standing.reopened_own", actor=account, account=account, before=was, after=now)
    return ALLOWED


@transaction.atomic
def sign_out_everywhere(account: Account, by: Account) -> int:
    """Sign an account out everywhere, for whoever asked for that; returns how many ended."""
    ended = end_access(account)
    note("sessions.ended", actor=by, account=account, after=ended.facts())
    with coming_from_nowhere():
        tell(account, "security.signed_out", link="/account/trail")
    return ended.sessions


def _end_by_clock(account: Account) -> bool:
    worker = Worker.objects.filter(account=account, standing=Worker.Standing.SUSPENDED).first()
    if worker is None or not may_work(worker):
        return False
    _set(account, Worker.Standing.ACTIVE)
    record(KIND, account.ref, "suspended", "active", actor=CLOCK, why="its time is over")
    before, after = {"standing": "suspended"}, {"standing": "active"}
    note("standing.ended", actor=CLOCK, account=account, before=before, after=after)
    tell(account, "decision.suspension_ended", link="/work")
    return True


def _set(account: Account, standing: str, until: datetime | None = None) -> bool:
    """Set a worker's standing; False where the account is no worker."""
    mine = Worker.objects.filter(account=account)
    return mine.update(standing=standing, suspended_until=until) == 1


def _end_work(account: Account) -> Ended:
    """End what a suspended worker could work by; what they do for an organisation stays theirs."""
    ended = end_access(account)
    keys, _each = ApiKey.objects.filter(account=account, organisation=None).delete()
    return Ended(ended.sessions, keys, ended.tokens, ended.devices)


def _require_person(by: Account | str, duties: tuple[Duty, ...]) -> None:
    """Only what gives work back may be done by the clock, for somebody whom nobody answered."""
    if isinstance(by, Account) and not duties_of(by).intersection(duties):
        require(may_operate(by, duties[0]))


def _ref(by: Account | str) -> str:
    return by if isinstance(by, str) else by.ref


def _words(why: str) -> str:
    """A reason that can be kept; empty where it cannot."""
    why = why.strip()
    return why if len(why) <= MAX_WORDS else ""


def _sentence(why: str) -> str:
    return why if why.endswith((".", "!", "?")) else f"{why}."
