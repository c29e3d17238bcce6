"""Leaving a portal, and closing one: membership ends below, and what is held through it here."""

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.audit import note
from fairhand.people.gates import rules_changed
from fairhand.people.models import Account, Portal, PortalMember, Worker
from fairhand.people.notices import tell
from fairhand.people.portal_making import OWN_SITE
from fairhand.people.portals import end_belonging, forget_doors
from fairhand.work.models import Assignment, AssignmentState, Enrolment

HANDED_IN = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)
CLOSED_BEFORE = Refusal("closed_before", _("This portal was closed before. Nothing was changed."))


@transaction.atomic
def leave(worker: Worker, portal: Portal) -> Decision:
    """Let a worker leave a portal: pages held through it go back; what was earned stays theirs."""
    answer = end_belonging(worker, portal)
    if answer:
        give_back(worker, portal)
    return answer


@transaction.atomic
def close_portal(portal: Portal, by: Account) -> Decision:
    """Close a portal: work through it stops at once; earned money stays payable by its terms."""
    portal = Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)
    if not portal.host:
        return OWN_SITE
    if portal.closed_at is not None:
        return CLOSED_BEFORE
    Portal.objects.filter(pk=portal.pk).update(closed_at=timezone.now())
    # Nobody takes a page before they are looked at again, and then the portal is closed.
    rules_changed()
    transaction.on_commit(forget_doors)
    holders = Enrolment.objects.filter(portal=portal.pk, held__len__gt=0)
    workers = Worker.objects.filter(pk__in=holders.values("worker")).order_by("pk")
    for worker in workers:
        give_back(worker, portal)
    _tell_members(portal)
    note("portal.closed", actor=by, subject=portal.ref, after={"workers": len(workers)})
    return ALLOWED


def _tell_members(portal: Portal) -> None:
    """Say it to everybody who belongs to it; at its address they would find nobody any more."""
    for member in PortalMember.objects.filter(portal=portal, left_at=None).select_related(
        "worker__account"
    ):
        tell(member.worker.account, "work.portal_closed", link="/earnings", portal=portal.name)


def give_back(worker: Worker, portal: Portal) -> None:
    """Give back the pages that somebody holds through a portal."""
    with connection.cursor() as cursor:
        cursor.execute("select work_give_back_through(%s, %s)", [worker.pk, portal.pk])


def answers_through(portal: Portal) -> int:
    """How many answers were handed in through a portal, whoever gave them."""
    mine = Assignment.objects.filter(portal=portal.pk, state__in=HANDED_IN)
    return mine.aggregate(answers=Sum("tasks__len"))["answers"] or 0
