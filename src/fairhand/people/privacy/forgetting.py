"""Forgetting what nobody needs and no law asks for any more, a bounded part at a time.

Each verb takes the time that it is, returns how many rows went, and bears repetition.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from fairhand.kit.models import History
from fairhand.people.models import (
    Appeal,
    AppealState,
    Consent,
    Deletion,
    DeletionState,
    Device,
    Event,
    IdentityCheck,
    IdentityState,
    Invitation,
    PortalInvitation,
    Proof,
    SameCase,
    Signal,
    Signature,
)
from fairhand.people.privacy import periods
from fairhand.people.privacy.periods import before_years

AT_ONCE, MOST = 500, 50  # rows in one transaction, and transactions in one run
RETENTION = "set local fairhand.retention = 'on'"  # what the tables' triggers ask for


def forget(rows: QuerySet[Any], *, kept_by_triggers: bool = False) -> int:
    """Delete these rows, some at a time; returns how many, without what went with them."""
    gone = 0
    for _round in range(MOST):
        numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not numbers:
            break
        with transaction.atomic():
            if kept_by_triggers:
                _let_triggers_pass()
            rows.model.objects.filter(pk__in=numbers).delete()
        gone += len(numbers)
    return gone


def devices(now: datetime) -> int:
    """Devices that were not seen for a year and more."""
    return forget(Device.objects.filter(last_at__lt=now - periods.DEVICES))


def invitations(now: datetime) -> int:
    """Invitations that were used, withdrawn or over three months ago."""
    past = now - periods.ENDED_INVITATIONS
    ended = Q(used_at__lt=past) | Q(withdrawn_at__lt=past) | Q(expires_at__lt=past)
    theirs = Q(withdrawn_at__lt=past) | Q(expires_at__lt=past)
    return forget(Invitation.objects.filter(ended)) + forget(
        PortalInvitation.objects.filter(theirs)
    )


def consents(now: datetime) -> int:
    """Consents that were withdrawn so long ago that nobody can ask for proof any more."""
    past = before_years(periods.CLAIM_YEARS, now)
    return forget(Consent.objects.filter(withdrawn_at__lt=past))


def evidence(now: datetime) -> int:
    """Pictures that were shown for an appeal that was decided three months ago."""
    past = now - periods.APPEAL_PROOFS
    ended = Proof.objects.filter(appeal__decided_at__lt=past)
    return forget(ended.exclude(appeal__state=AppealState.OPEN))


def appeals(now: datetime) -> int:
    """Appeals that were decided so long ago that no claim can follow."""
    ended = Appeal.objects.exclude(state=AppealState.OPEN)
    return forget(ended.filter(decided_at__lt=before_years(periods.CLAIM_YEARS, now)))


def checks(now: datetime) -> int:
    """Identity checks that ended so long ago that no claim can follow; never one that counts."""
    past = before_years(periods.CLAIM_YEARS, now)
    over = Q(state__in=(IdentityState.REJECTED, IdentityState.WITHDRAWN)) & (
        Q(decided_at__lt=past) | Q(decided_at=None, started_at__lt=past)
    )
    over |= Q(state=IdentityState.EXPIRED, valid_until__lt=past)
    return forget(IdentityCheck.objects.filter(over))


def signatures(now: datetime) -> int:
    """Signatures of accounts that were deleted so long ago that no claim can follow."""
    return forget(Signature.objects.filter(account__in=_deleted_before(now)), kept_by_triggers=True)


def traces(now: datetime) -> int:
    """What was kept to know the excluded again, three years after their account was deleted."""
    gone = _deleted_before(now)
    found = forget(Signal.objects.filter(account__in=gone))
    found += forget(SameCase.objects.filter(Q(first__in=gone) | Q(second__in=gone)))
    known = IdentityCheck.objects.filter(worker__account__in=gone).exclude(document_digest="")
    return found + known.update(document_digest="")


def origins(now: datetime) -> int:
    """From which address and browser things were done, after more than a year."""
    changed = 0
    for _round in range(MOST):
        with transaction.atomic(), connection.cursor() as cursor:
            _let_triggers_pass()
            cursor.execute(
                """
                update people_event set origin = origin - array['ip', 'agent']
                 where id in (select id from people_event
                               where at < %s and origin ?| array['ip', 'agent']
                               order by id limit %s)
                """,
                [now - periods.ORIGINS, AT_ONCE],
            )
            changed += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                break
    return changed


def trail(now: datetime) -> int:
    """Events and steps of ten full years ago."""
    past = before_years(periods.BOOK_YEARS, now)
    return forget(Event.objects.filter(at__lt=past), kept_by_triggers=True) + forget(
        History.objects.filter(at__lt=past), kept_by_triggers=True
    )


def jobs(now: datetime) -> int:
    """Background work that ended a month ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            delete from procrastinate_jobs j
             where j.id in (select p.id from procrastinate_jobs p
                             where p.status in ('succeeded', 'failed', 'cancelled', 'aborted')
                               and not exists (select from procrastinate_events e
                                                where e.job_id = p.id and e.at >= %s)
                             order by p.id limit %s)
            """,
            [now - periods.JOBS, AT_ONCE * MOST],
        )
        return int(cursor.rowcount)


def _deleted_before(now: datetime) -> QuerySet[Any]:
    """The numbers of the accounts that were deleted three full years ago and more."""
    past = before_years(periods.CLAIM_YEARS, now)
    done = Deletion.objects.filter(state=DeletionState.DONE, ended_at__lt=past)
    return done.values("account")


def _let_triggers_pass() -> None:
    with connection.cursor() as cursor:
        cursor.execute(RETENTION)
