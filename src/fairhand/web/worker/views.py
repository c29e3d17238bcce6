"""What can I do now, and what does it pay? The list of work, a batch, its task page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refusal, Refused
from fairhand.kit.money import Money
from fairhand.people.checklist import checklist, checklists
from fairhand.people.models import Portal, Worker
from fairhand.people.portals import is_member
from fairhand.projects.models import Batch
from fairhand.web.access import worker_page
from fairhand.web.host import portal_of
from fairhand.web.onboarding import OURS, address_of, kept_from_work, onward, waiting
from fairhand.web.refusals import tell
from fairhand.work.access import (
    access_to,
    enter,
    restriction_numbers,
    standing_restriction,
    way_to,
)
from fairhand.work.appeals import open_against
from fairhand.work.models import Enrolment, Restriction
from fairhand.work.overviews import Held, pages_held
from fairhand.work.progress import hourly_rate, offers_for, price_for
from fairhand.work.refusals import refusal


@worker_page
def work(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The open batches, with what they pay and what is to be done first; first what is held."""
    portal = portal_of(request)
    offers = offers_for(worker, portal)
    asked = open_against([offer.restriction for offer in offers if offer.restriction is not None])
    ways = {offer.batch.pk: way_to(offer.batch, portal) for offer in offers}
    steps = checklists(worker, ways.values())
    rows = [
        (
            offer,
            _sentence(offer.restriction),
            _asked(offer.restriction, asked),
            steps[ways[offer.batch.pk]],
        )
        for offer in offers
    ]
    words = {
        "offers": rows,
        "held": _one_a_batch(pages_held(worker)),
        "standing": kept_from_work(worker),
        "portal": portal,
        "joined": portal is None or is_member(worker, portal),
    }
    return render(request, "worker/work.html", words)


@worker_page
def batch(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """What a batch asks and pays, what is to be done first, and the way in."""
    portal = portal_of(request)
    found, enrolment = _visible(worker, ref, portal)
    restriction = standing_restriction(worker, found)
    answer = access_to(worker, found, portal)
    words: dict[str, Any] = {
        "batch": found,
        "enrolment": enrolment,
        "earned": Money(enrolment.earned_micros if enrolment else 0, found.currency),
        "price": price_for(found, portal),
        "rate": hourly_rate(found, portal),
        "answer": answer,
        "standing": kept_from_work(worker),
        "restriction": restriction,
        "asked": restriction is not None and bool(open_against([restriction])),
    }
    if isinstance(answer, Refusal) and answer.code in OURS:
        steps = checklist(worker, way_to(found, portal))
        words |= {
            "portal": portal,
            "joined": answer.code != "not_joined",
            "found": steps,
            "here": address_of(found),
            "onward": onward(request, steps, address_of(found)),
            "wait": waiting(steps),
        }
    return render(request, "worker/batch.html", words)


@require_POST
@worker_page
def start(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """Enrol and go to the task page; or to the steps that come before it."""
    portal = portal_of(request)
    found, _enrolment = _visible(worker, ref, portal)
    answer = enter(worker, found, portal)
    if answer:
        return redirect("task", ref)
    tell(request, answer, "")
    if isinstance(answer, Refusal) and answer.code in OURS:
        return redirect(address_of(found))
    return redirect("work-batch", ref)


@worker_page
def task(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """The workbench; somebody who may not begin goes to the batch's page, which says why."""
    portal = portal_of(request)
    found, enrolment = _visible(worker, ref, portal)
    if not (enrolment and enrolment.held) and not access_to(worker, found, portal):
        return redirect("work-batch", ref)
    config = {
        "endpoint": f"/api/v1/work/{found.ref}",
        "media": f"/media/{found.ref}",
        "interface": found.interface,
        "title": found.name,
        "instructions": found.instructions,
        "price_micros": price_for(found, portal).answer.pay.micros,
        "currency": found.currency,
        "lang": get_language() or "en",
        "home": reverse("work"),
        "report": reverse("work-batch", args=[ref]),
        "worker": worker.ref,
    }
    return render(request, "worker/task.html", {"title": found.name, "workbench": config})


def _visible(worker: Worker, ref: str, portal: Portal | None) -> tuple[Batch, Enrolment | None]:
    """A batch that this worker may work on, could after their steps, or did. Raises Refused."""
    found = Batch.objects.select_related("project__organisation").filter(ref=ref).first()
    if found is None:
        raise Refused(refusal("no_such_batch"))
    enrolment = Enrolment.objects.filter(batch=found, worker=worker).first()
    if enrolment is None:
        answer = access_to(worker, found, portal)
        if isinstance(answer, Refusal) and answer.code not in OURS:
            answer.fail()
    return found, enrolment


def _one_a_batch(held: list[Held]) -> list[Held]:
    """The most urgent page of each batch: a second one may have been fetched ahead."""
    first: dict[str, Held] = {}
    for page in held:
        first.setdefault(page.batch_ref, page)
    return list(first.values())


def _sentence(restriction: Restriction | None) -> str:
    if restriction is None:
        return ""
    return str(refusal("restricted", restriction_numbers(restriction)))


def _asked(restriction: Restriction | None, asked: set[int]) -> bool:
    return restriction is not None and restriction.pk in asked
