"""How an identity check ends: in one place, with all that follows."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.lifecycle import move
from fairhand.people.audit import note
from fairhand.people.gates import changed_for
from fairhand.people.identity.said import REASONS, wrong_birth, wrong_expiry
from fairhand.people.models import IDENTITY, Account, IdentityCheck, IdentityState, Worker
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of

PAGE = "/identity"
Who = Account | str
DECIDED = Refusal("decided_before", _("Somebody was first: this was decided before."))
ELSEWHERE = Refusal(
    "document_elsewhere",
    _(
        "This document has proven another account already, and one document proves one person. "
        "Reject the check with that reason, or decide about the other account first."
    ),
)
NO_CHECK = Refusal("not_found", _("There is no such identity check."), status=404)
NOT_REJECTED = Refusal("not_rejected", _("This check was not rejected."))


def verify(
    check: IdentityCheck, by: Who, *, why: str, action: str = "identity.verified"
) -> Decision:
    """A check ends well. Refused for somebody too young, and for a document that proves nothing.

    That is one which ran out, or which proves another account. `why` is kept for good: no words.
    """
    wrong = wrong_expiry(check.document_expires)
    if wrong is None and check.birth_date is not None:
        wrong = wrong_birth(check.birth_date)
    if wrong is not None:
        return wrong
    now, until = timezone.now(), _until(check)
    changes = {
        "reason": "",
        "words": "",
        "decided_at": now,
        "valid_until": until,
        "purge_at": now + timedelta(days=settings.IDENTITY_KEPT_DAYS),
    }
    try:
        with transaction.atomic():
            _replace_older(check)
            if not _move(check, IdentityState.VERIFIED, by, why, changes):
                return DECIDED
    except IntegrityError:
        return ELSEWHERE
    day = until.date().isoformat()
    _note(action, check, by, {"expires": day})
    tell(check.worker.account, "decision.identity_verified", link=PAGE, day=day)
    return ALLOWED


def reject(check: IdentityCheck, by: Who, *, reason: str, words: str) -> Decision:
    """A check ends with a reason of REASONS, and words for the worker."""
    now = timezone.now()
    changes = {
        "reason": reason,
        "words": words,
        "decided_at": now,
        "purge_at": now + timedelta(days=settings.IDENTITY_KEPT_DAYS),
    }
    if not _move(check, IdentityState.REJECTED, by, reason, changes):
        return DECIDED
    _note("identity.rejected", check, by, {"reason": reason, "words": words})
    account = check.worker.account
    with in_language_of(account):
        told = str(REASONS[reason])
    tell(account, "decision.identity_rejected", link=PAGE, reason=f"{told} {words}".strip())
    return ALLOWED


@transaction.atomic
def overturn(ref: str, by: Who) -> Decision:
    """An appeal was decided for the worker: what was rejected is verified.

    A proof that came after it goes on: then nothing is left to do. Refused where the document ran
    out meanwhile, or proves another account.
    """
    check = IdentityCheck.objects.select_for_update().filter(ref=ref).first()
    if check is None:
        return NO_CHECK
    if check.state != IdentityState.REJECTED:
        return NOT_REJECTED
    newer = IdentityCheck.objects.filter(
        worker=check.worker_id, state=IdentityState.VERIFIED, pk__gt=check.pk
    )
    if newer.exclude(valid_until__lte=timezone.now()).exists():
        return ALLOWED
    return verify(check, by, why="an appeal was upheld", action="identity.overturned")


def expire() -> int:
    """End proofs whose time is over, and tell; returns how many. May run at any time, twice."""
    late = IdentityCheck.objects.filter(
        state=IdentityState.VERIFIED, valid_until__lte=timezone.now()
    )
    done = 0
    for check in late.select_related("worker__account").order_by("pk")[:500]:
        with transaction.atomic():
            actor, why = "system:identity", "its time is over"
            if _move(check, IdentityState.EXPIRED, actor, why, {}):
                _note("identity.expired", check, actor, {"state": check.state})
                tell(check.worker.account, "decision.identity_expired", link=PAGE)
                done += 1
    return done


def deciders(check: IdentityCheck) -> list[str]:
    """The references of those who made the decision about a check."""
    return list(check.votes.order_by("pk").values_list("operator__ref", flat=True))


def facts_of(check: IdentityCheck) -> dict[str, Any]:
    """A decision about a check as it stands, for whoever contests it: JSON values."""
    return {
        "state": check.state,
        "reason": check.reason,
        "words": check.words,
        "document_kind": check.document_kind,
        "document_country": check.document_country,
        "provider": check.provider,
        "decided_at": check.decided_at.isoformat() if check.decided_at else "",
    }


def _until(check: IdentityCheck) -> datetime:
    """The end of the document's last day, or of the longest time that a proof counts."""
    longest = timezone.now() + timedelta(days=settings.IDENTITY_DAYS)
    if check.document_expires is None or check.document_expires >= longest.date():
        return longest
    last = datetime.combine(check.document_expires, time.max.replace(microsecond=0))
    return timezone.make_aware(last)


def _replace_older(check: IdentityCheck) -> None:
    """A worker has one proof: the older one ends when a newer one begins."""
    older = IdentityCheck.objects.filter(worker=check.worker_id, state=IdentityState.VERIFIED)
    for one in older.exclude(pk=check.pk):
        move(
            IDENTITY,
            one,
            IdentityState.EXPIRED,
            actor="system:identity",
            why=f"{check.ref} took its place",
        )


def _move(
    check: IdentityCheck, state: IdentityState, by: Who, why: str, changes: Mapping[str, Any]
) -> bool:
    actor = by if isinstance(by, str) else by.ref
    moved = move(IDENTITY, check, state, actor=actor, why=why, changes=changes)
    if moved:
        changed_for(Worker.objects.get(pk=check.worker_id))
    return moved


def _note(action: str, check: IdentityCheck, by: Who, after: Mapping[str, Any]) -> None:
    note(action, actor=by, account=check.worker.account, subject=check.ref, after=after)
