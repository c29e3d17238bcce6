"""What waits for a second operator, and what was decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Decision, Refused
from fairhand.people import approvals
from fairhand.people.approvals import KINDS, may_decide, others_for
from fairhand.people.duties import NAMES, duties_of
from fairhand.people.models import Account, Approval, ApprovalState
from fairhand.web.access import operator_page
from fairhand.web.lists import part_of
from fairhand.web.operator.actions import NOBODY_ELSE, VERBS, in_words
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven

STATES: dict[str, tuple[str | Promise, str]] = {
    ApprovalState.WAITING: (_("Waits"), "warn"),
    ApprovalState.APPROVED: (_("Approved and done"), "ok"),
    ApprovalState.REFUSED: (_("Refused"), "refuse"),
    ApprovalState.WITHDRAWN: (_("Taken back"), ""),
    ApprovalState.EXPIRED: (_("Nobody decided"), ""),
}
DONE: dict[str, str | Promise] = {
    "approve": _("Approved, and done."),
    "refuse": _("Refused. Whoever asked is told why."),
    "withdraw": _("Taken back. Nothing was done."),
}


def waiting_for(account: Account) -> list[Approval]:
    """What this operator could decide now."""
    found = Approval.objects.filter(state=ApprovalState.WAITING, expires_at__gt=timezone.now())
    mine = [kind for kind, what in KINDS.items() if what.duty in duties_of(account)]
    return list(found.filter(kind__in=mine).exclude(asked_by=account).order_by("pk"))


@operator_page()
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """Those that wait first, then those that ended; only of the kinds that one's duties open."""
    mine = [kind for kind, what in KINDS.items() if what.duty in duties_of(account)]
    found = Approval.objects.select_related("asked_by", "decided_by").filter(kind__in=mine)
    now = timezone.now()
    waits = found.filter(state=ApprovalState.WAITING, expires_at__gt=now).order_by("pk")
    over = found.exclude(pk__in=waits.values("pk")).order_by("-pk")
    ended = part_of(request, list(over))
    words = {
        "waiting": [_card(approval, account) for approval in waits],
        "part": ended,
        "ended": [(one, in_words(one).what, *STATES[_state(one)]) for one in ended.rows],
    }
    return render(request, "operator/approvals.html", words)


@require_POST
@operator_page()
@freshly_proven
def decide(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Approve, refuse or take back."""
    approval = get_object_or_404(Approval.objects.select_related("asked_by"), ref=ref)
    verdict, why = request.POST.get("verdict", ""), request.POST.get("why", "")
    if verdict in DONE:
        try:
            answer = _decided(approval, account, verdict, why)
        except Refused as error:
            answer = error.refusal
        tell(request, answer, DONE[verdict])
    return redirect("approvals")


def _decided(approval: Approval, account: Account, verdict: str, why: str) -> Decision:
    if verdict == "withdraw":
        return approvals.withdraw(approval, account)
    if verdict == "refuse":
        return approvals.refuse(approval, account, why)
    return approvals.approve(approval, account, VERBS[approval.kind], why.strip())


def _card(approval: Approval, account: Account) -> dict[str, object]:
    duty = KINDS[approval.kind].duty
    mine = approval.asked_by_id == account.pk
    alone = mine and not others_for(approval.kind, account)
    return {
        "approval": approval,
        "shown": in_words(approval),
        "kind": KINDS[approval.kind].label,
        "duty": NAMES[duty],
        "mine": mine,
        "decidable": bool(may_decide(approval, account)),
        "alone": str(NOBODY_ELSE) % {"duty": duty.value} if alone else "",
    }


def _state(approval: Approval) -> str:
    """The state, as the clock has it: what is too late has expired, also before a job says so."""
    waits = approval.state == ApprovalState.WAITING
    return ApprovalState.EXPIRED if waits else approval.state
