"""What people show to prove who they are, looked at by two who do not see each other's verdict."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from fairhand.people import appeals
from fairhand.people.access import NOT_FOUND
from fairhand.people.duties import holders
from fairhand.people.identity import votes
from fairhand.people.identity.outcome import ELSEWHERE
from fairhand.people.identity.proofs import look
from fairhand.people.identity.said import DOCUMENTS, REASONS, VOTED_FOR, country_names
from fairhand.people.identity.sameness import cases_of
from fairhand.people.models import Account, Duty, IdentityCheck, IdentityState, Proof, SameState
from fairhand.web.access import operator_page
from fairhand.web.identity.pages import PICTURES
from fairhand.web.lists import part_of
from fairhand.web.media import HEADERS
from fairhand.web.operator.actions import NOBODY_ELSE
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven

STATES = {
    IdentityState.STARTED: (_("Begun"), ""),
    IdentityState.PENDING: (_("Waits"), "warn"),
    IdentityState.VERIFIED: (_("Proven"), "ok"),
    IdentityState.REJECTED: (_("Not proven"), "refuse"),
    IdentityState.EXPIRED: (_("Ended"), ""),
    IdentityState.WITHDRAWN: (_("Taken back"), ""),
}
NOBODY_LEFT = _(
    "When you have voted, too, nobody is left who could answer an appeal against this: it would be"
    " decided for the person after %(days)s days. Give another person the duty."
)
SEEN = (IdentityState.PENDING, IdentityState.VERIFIED, IdentityState.REJECTED)


@operator_page(Duty.IDENTITY)
def queue(request: HttpRequest, account: Account) -> HttpResponse:
    """The oldest first; those that wait for this operator, then those that wait for another."""
    waiting = list(votes.queue().select_related("worker"))
    mine = set(votes.waiting_for(account).values_list("pk", flat=True))
    part = part_of(request, sorted(waiting, key=lambda one: one.pk not in mine))
    decided = IdentityCheck.objects.filter(decided_at__isnull=False).exclude(worker=account.pk)
    words = {
        "part": part,
        "rows": [(one, one.pk in mine, DOCUMENTS[one.document_kind].label) for one in part.rows],
        "decided": [
            (one, STATES[IdentityState(one.state)]) for one in decided.order_by("-decided_at")[:20]
        ],
        "alone": _alone(account),
    }
    return render(request, "operator/identity.html", words)


@operator_page(Duty.IDENTITY)
@freshly_proven
def check(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """What somebody told and showed, and what this operator makes of it."""
    found = _check(account, ref)
    shown = Proof.objects.filter(check_of=found).defer("sealed").order_by("pk")
    same = [one for one in cases_of(found.worker.account) if one.state != SameState.DIFFERENT]
    words: dict[str, Any] = {
        "check": found,
        "document": DOCUMENTS[found.document_kind].label,
        "country": country_names().get(found.document_country, found.document_country),
        "proofs": [(proof, PICTURES[proof.kind][0]) for proof in shown],
        "state": STATES[IdentityState(found.state)],
        "may": votes.may_vote(found, account),
        "given": found.votes.count(),
        "mine": found.votes.filter(operator=account).first(),
        "votes": _votes(found),
        "reasons": [(code, REASONS[code]) for code in VOTED_FOR],
        "reason": REASONS.get(found.reason, ""),
        "same": same,
        "elsewhere": str(ELSEWHERE) if _is_elsewhere(found) else "",
        "alone": _alone(account) or _last(found, account),
    }
    return render(request, "operator/identity_check.html", words)


@require_POST
@operator_page(Duty.IDENTITY)
@freshly_proven
def vote(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Say what one makes of a check; then the next one."""
    found = _check(account, ref)
    sent = request.POST
    said = votes.Vote(sent.get("verdict", ""), sent.get("reason", ""), sent.get("words", ""))
    answer = votes.vote(found, account, said)
    waits = found.state == IdentityState.PENDING
    kept = say("Kept. Another operator looks at it, too.") if waits else say("Decided, and told.")
    if not tell(request, answer, kept):
        return redirect("identity-check", ref)
    return redirect("identity-queue")


@require_safe
@operator_page(Duty.IDENTITY)
def picture(request: HttpRequest, account: Account, ref: str, proof: str) -> HttpResponse:  # noqa: ARG001
    """One picture, kept by no browser on its way; each look is noted."""
    found = get_object_or_404(
        Proof.objects.select_related("key", "check_of", "account"), ref=proof, check_of__ref=ref
    )
    return HttpResponse(look(found, account), content_type="image/jpeg", headers=HEADERS)


def _check(account: Account, ref: str) -> IdentityCheck:
    """A check that was sent, of somebody else; others are as if they were not there."""
    checks = IdentityCheck.objects.select_related("worker__account")
    found = checks.filter(ref=ref, provider="manual", state__in=SEEN).first()
    if found is None or found.worker_id == account.pk:
        NOT_FOUND.fail()
    return found


def _votes(check: IdentityCheck) -> list[tuple[str, object, str]]:
    """Who said what, once it is decided; before that nobody sees another's verdict."""
    if check.state == IdentityState.PENDING:
        return []
    return [
        (one.operator.name or one.operator.email, STATES[IdentityState(one.verdict)][0], one.words)
        for one in check.votes.select_related("operator").order_by("pk")
    ]


def _is_elsewhere(check: IdentityCheck) -> bool:
    proven = IdentityCheck.objects.filter(
        state=IdentityState.VERIFIED, document_digest=check.document_digest
    )
    return bool(check.document_digest) and proven.exclude(worker=check.worker_id).exists()


def _alone(account: Account) -> str:
    """What is said where nobody else could look: it takes two."""
    others = [one for one in holders(Duty.IDENTITY) if one.pk != account.pk]
    return "" if others else str(NOBODY_ELSE) % {"duty": Duty.IDENTITY.value}


def _last(check: IdentityCheck, account: Account) -> str:
    """What is said where this operator's vote leaves nobody to answer an appeal."""
    voted = set(check.votes.values_list("operator", flat=True))
    taken = {*voted, account.pk, check.worker_id}
    if not voted - {account.pk} or any(one.pk not in taken for one in holders(Duty.IDENTITY)):
        return ""
    return str(NOBODY_LEFT) % {"days": appeals.KINDS["identity"].days}
