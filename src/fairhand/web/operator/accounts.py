"""Finding an account and helping its person: sign out everywhere, exclude, let back."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused, require
from fairhand.people import standing
from fairhand.people.access import is_excluded
from fairhand.people.approvals import ask, others_for
from fairhand.people.duties import NAMES, duties_of
from fairhand.people.models import (
    Account,
    ApiKey,
    Appeal,
    Approval,
    ApprovalState,
    Duty,
    Event,
    Member,
    Session,
    Worker,
)
from fairhand.people.rights import ROLE_NAMES
from fairhand.web.access import operator_page
from fairhand.web.lists import part_of
from fairhand.web.operator.actions import NOBODY_ELSE, asked_for
from fairhand.web.refusals import tell
from fairhand.web.templatetags.figures import number
from fairhand.web.trail import View, lines

RECENT = 10  # events on an account's page
STANDINGS: dict[str, tuple[str | Promise, str]] = {
    Worker.Standing.ACTIVE: (_("Active"), "ok"),
    Worker.Standing.SUSPENDED: (_("Suspended"), "warn"),
    Worker.Standing.EXPELLED: (_("Excluded"), "refuse"),
    Worker.Standing.CLOSED: (_("Stopped working"), ""),
}


@operator_page(Duty.SUPPORT)
def accounts(request: HttpRequest, _account: Account) -> HttpResponse:
    """Find somebody by address, name or reference."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    found = Account.objects.select_related("worker").order_by("-pk")
    if asked:
        by_name = Q(email__icontains=asked) | Q(name__icontains=asked)
        found = found.filter(by_name | Q(ref=asked) | Q(worker__ref=asked))
    rows = list(found[:500])
    shown = part_of(request, rows)
    words = {
        "asked": asked,
        "part": shown,
        "rows": [(account, *state_of(account)) for account in shown.rows],
    }
    return render(request, "operator/accounts.html", words)


@operator_page(Duty.SUPPORT)
def account(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """One account: what it is, who is signed in, what happened last, what can be done."""
    found = get_object_or_404(Account.objects.select_related("worker"), ref=ref)
    state, kind = state_of(found)
    recent = Event.objects.filter(Q(account=found.ref) | Q(actor=found.ref)).order_by("-pk")
    words: dict[str, Any] = {
        "found": found,
        "worker": getattr(found, "worker", None),
        "state": state,
        "kind": kind,
        "sessions": Session.objects.filter(account=found).count(),
        "keys": ApiKey.objects.filter(account=found).count(),
        "memberships": [
            (member.organisation, ROLE_NAMES[Member.Role(member.role)])
            for member in found.memberships.select_related("organisation")
        ],
        "duties": [NAMES[duty] for duty in sorted(duties_of(found))],
        "closed": is_excluded(found),
        "now": standing.standing_of(found),
        "appeal": Appeal.objects.filter(account=found, kind="standing", state="open").first(),
        "asked": Approval.objects.filter(
            kind="expulsion", subject=found.ref, state=ApprovalState.WAITING
        ).exists(),
        "alone": not others_for("expulsion", me),
        "nobody_else": str(NOBODY_ELSE) % {"duty": Duty.SUPPORT.value},
        "lines": lines(View(recent, me, everything=True), list(recent[:RECENT])),
    }
    return render(request, "operator/account.html", words)


@require_POST
@operator_page(Duty.SUPPORT)
def sign_out(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Sign somebody out everywhere, who asked for that."""
    found = get_object_or_404(Account, ref=ref)
    ended = standing.sign_out_everywhere(found, me)
    sentence = ngettext(
        "%(count)s browser was signed out.", "%(count)s browsers were signed out.", ended
    )
    messages.success(request, sentence % {"count": number(ended)})
    return redirect("operator-account", ref)


@require_POST
@operator_page(Duty.SUPPORT)
def exclude(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Ask a second operator to exclude an account."""
    found = get_object_or_404(Account, ref=ref)
    try:
        require(standing.may_be_closed(found))
        params = {"email": found.email}
        ask("expulsion", found.ref, params, me, request.POST.get("why", ""))
    except Refused as error:
        tell(request, error.refusal, "")
    else:
        tell(request, True, asked_for("expulsion", me, Duty.SUPPORT))
    return redirect("operator-account", ref)


@require_POST
@operator_page(Duty.SUPPORT)
def let_back(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Let an excluded account back, with a reason."""
    found = get_object_or_404(Account, ref=ref)
    answer = standing.reopen_standing(found, me, request.POST.get("why", ""))
    tell(request, answer, _("Done: the account may work again."))
    return redirect("operator-account", ref)


def state_of(account: Account) -> tuple[str | Promise, str]:
    """An account's standing in a word, and the kind of its badge."""
    worker = getattr(account, "worker", None)
    if worker is not None:
        over = worker.standing == Worker.Standing.SUSPENDED and standing.may_work(worker)
        return STANDINGS[Worker.Standing.ACTIVE if over else worker.standing]
    return STANDINGS[Worker.Standing.ACTIVE if account.is_active else Worker.Standing.EXPELLED]
