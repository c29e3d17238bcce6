"""Is it going well, and what should I do? An organisation's projects, and one batch's pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fairhand.kit.money import Money
from fairhand.pay.costs import set_aside
from fairhand.pay.funding import deposit_balance
from fairhand.people.access import permissions_in, rights_of
from fairhand.people.models import Account
from fairhand.people.rights import Permission
from fairhand.projects.batches import batch_for
from fairhand.projects.models import Batch, BatchState, Project
from fairhand.quality.models import Gold
from fairhand.web.access import requester_page
from fairhand.web.lists import LENGTH, Place, part, part_of
from fairhand.web.requester.charts import over_time
from fairhand.web.requester.switcher import overview_tabs
from fairhand.work.costs import cost_of
from fairhand.work.models import Result
from fairhand.work.overviews import ORDERS, crowd_of, outlines, results_of
from fairhand.work.progress import answers_over_time, hourly_rate, progress_of

STATES = {
    BatchState.DRAFT: "",
    BatchState.OPEN: "accent",
    BatchState.PAUSED: "warn",
    BatchState.CLOSED: "",
    BatchState.SETTLED: "ok",
}


@requester_page(Permission.SEE)
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """What each organisation has, and how far its batches are."""
    mine = rights_of(account)
    chosen = request.GET.get("organisation")
    organisations = [each for each in mine if each.ref == chosen] or list(mine)
    batches = Batch.objects.select_related("project").filter(
        project__organisation__in=organisations
    )
    shown = part_of(request, list(batches.order_by("-created_at", "-pk")))
    known = outlines(shown.rows)
    words = {
        "organisations": [
            (each, deposit_balance(each, "EUR"))
            for each in organisations
            if Permission.MONEY in mine[each]
        ],
        "switcher": overview_tabs(request, list(mine)),
        "designs": any(Permission.DESIGN in rights for rights in mine.values()),
        "part": shown,
        "batches": [
            (batch, known[batch.pk], STATES[BatchState(batch.state)]) for batch in shown.rows
        ],
        "idle": Project.objects.filter(organisation__in=organisations, batches=None),
    }
    return render(request, "requester/overview.html", words)


@requester_page(Permission.SEE)
def batch(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """One batch: its numbers now, its money, and what can be done."""
    found = batch_for(account, ref, Permission.SEE)
    return batch_page(request, account, found)


def batch_page(
    request: HttpRequest, account: Account, found: Batch, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a batch; an upload that was refused comes back here with its problems."""
    progress = progress_of(found)
    cost = cost_of(found, progress)
    balance = deposit_balance(found.project.organisation, found.currency)
    words = {
        **_frame(account, found, "batch"),
        "progress": progress,
        "cost": cost,
        "balance": balance,
        "missing": cost - balance if cost > balance else None,
        "gold": Gold.objects.filter(batch=found).count(),
        "aside": set_aside(found.ref, found.currency),
        "rate": hourly_rate(found),
        "page_pay": Money(found.price_micros * found.page_size, found.currency),
        "chart": over_time(answers_over_time(found)),
        **more,
    }
    return render(request, "requester/batch.html", words, status=status)


@requester_page(Permission.SEE)
def results(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """The crowd's answers with confidence and votes, in their order or the least sure first."""
    found = batch_for(account, ref, Permission.SEE)
    order = request.GET.get("order", "place")
    order = order if order in ORDERS else "place"
    place = Place.of(request)
    total = Result.objects.filter(batch=found).count()
    rows = results_of(found, order, LENGTH, place.offset)
    words = {
        **_frame(account, found, "batch-results"),
        "part": part(place, rows, total),
        "order": order,
        "shown": found.interface["views"][0],
        "fields": found.interface["fields"],
        "method": rows[0].method if rows else "",
    }
    return render(request, "requester/results.html", words)


@requester_page(Permission.SEE)
def crowd(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Who answered, under their pseudonyms, and how their checks went."""
    found = batch_for(account, ref, Permission.SEE)
    place = Place.of(request)
    rows, total = crowd_of(found, LENGTH, place.offset)
    words = {**_frame(account, found, "batch-crowd"), "part": part(place, rows, total)}
    return render(request, "requester/crowd.html", words)


def _frame(account: Account, found: Batch, current: str) -> dict[str, Any]:
    """What all pages of a batch share: its tabs, and whether its reader may change it."""
    tabs = (
        ("batch", _("Progress")),
        ("batch-results", _("Results")),
        ("batch-crowd", _("Workers")),
    )
    return {
        "batch": found,
        "state_kind": STATES[BatchState(found.state)],
        "rights": permissions_in(account, found.project.organisation),
        "tabs": [
            {"label": label, "url": reverse(name, args=[found.ref]), "current": name == current}
            for name, label in tabs
        ],
    }
