"""What can I do now, and what does it pay? The list of work, a batch, its task page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused, require
from fairhand.kit.money import Money
from fairhand.people.models import Worker
from fairhand.projects.models import Batch
from fairhand.web.access import worker_page
from fairhand.web.refusals import tell
from fairhand.work.access import access_to, enter, restriction_numbers, standing_restriction
from fairhand.work.appeals import open_against
from fairhand.work.models import Enrolment, Restriction
from fairhand.work.overviews import pages_held
from fairhand.work.progress import hourly_rate, offers_for
from fairhand.work.refusals import refusal


@worker_page
def work(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The open batches, with what they pay; first what is still held."""
    offers = offers_for(worker)
    asked = open_against([offer.restriction for offer in offers if offer.restriction is not None])
    rows = [
        (offer, _sentence(offer.restriction), _asked(offer.restriction, asked)) for offer in offers
    ]
    return render(request, "worker/work.html", {"offers": rows, "held": pages_held(worker)})


@worker_page
def batch(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """What a batch asks and pays, and the way in."""
    found, enrolment = _visible(worker, ref)
    restriction = standing_restriction(worker, found)
    words: dict[str, Any] = {
        "batch": found,
        "enrolment": enrolment,
        "earned": Money(enrolment.earned_micros if enrolment else 0, found.currency),
        "page_pay": Money(found.price_micros * found.page_size, found.currency),
        "rate": hourly_rate(found),
        "answer": access_to(worker, found),
        "restriction": restriction,
        "asked": restriction is not None and bool(open_against([restriction])),
    }
    return render(request, "worker/batch.html", words)


@require_POST
@worker_page
def start(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """Enrol and go to the task page."""
    found, _enrolment = _visible(worker, ref)
    answer = enter(worker, found)
    if not answer:
        tell(request, answer, "")
        return redirect("work-batch", ref)
    return redirect("task", ref)


@worker_page
def task(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """The workbench; somebody who may not begin goes to the batch's page, which says why."""
    found, enrolment = _visible(worker, ref)
    if not (enrolment and enrolment.held) and not access_to(worker, found):
        return redirect("work-batch", ref)
    config = {
        "endpoint": f"/api/v1/work/{found.ref}",
        "media": f"/media/{found.ref}",
        "interface": found.interface,
        "title": found.name,
        "instructions": found.instructions,
        "price_micros": found.price_micros,
        "currency": found.currency,
        "lang": get_language() or "en",
        "home": reverse("work"),
        "report": reverse("work-batch", args=[ref]),
        "worker": worker.ref,
    }
    return render(request, "worker/task.html", {"title": found.name, "workbench": config})


def _visible(worker: Worker, ref: str) -> tuple[Batch, Enrolment | None]:
    """A batch that is open to this worker, or that they worked on. Raises Refused."""
    found = Batch.objects.select_related("project__organisation").filter(ref=ref).first()
    if found is None:
        raise Refused(refusal("no_such_batch"))
    enrolment = Enrolment.objects.filter(batch=found, worker=worker).first()
    if enrolment is None:
        require(access_to(worker, found))
    return found, enrolment


def _sentence(restriction: Restriction | None) -> str:
    if restriction is None:
        return ""
    return str(refusal("restricted", restriction_numbers(restriction)))


def _asked(restriction: Restriction | None, asked: set[int]) -> bool:
    return restriction is not None and restriction.pk in asked
