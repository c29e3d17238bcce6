"""What takes two operators: one asks, another one with the duty decides, and then it is done.

The verb that an approval stands for is given by whoever calls `approve` (people knows neither money
nor work) and runs in the same transaction: approved and done are the same thing, once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused, require
from fairhand.kit.lifecycle import move, record
from fairhand.people.audit import coming_from, note
from fairhand.people.duties import has_duty, holders, may_operate
from fairhand.people.models import APPROVAL, Account, Approval, ApprovalState, Duty
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of

LIFETIME = timedelta(days=7)
MAX_WORDS = 2000
PAGE = "/operator/approvals"
Verb = Callable[[Approval, Account], Decision]


@dataclass(frozen=True, slots=True)
class Kind:
    """An action that takes two: its name in words, and the duty of those who ask and decide."""

    label: str | Promise
    duty: Duty


KINDS: dict[str, Kind] = {
    "payout": Kind(_("Prepare a payout"), Duty.FINANCE),
    "deposit": Kind(_("Book a deposit"), Duty.FINANCE),
    "expulsion": Kind(_("Exclude an account"), Duty.SUPPORT),
    "duties": Kind(_("Give the duties"), Duty.ADMIN),
}
NO_REASON = Refusal(
    "no_reason",
    _("Say why in 1 to %(most)s letters, so that others can follow it."),
    {"most": MAX_WORDS},
    422,
)
ASKED_BEFORE = Refusal("asked_before", _("This was asked for already and waits for a decision."))
NOT_ONES_OWN = Refusal(
    "not_ones_own", _("You asked for this yourself: another operator has to decide."), status=403
)
NOT_YOURS = Refusal("not_yours", _("Only whoever asked can take it back."), status=403)
ASKER_GONE = Refusal(
    "asker_gone",
    _("Whoever asked for this no longer has the duty. Refuse it; ask for it yourself if needed."),
    status=403,
)
OVER = Refusal("approval_over", _("Nobody decided within a week. Ask again if it is still needed."))
DECIDED = Refusal("decided_before", _("Somebody was first: this was decided before."))


def ask(kind: str, subject: str, params: Mapping[str, Any], by: Account, why: str) -> Approval:
    """Ask for an action that takes two; `params` are all that its verb needs, as JSON values.

    Raises Refused without the duty or a reason, and while the same thing waits already.
    """
    require(has_duty(by, KINDS[kind].duty))
    why = _reason(why)
    _expire(Approval.objects.filter(kind=kind, subject=subject))
    try:
        with transaction.atomic():
            approval = Approval.objects.create(
                kind=kind,
                subject=subject,
                params=dict(params),
                asked_by=by,
                asked_why=why,
                expires_at=timezone.now() + LIFETIME,
            )
            state = ApprovalState.WAITING
            record(APPROVAL.name, str(approval.pk), "none", state, actor=by.ref, why=why)
            _note("approval.asked", approval, by, {"kind": kind, "why": why, **params})
            for other in others_for(kind, by):
                wanted = {"person": by.name or by.email, "what": _spoken(kind, other)}
                tell(other, "money.approval_wanted", link=PAGE, **wanted)
    except IntegrityError:
        ASKED_BEFORE.fail()
    return approval


def approve(approval: Approval, by: Account, verb: Verb, why: str = "") -> Decision:
    """Decide for an action and do it, in one transaction; if it cannot be done it stays asked."""
    if not (answer := may_approve(approval, by)):
        return answer
    try:
        with transaction.atomic():
            if not _decide(approval, ApprovalState.APPROVED, by, why or "approved"):
                return DECIDED
            facts = {"kind": approval.kind, "asked_by": approval.asked_by.ref}
            _note("approval.approved", approval, by, facts)
            _tell_asker(approval, _("approved and done"))
            with coming_from(approval=approval.ref):
                require(verb(approval, by))
    except Refused as error:
        approval.refresh_from_db()
        return error.refusal
    return ALLOWED


@transaction.atomic
def refuse(approval: Approval, by: Account, why: str) -> Decision:
    """Decide against an action, with a reason for whoever asked."""
    if not (answer := may_decide(approval, by)):
        return answer
    why = _reason(why)
    if not _decide(approval, ApprovalState.REFUSED, by, why):
        return DECIDED
    _note("approval.refused", approval, by, {"kind": approval.kind, "why": why})
    _tell_asker(approval, _("refused"))
    return ALLOWED


@transaction.atomic
def withdraw(approval: Approval, by: Account) -> Decision:
    """Take back what one asked for."""
    if approval.asked_by_id != by.pk:
        return NOT_YOURS
    if approval.state != ApprovalState.WAITING:
        return DECIDED
    if not _decide(approval, ApprovalState.WITHDRAWN, by, "taken back"):
        return DECIDED
    _note("approval.withdrawn", approval, by, {"kind": approval.kind})
    return ALLOWED


def may_decide(approval: Approval, by: Account) -> Decision:
    """Whether this operator can refuse, and approve as far as they are concerned."""
    if not (answer := has_duty(by, KINDS[approval.kind].duty)):
        return answer
    if approval.asked_by_id == by.pk:
        return NOT_ONES_OWN
    if approval.state == ApprovalState.EXPIRED:
        return OVER
    if approval.state != ApprovalState.WAITING:
        return DECIDED
    if approval.expires_at <= timezone.now():
        return OVER
    return ALLOWED


def may_approve(approval: Approval, by: Account) -> Decision:
    """Whether this operator can approve now: it takes two, so whoever asked must be one still."""
    if not (answer := may_decide(approval, by)):
        return answer
    if not may_operate(approval.asked_by, KINDS[approval.kind].duty):
        return ASKER_GONE
    return ALLOWED


def others_for(kind: str, account: Account) -> list[Account]:
    """The other operators who could decide what this one asks for; none: make a second one."""
    return [one for one in holders(KINDS[kind].duty) if one.pk != account.pk]


def expire() -> int:
    """End what nobody decided within a week; returns how many. May run at any time, twice."""
    return _expire(Approval.objects.all())


def _expire(among: Any) -> int:
    late = among.filter(state=ApprovalState.WAITING, expires_at__lte=timezone.now())
    done = 0
    for approval in late.order_by("pk")[:500]:
        with transaction.atomic():
            actor, why = "system:approvals", "nobody decided within a week"
            if move(APPROVAL, approval, ApprovalState.EXPIRED, actor=actor, why=why):
                _note("approval.expired", approval, actor, {"kind": approval.kind})
                _tell_asker(approval, _("nobody decided within a week"))
                done += 1
    return done


def _decide(approval: Approval, state: ApprovalState, by: Account, why: str) -> bool:
    changes = {"decided_by": by, "decided_why": why, "decided_at": timezone.now()}
    return move(APPROVAL, approval, state, actor=by.ref, why=why, changes=changes)


def _note(action: str, approval: Approval, by: Account | str, after: Mapping[str, Any]) -> None:
    note(action, actor=by, subject=approval.ref, after=after)


def _tell_asker(approval: Approval, outcome: str | Promise) -> None:
    asker = approval.asked_by
    with in_language_of(asker):
        words = {"what": _spoken(approval.kind, asker), "outcome": str(outcome)}
    tell(asker, "decision.approval_decided", link=PAGE, **words)


def _spoken(kind: str, reader: Account) -> str:
    with in_language_of(reader):
        return str(KINDS[kind].label)


def _reason(why: str) -> str:
    why = why.strip()
    if not 0 < len(why) <= MAX_WORDS:
        NO_REASON.fail()
    return why
