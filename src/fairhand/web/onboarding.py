"""Where am I, what is next, how long does it take? The steps before somebody's first page.

Nothing of it is kept: the steps are what the gates say now, on whichever device they are looked at.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from fairhand.kit.decision import Refusal, Refused
from fairhand.people.checklist import Checklist, Item, State, checklist
from fairhand.people.decisions import Standing, standing_of
from fairhand.people.gates import Way
from fairhand.people.identity.providers import provider
from fairhand.people.models import Portal, Worker
from fairhand.people.portals import is_member
from fairhand.people.standing import may_work
from fairhand.projects.models import Batch
from fairhand.web.access import WANTED, worker_page
from fairhand.web.host import portal_of
from fairhand.web.identity.pages import CAME_FROM, usual
from fairhand.web.profile.leading import DECLINED, WANTED_YES
from fairhand.work.access import access_to, way_to
from fairhand.work.models import Enrolment
from fairhand.work.refusals import refusal

# Refusals that somebody's own steps, or joining, take away.
OURS = frozenset({"gates_open", "not_joined"})


@worker_page
def onboarding(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The steps to this portal's work, or to the batch that is wanted."""
    portal = portal_of(request)
    batch = None
    if ref := request.GET.get("batch", ""):
        batch = _wanted(worker, ref, portal)
        if batch is None:
            return redirect("work-batch", ref)
    found = checklist(worker, way_to(batch, portal) if batch else Way(portal))
    here = address_of(batch)
    words = {
        "batch": batch,
        "portal": portal,
        "standing": kept_from_work(worker),
        "joined": portal is None or is_member(worker, portal),
        "found": found,
        "here": here,
        "onward": onward(request, found, here),
        "declined": _declined(request, found),
        "wait": waiting(found),
    }
    request.session.pop(CAME_FROM, None)
    return render(request, "onboarding/start.html", words)


def waiting(found: Checklist) -> str:
    """How long somebody waits for others once they have done their steps, in words; or ""."""
    ahead = (State.NEXT, State.LATER)
    asked = any(item.spec == "identity" and item.state in ahead for item in found.items)
    return usual() if asked and provider().takes_pictures else ""


def _declined(request: HttpRequest, found: Checklist) -> Item | None:
    """The consent that comes next, where somebody has just said that they do not give it."""
    named = f"consent:{request.GET.get(DECLINED, '')}"
    return found.next if found.next is not None and found.next.spec == named else None


def kept_from_work(worker: Worker) -> Standing | None:
    """How somebody stands who may not work now; None for whoever may."""
    return None if may_work(worker) else standing_of(worker.account)


def address_of(batch: Batch | None) -> str:
    """Where somebody's steps stand: to a batch, or to any work here."""
    query = f"?{urlencode({'batch': batch.ref})}" if batch is not None else ""
    return reverse("onboarding") + query


def onward(request: HttpRequest, found: Checklist, here: str) -> str:
    """The page of the step that comes next, which leads back here; empty where there is none.

    The pages of signing in read from the session where to go on, since one leads to another.
    """
    elsewhere = found.next is not None and found.next.page.startswith("/accounts/")
    if elsewhere and request.session.get(WANTED) != here:
        request.session[WANTED] = here
    elif not elsewhere and request.session.get(WANTED) == here:
        del request.session[WANTED]
    if found.next is None:
        return ""
    asked = {"next": here}
    gate, _colon, arg = found.next.spec.partition(":")
    if gate == "risk":
        asked[WANTED_YES] = arg
    return f"{found.next.page}?{urlencode(asked)}"


def _wanted(worker: Worker, ref: str, portal: Portal | None) -> Batch | None:
    """The batch that somebody wants, if steps are what is between them and it; None: its page says.

    Raises Refused for what is not open to them at all.
    """
    found = None
    if "\0" not in ref:
        found = Batch.objects.select_related("project__organisation").filter(ref=ref).first()
    if found is None:
        raise Refused(refusal("no_such_batch"))
    answer = access_to(worker, found, portal)
    if not isinstance(answer, Refusal) or answer.code in OURS:
        return found
    if not Enrolment.objects.filter(batch=found, worker=worker).exists():
        answer.fail()
    return None


ONBOARDING = [path("start", onboarding, name="onboarding")]
