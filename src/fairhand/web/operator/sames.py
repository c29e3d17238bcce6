"""Accounts that share traces: for a person to look at. Nothing follows from a trace by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.people.identity import sameness
from fairhand.people.identity.checks import standing_of
from fairhand.people.models import Account, Duty, SameCase, SameState, Worker
from fairhand.web.access import operator_page
from fairhand.web.lists import part_of
from fairhand.web.refusals import tell

STATES = {
    SameState.OPEN: (_("Waits"), "warn"),
    SameState.DIFFERENT: (_("Two people"), "ok"),
    SameState.SAME: (_("One person"), "refuse"),
}
SHORT = {"document": _("document"), "payout": _("account to be paid to"), "device": _("device")}


@operator_page(Duty.IDENTITY)
def cases(request: HttpRequest, account: Account) -> HttpResponse:  # noqa: ARG001 - all see the same
    """The open ones first, those with the strongest traces before others."""
    found = list(SameCase.objects.select_related("first", "second").order_by("pk"))
    strongest = list(sameness.KINDS)
    found.sort(
        key=lambda one: (
            one.state != SameState.OPEN,
            min((strongest.index(kind) for kind in one.kinds), default=len(strongest)),
        )
    )
    part = part_of(request, found)
    rows = [
        (one, ", ".join(str(SHORT[kind]) for kind in one.kinds), STATES[SameState(one.state)])
        for one in part.rows
    ]
    return render(request, "operator/sames.html", {"part": part, "rows": rows})


@operator_page(Duty.IDENTITY)
def case(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Both accounts side by side, and what each shared trace is worth."""
    found = get_object_or_404(SameCase.objects.select_related("first", "second"), ref=ref)
    words = {
        "case": found,
        "state": STATES[SameState(found.state)],
        "traces": [
            (SHORT[kind], text) for kind, text in sameness.KINDS.items() if kind in found.kinds
        ],
        "sides": [_side(found.first), _side(found.second)],
        "open": found.state == SameState.OPEN,
        "own": account.pk in {found.first_id, found.second_id},
    }
    return render(request, "operator/same.html", words)


@require_POST
@operator_page(Duty.IDENTITY)
def decide(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Write down what one found; it changes nothing else."""
    found = get_object_or_404(SameCase, ref=ref)
    same, why = request.POST.get("verdict") == "same", request.POST.get("why", "")
    answer = sameness.decide(found, account, same=same, why=why)
    tell(request, answer, _("Written down. Nothing else was changed."))
    return redirect("same", ref)


def _side(account: Account) -> dict[str, object]:
    worker = Worker.objects.filter(account=account).first()
    proof = standing_of(worker).proof if worker is not None else None
    return {"account": account, "worker": worker, "proof": proof}
