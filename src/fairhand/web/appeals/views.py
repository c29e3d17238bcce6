"""What was decided about me, why, from what; and contesting it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.kit.vault import unseal
from fairhand.people import appeals
from fairhand.people.access import NOT_FOUND
from fairhand.people.appeals import DAYS, KINDS, MOST_PROOFS
from fairhand.people.models import Account, Appeal, AppealState, Proof
from fairhand.people.standing import LONGEST
from fairhand.quality.gold import EVIDENCE, FEWEST
from fairhand.web.access import personal_page, public
from fairhand.web.appeals.words import STATES, shown, shown_of
from fairhand.web.refusals import tell
from fairhand.web.templatetags.figures import percent
from fairhand.work import appeals as deciding
from fairhand.work.appeals import Contestable

MOST_BYTES = 10_000_000  # of one file
OVER = (AppealState.UPHELD, AppealState.LAPSED)


@personal_page
def mine(request: HttpRequest, account: Account) -> HttpResponse:
    """All that was decided about me, and where what I contested is."""
    found = {
        (one.kind, one.subject): one
        for one in Appeal.objects.filter(account=account).order_by("pk")
        if one.state != AppealState.WITHDRAWN
    }
    decisions = [
        _row(one, found.pop((one.kind, one.subject), None)) for one in deciding.decisions(account)
    ]
    # What was undone is no decision any more, and its appeal is still to be read.
    rest = sorted(found.values(), key=lambda appeal: -appeal.pk)
    decisions += [_row_of(appeal) for appeal in rest]
    return render(request, "appeals/mine.html", {"rows": decisions, "days": DAYS})


def _row(one: Contestable, appeal: Appeal | None) -> dict[str, Any]:
    words = shown(one.kind, one.facts, one.made_by)
    if appeal is not None:
        return _row_of(appeal) | {"words": words, "at": one.made_at}
    state = (_("You can contest this"), "") if one.stands else (_("Undone"), "ok")
    row = {"words": words, "at": one.made_at, "state": state[0], "badge": state[1]}
    return row | {"contest": (one.kind, one.subject) if one.stands else None, "appeal": None}


def _row_of(appeal: Appeal) -> dict[str, Any]:
    state, badge = STATES[appeal.state]
    row = {"words": shown_of(appeal), "at": appeal.opened_at, "state": state, "badge": badge}
    return row | {"contest": None, "appeal": appeal}


@personal_page
def contest(request: HttpRequest, account: Account, kind: str, subject: str) -> HttpResponse:
    """Say in one's own words what should be looked at, with what shows it."""
    found = deciding.decision(account, kind, subject)
    if found is None:
        NOT_FOUND.fail()
    before = Appeal.objects.filter(account=account, kind=kind, subject=subject).exclude(
        state=AppealState.WITHDRAWN
    )
    if (earlier := before.first()) is not None:
        return redirect("appeal", earlier.ref)
    words = request.POST.get("words", "")
    status = 200
    if request.method == "POST":
        try:
            proofs = [
                file.read(MOST_BYTES + 1)
                for file in request.FILES.getlist("proof")[: MOST_PROOFS + 1]
            ]
            appeal = deciding.contest(account, kind, subject, words, proofs)
        except Refused as error:
            tell(request, error.refusal, "")
            status = error.refusal.status
        else:
            tell(request, True, _("Sent. Somebody who did not decide before looks at it."))
            return redirect("appeal", appeal.ref)
    shows = {
        "decision": shown(found.kind, found.facts, found.made_by),
        "stands": found.stands,
        "words": words,
        "days": KINDS[kind].days,
        "most": MOST_PROOFS,
    }
    return render(request, "appeals/contest.html", shows, status=status)


@personal_page
def appeal(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """One appeal of mine: what I said, until when it is answered, what the answer is."""
    found = get_object_or_404(Appeal, ref=ref, account=account)
    state, badge = STATES[found.state]
    words = {
        "appeal": found,
        "decision": shown_of(found),
        "state": state,
        "badge": badge,
        "late": appeals.is_late(found),
        "answered": found.state in (*OVER, AppealState.DISMISSED),
        "proofs": list(found.proofs.defer("sealed").order_by("page")),
    }
    return render(request, "appeals/appeal.html", words)


@require_POST
@personal_page
def withdraw(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Take an appeal back."""
    found = get_object_or_404(Appeal, ref=ref, account=account)
    answer = appeals.withdraw(found, account)
    tell(request, answer, _("Taken back. You can contest the decision again."))
    return redirect("appeals")


@personal_page
def proof(_request: HttpRequest, account: Account, ref: str, proof: str) -> HttpResponse:
    """A picture that I sent with an appeal."""
    found = get_object_or_404(
        Proof.objects.select_related("key"), ref=proof, appeal__ref=ref, appeal__account=account
    )
    return picture(found)


def picture(found: Proof) -> HttpResponse:
    """A sealed picture as it was drawn by us: never kept by a browser, and never more than that."""
    response = HttpResponse(unseal(found.key, bytes(found.sealed)), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public
def explained(request: HttpRequest) -> HttpResponse:
    """How decisions about people are made here: told before anybody works."""
    words = {
        "kinds": KINDS.values(),
        "longest": LONGEST,
        "evidence": percent(EVIDENCE),
        "fewest": FEWEST,
    }
    return render(request, "appeals/explained.html", words)
