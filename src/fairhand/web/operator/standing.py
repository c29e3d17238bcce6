"""How somebody stands, and suspending them for a time: by one operator of either of two duties."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Decision, Refused, require
from fairhand.people import standing as verbs
from fairhand.people.decisions import decisions_about, standing_of
from fairhand.people.duties import has_duty
from fairhand.people.models import Account, Duty, Worker
from fairhand.web.access import operator_page
from fairhand.web.refusals import tell
from fairhand.work.standing import suspend

SUSPENDED, EXPELLED = Worker.Standing.SUSPENDED, Worker.Standing.EXPELLED


@operator_page(*verbs.SUSPENDERS)
def page(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """One person's standing with all that was decided about it; suspend or lift."""
    require(verbs.may_suspend(me))
    found = _person(ref)
    status = 200
    if request.method == "POST":
        answer = _suspended(found, me, request)
        if tell(request, answer, _("Suspended. The person is told why and until when.")):
            return redirect("operator-standing", ref)
        status = getattr(answer, "status", 409)
    may = verbs.may_be_suspended(found)
    now = standing_of(found)
    words: dict[str, Any] = {
        "person": found,
        "person_page": reverse("operator-account", args=[found.ref])
        if has_duty(me, Duty.SUPPORT)
        else "",
        "now": now,
        "suspended": now.state == SUSPENDED,
        "expelled": now.state == EXPELLED,
        "decisions": decisions_about(found),
        "may": bool(may),
        "refusal": "" if may else str(may),
        "most": verbs.LONGEST,
        "days": request.POST.get("days", "7"),
        "why": request.POST.get("why", ""),
    }
    return render(request, "operator/standing.html", words, status=status)


def _suspended(found: Account, me: Account, request: HttpRequest) -> Decision:
    days = request.POST.get("days", "").strip()
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0  # noqa: PLR2004
    try:
        return suspend(found, me, days=number, why=request.POST.get("why", ""))
    except Refused as error:
        return error.refusal


@require_POST
@operator_page(*verbs.SUSPENDERS)
def lift(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """End a suspension early, with a reason."""
    require(verbs.may_suspend(me))
    answer = verbs.lift_suspension(_person(ref), me, request.POST.get("why", ""))
    tell(request, answer, _("Lifted: the person can work again, and is told."))
    return redirect("operator-standing", ref)


def _person(ref: str) -> Account:
    """A worker, by their own reference or their account's."""
    by_worker = Worker.objects.filter(ref=ref).values("account")
    found = Account.objects.select_related("worker")
    return get_object_or_404(found.filter(pk__in=by_worker) | found.filter(ref=ref))
