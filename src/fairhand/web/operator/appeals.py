"""What people contest: the most urgent first; looking at one, and answering it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import require
from fairhand.people.appeals import KINDS, deciders, is_late, may_decide, waiting
from fairhand.people.audit import note
from fairhand.people.duties import NAMES, duties_of, has_duty
from fairhand.people.models import Account, Appeal, AppealState, Proof
from fairhand.web.access import operator_page
from fairhand.web.appeals.views import picture
from fairhand.web.appeals.words import STATES, shown_of
from fairhand.web.lists import part_of
from fairhand.web.operator.actions import NOBODY_ELSE
from fairhand.web.refusals import tell
from fairhand.work.appeals import answer

DONE = {
    "uphold": _("Decided for the person. The decision is undone, and they are told."),
    "dismiss": _("Decided: it stays. The person is told, with your reasons."),
}


def kinds_for(account: Account) -> list[str]:
    """The kinds of appeals that this operator's duties open."""
    mine = duties_of(account)
    return [name for name, kind in KINDS.items() if kind.duty in mine]


@operator_page()
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """Those that wait, by their deadline, and those that were answered."""
    mine = kinds_for(account)
    waits = [(one, shown_of(one), is_late(one)) for one in waiting(mine)[:200]]
    over = Appeal.objects.select_related("account").filter(kind__in=mine)
    part = part_of(request, list(over.exclude(state=AppealState.OPEN).order_by("-decided_at")))
    ended = [(one, shown_of(one), *STATES[one.state]) for one in part.rows]
    words = {"waiting": waits, "part": part, "ended": ended}
    return render(request, "operator/appeals.html", words)


@operator_page()
def appeal(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """What was decided, what the person says and shows; and the answer."""
    found = _found(account, ref)
    status, why, verdict = 200, request.POST.get("why", ""), request.POST.get("verdict", "")
    if request.method == "POST" and verdict in DONE:
        outcome = answer(found, account, uphold=verdict == "uphold", why=why)
        if tell(request, outcome, DONE[verdict]):
            return redirect("operator-appeals")
        status = getattr(outcome, "status", 409)
    may = may_decide(found, account)
    duty = KINDS[found.kind].duty
    state, badge = STATES[found.state]
    words = {
        "appeal": found,
        "decision": shown_of(found),
        "person": found.account,
        "worker": getattr(found.account, "worker", None),
        "state": state,
        "badge": badge,
        "may": bool(may),
        "refusal": "" if may or found.state != AppealState.OPEN else str(may),
        "alone": "" if deciders(found) else str(NOBODY_ELSE) % {"duty": duty.value},
        "duty": NAMES[duty],
        "why": why,
        "proofs": list(found.proofs.defer("sealed").order_by("page")),
    }
    return render(request, "operator/appeal.html", words, status=status)


@operator_page()
def proof(_request: HttpRequest, account: Account, ref: str, proof: str) -> HttpResponse:
    """A picture that was sent with an appeal; that it was looked at stays in the trail."""
    appeal = _found(account, ref)
    found = get_object_or_404(Proof.objects.select_related("key"), ref=proof, appeal=appeal)
    response = picture(found)
    after = {"picture": found.page}
    note("appeal.seen", actor=account, account=appeal.account, subject=appeal.ref, after=after)
    return response


def _found(account: Account, ref: str) -> Appeal:
    """The appeal of this reference. Raises Refused without its kind's duty."""
    found = get_object_or_404(Appeal.objects.select_related("account__worker"), ref=ref)
    require(has_duty(account, KINDS[found.kind].duty))
    return found
