"""Where am I with proving who I am, and what comes next?"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refusal, Refused, require
from fairhand.kit.pictures import MOST_BYTES, too_heavy
from fairhand.people import consents
from fairhand.people.devices import Kind, kind_of
from fairhand.people.identity import checks
from fairhand.people.identity.proofs import CONSENT, SELFIE, asked_of, shown_for
from fairhand.people.identity.proofs import show as keep_shown
from fairhand.people.identity.providers import go_on, provider
from fairhand.people.identity.said import DOCUMENTS, REASONS
from fairhand.people.models import IdentityCheck, IdentityState, Worker
from fairhand.web.access import worker_page
from fairhand.web.identity.forms import BeginForm, country_of, reader
from fairhand.web.origin import agent_of
from fairhand.web.profile.leading import wanted
from fairhand.web.refusals import tell

HOUR = 3600
CAME_FROM = "identity-came-from"  # in the session: the steps that a check is one of
PICTURES: dict[str, tuple[str | Promise, str | Promise]] = {
    "front": (
        _("Front of the document"),
        _("The side with your picture and name: all four corners, no glare, every letter sharp."),
    ),
    "back": (_("Back of the document"), _("All four corners, no glare, every letter sharp.")),
    "selfie": (
        _("A picture of you"),
        _("Your face alone, from the front, in daylight, without a hat or dark glasses."),
    ),
}
NO_FILE = Refusal("no_file", _("Choose a picture first."), status=422)


@worker_page
def identity(request: HttpRequest, worker: Worker) -> HttpResponse:
    """How somebody stands, and the one thing to do next."""
    standing = checks.standing_of(worker)
    way = provider()
    if here := wanted(request):
        request.session[CAME_FROM] = here
    words: dict[str, Any] = {
        "standing": standing,
        "way": way,
        "may": checks.may_begin(worker),
        "kept": settings.IDENTITY_KEPT_DAYS,
        "usual": usual(),
        "next": request.session.get(CAME_FROM, ""),
        "reason": REASONS.get(standing.last.reason, "") if standing.last else "",
        "on_phone": kind_of(agent_of(request)) == Kind.PHONE,
        "page": request.build_absolute_uri(request.path),
    }
    if standing.running is not None and standing.running.state == IdentityState.STARTED:
        words |= _steps(standing.running)
    return render(request, "identity/identity.html", words)


@worker_page
def begin(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Ask for consent and for what the document says; nothing is shown yet."""
    may = checks.may_begin(worker)
    if not may:
        tell(request, may, "")
        return redirect("identity")
    sent = request.POST if request.method == "POST" else None
    form = BeginForm(worker.account, country_of(worker), sent)
    if sent is not None and form.is_valid():
        try:
            check = _begin(worker, form)
        except Refused as error:
            form.add_error(None, str(error.refusal))
        else:
            return _next(request, check)
    words = {
        "form": form,
        "years": settings.IDENTITY_AGE,
        "kept": settings.IDENTITY_KEPT_DAYS,
        "pictures": provider().takes_pictures,
    }
    return render(request, "identity/begin.html", words, status=422 if form.errors else 200)


@require_POST
@worker_page
def show(request: HttpRequest, worker: Worker, kind: str) -> HttpResponse:
    """Take one picture; what is wrong with it is said where one is."""
    running = checks.standing_of(worker).running
    try:
        if running is None:
            checks.NOTHING.fail()
        keep_shown(running, kind, _file(request))
    except Refused as error:
        tell(request, error.refusal, "")
    else:
        tell(request, True, _("We have the picture."))
    return redirect("identity")


@require_POST
@worker_page
def send(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Hand in what was shown."""
    tell(request, checks.send(worker), _("Sent. Two people look at it, and you are told."))
    return redirect("identity")


@require_POST
@worker_page
def stop(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Stop; what was shown goes."""
    done = checks.take_back(worker, worker.account)
    tell(request, done, _("Stopped. What you had shown is deleted."))
    return redirect("identity")


@require_POST
@worker_page
def go(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Go on at the service that checks documents: its address, and where that leads."""
    running = checks.standing_of(worker).running
    if running is None:
        tell(request, checks.NOTHING, "")
        return redirect("identity")
    return _next(request, running)


@transaction.atomic
def _begin(worker: Worker, form: BeginForm) -> IdentityCheck:
    """Consent and check, both or neither."""
    if form.consent:
        digest = form.cleaned_data["words"]
        require(consents.give(worker.account, CONSENT, language=reader(), digest=digest))
    return checks.begin(worker, form.said())


def _next(request: HttpRequest, check: IdentityCheck) -> HttpResponse:
    """Where it goes on: here, or by a link that names the host it leads to."""
    try:
        address = go_on(check)
    except Refused as error:
        tell(request, error.refusal, "")
        return redirect("identity")
    if address:
        words = {"address": address, "host": urlsplit(address).hostname}
        return render(request, "identity/elsewhere.html", words)
    check.refresh_from_db()
    if check.state == IdentityState.VERIFIED:
        messages.success(request, say("Your identity is proven."))
    return redirect("identity")


def _steps(check: IdentityCheck) -> dict[str, Any]:
    """The pictures that are asked for, each with what was shown; is all of it there?"""
    shown = shown_for(check)
    missing = [kind for kind in asked_of(check) if kind not in shown]
    steps = [
        {
            "kind": kind,
            "title": PICTURES[kind][0],
            "help": PICTURES[kind][1],
            "selfie": kind == SELFIE,
            "proof": shown.get(kind),
            "later": kind in missing[1:],
        }
        for kind in asked_of(check)
    ]
    return {
        "steps": steps,
        "done": len(steps) - len(missing),
        "complete": not missing,
        "document": DOCUMENTS[check.document_kind].label,
    }


def _file(request: HttpRequest) -> bytes:
    """The file that was chosen or photographed; one that is too heavy is not even read."""
    found = request.FILES.get("photo") or request.FILES.get("file")
    if not isinstance(found, UploadedFile) or not found.size:
        NO_FILE.fail()
    if found.size > MOST_BYTES:
        too_heavy(found.size).fail()
    data: bytes = found.read()
    return data


def usual() -> str:
    """How long people take, in words."""
    hours = max(1, round(checks.usual_time().total_seconds() / HOUR))
    if hours < 48:  # noqa: PLR2004 - from two days on, days are easier to read
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
