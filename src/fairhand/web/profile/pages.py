"""What do I tell about myself, why is it asked, and what did I agree to?"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from fairhand.kit.decision import Decision, Refusal
from fairhand.people import consents
from fairhand.people import profile as verbs
from fairhand.people.consents import PURPOSES, UNKNOWN_PURPOSE, Purpose
from fairhand.people.devices import NAMES, devices_of
from fairhand.people.models import Account, Consent, Worker
from fairhand.people.profile.choices import RISKS
from fairhand.people.profile.fields import FIELDS, UNKNOWN_FIELD, Field, said
from fairhand.web.access import personal_page, worker_page
from fairhand.web.host import portal_of
from fairhand.web.profile.asking import asks_age, shown_by_document
from fairhand.web.profile.forms import FieldForm
from fairhand.web.profile.leading import WANTED_YES, declining, onward, wanted
from fairhand.web.refusals import tell

BIRTH_DATE = "birth_date"
NOT_ASKED = Refusal(
    "not_asked",
    _("Nobody asks for your date of birth now. It is asked only where work is for adults."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the list, with what was told; `words` is None where nothing was."""

    name: str
    field: Field
    words: list[str] | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """One purpose of the list, and the consent that holds for it, if any."""

    name: str
    purpose: Purpose
    consent: Consent | None


@worker_page
def profile(request: HttpRequest, worker: Worker) -> HttpResponse:
    """All fields, why each is asked and who sees it; devices that were seen; consents."""
    facts = verbs.facts_of(worker)
    hidden = {BIRTH_DATE} - _open_to(request, worker)
    lines = [
        Line(name, field, said(name, facts[name]) if name in facts else None)
        for name, field in FIELDS.items()
        if name in facts or name not in hidden
    ]
    given = consents.standing(worker.account)
    words = {
        "lines": lines,
        "told": len(facts),
        "devices": [(one, NAMES[one.kind]) for one in devices_of(worker.account)],
        "consents": [Agreed(name, one, given.get(name)) for name, one in PURPOSES.items()],
        "document": shown_by_document(worker, facts),
    }
    return render(request, "profile/profile.html", words)


@worker_page
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: HttpRequest, worker: Worker, name: str) -> HttpResponse:
    """One field on one screen; leads back to the page that asked for it."""
    if name not in FIELDS:
        UNKNOWN_FIELD.fail()
    facts = verbs.facts_of(worker)
    if name not in facts and name not in _open_to(request, worker):
        NOT_ASKED.fail()
    if "withdraw" in request.POST:
        tell(request, verbs.withdraw(worker, name), _("Forgotten: nothing of it is kept."))
        return onward(request, "profile")
    purpose = FIELDS[name].consent
    unasked = bool(purpose) and purpose not in consents.standing(worker.account)
    data = request.POST if request.method == "POST" else None
    form = FieldForm(name, facts, data, consent=unasked)
    if request.method == "POST" and form.is_valid():
        answer = _keep(worker, form)
        if answer:
            tell(request, answer, _("Saved."))
            again = "again" in request.POST
            return redirect(request.get_full_path()) if again else onward(request, "profile")
        form.add_error(form.place(), str(answer))
    words = {
        "field": FIELDS[name],
        "form": form,
        "told": said(name, facts[name]) if name in facts else None,
        "several": name == "languages",
        "yes_to": RISKS.get(request.GET.get(WANTED_YES, "")) if name == "risks" else None,
        "next": wanted(request),
    }
    return render(request, "profile/field.html", words, status=422 if form.errors else 200)


@personal_page
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, account: Account, purpose: str) -> HttpResponse:
    """Read what a consent is about; give it, or take it back."""
    if purpose not in PURPOSES:
        UNKNOWN_PURPOSE.fail()
    language = get_language() or "en"
    if request.method == "POST":
        if "withdraw" in request.POST:
            answer, done = consents.withdraw(account, purpose), _("Taken back.")
        else:
            digest = request.POST.get("words", "")
            answer = consents.give(account, purpose, language=language, digest=digest)
            done = _("You agreed. You can take it back at any time.")
        if not tell(request, answer, done):
            return redirect(request.get_full_path())
        return onward(request, "profile" if hasattr(account, "worker") else "account")
    words = {
        "purpose": PURPOSES[purpose],
        "digest": consents.digest_of(purpose, language),
        "consent": consents.standing(account).get(purpose),
        "next": wanted(request),
        "not_now": declining(request, purpose),
        "worker": hasattr(account, "worker"),
    }
    return render(request, "profile/consent.html", words)


def _open_to(request: HttpRequest, worker: Worker) -> set[str]:
    """The fields that somebody may fill in now: all, but a date of birth only where it is asked."""
    asked = asks_age(worker, portal_of(request)) and not shown_by_document(
        worker, verbs.facts_of(worker)
    )
    return set(FIELDS) if asked else set(FIELDS) - {BIRTH_DATE}


def _keep(worker: Worker, form: FieldForm) -> Decision:
    return verbs.tell(worker, form.name, form.told(), agreed=form.agreed())
