"""Which answers count? Accepting pages: at once (in the hot path), by the requester, or by time.

Rejection is a due process of its own and not part of this installation yet: what was handed in on
time is paid.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from fairhand.kit.lifecycle import record
from fairhand.kit.money import Money
from fairhand.pay.earnings import Accepted, accept
from fairhand.pay.events import whose
from fairhand.pay.funding import batch_accounts
from fairhand.people.notices import tell
from fairhand.people.portals import portal_refs
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment, AssignmentState

log = logging.getLogger(__name__)
AT_ONCE = 500  # pages in one transaction


def accept_pages(batch: Batch, pages: Sequence[Assignment], *, actor: str, why: str) -> int:
    """Accept submitted pages and make their pay payable; returns how many were still waiting."""
    with transaction.atomic():
        waiting = list(
            Assignment.objects.select_for_update(of=("self",))
            .select_related("worker__account")
            .order_by("worker_id", "no")  # two reviewers lock in the same order
            .filter(
                batch=batch,
                state=AssignmentState.SUBMITTED,
                pk__in=[page.pk for page in pages[:AT_ONCE]],
            )
        )
        if not waiting:
            return 0
        accounts = batch_accounts(batch.ref, batch.currency)
        portals = portal_refs(page.portal for page in waiting)
        accept(
            [_accepted(batch, page, portals.get(page.portal, "")) for page in waiting],
            escrow=accounts.escrow,
            fee=accounts.fee,
            currency=batch.currency,
        )
        for page in waiting:
            Assignment.objects.filter(pk=page.pk).update(state=AssignmentState.ACCEPTED)
            subject = f"{batch.ref}/{page.worker.ref}/{page.no}"
            record("assignment", subject, "submitted", "accepted", actor=actor, why=why)
        _tell_accepted(batch, waiting)
    return len(waiting)


def _accepted(batch: Batch, page: Assignment, portal_ref: str) -> Accepted:
    return Accepted(
        whose(page.worker.ref, portal_ref),
        page.pay_micros,
        page.fee_micros,
        f"{batch.ref}/{page.worker_id}/{page.no}",
        page.share_micros,
        portal_ref,
    )


def _tell_accepted(batch: Batch, pages: Sequence[Assignment]) -> None:
    """Tell each worker once what these pages come to."""
    for _worker, theirs in groupby(pages, key=lambda page: page.worker_id):
        mine = list(theirs)
        amount = Money(sum(page.pay_micros for page in mine), batch.currency)
        account = mine[0].worker.account
        tell(account, "work.accepted", link="/earnings", amount=amount, batch=batch.name)


def accept_all(batch: Batch, *, actor: str) -> int:
    """Accept every page of a batch that awaits review; returns how many."""
    return _accept_while(batch, actor=actor, why="accepted by the requester", before=None)


def accept_overdue() -> int:
    """Accept what nobody reviewed within its batch's review period; returns how many pages."""
    accepted = 0
    for batch in Batch.objects.filter(review_hours__gt=0, state__in=("open", "paused", "closed")):
        limit = timezone.now() - timedelta(hours=batch.review_hours)
        try:
            accepted += _accept_while(
                batch, actor="system:review_period", why="the review period ended", before=limit
            )
        except Exception:
            # One batch whose books are damaged keeps nobody else's work from being accepted.
            log.exception("the pages of %s could not be accepted", batch.ref)
    return accepted


def _accept_while(batch: Batch, *, actor: str, why: str, before: datetime | None) -> int:
    total = 0
    while True:
        waiting = Assignment.objects.filter(batch=batch, state=AssignmentState.SUBMITTED)
        if before is not None:
            waiting = waiting.filter(ended_at__lt=before)
        pages = list(waiting.order_by("ended_at")[:AT_ONCE])
        if not pages:
            return total
        total += accept_pages(batch, pages, actor=actor, why=why)
