"""What the installation and its portals ask people to sign: writing it, and how many signed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.people.access import NOT_FOUND
from fairhand.people.agreements import NAMES, counts_of, titles_of
from fairhand.people.models import Account, Agreement, Duty, Portal
from fairhand.web.access import operator_page
from fairhand.web.agreements.publishing import end_page, publishing_page

SITE = "site"  # how an address calls what is asked of everybody


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of agreement of one scope, as the list shows it."""

    kind: str
    address: str
    title: str
    version: int
    signed: int
    in_force: bool


@operator_page(Duty.ADMIN)
def overview(request: HttpRequest, _account: Account) -> HttpResponse:
    """All that is asked to be signed, by installation and portal."""
    portals = list(Portal.objects.filter(closed_at=None).defer("logo").order_by("name"))
    scopes = [("", say("Everybody here")), *((one.ref, one.name) for one in portals)]
    known = {
        (one.scope, one.kind): one
        for one in Agreement.objects.filter(scope__in=[scope for scope, _name in scopes])
    }
    titles = titles_of([one.ref for one in known.values()], get_language() or "en")
    groups = [
        (name, [_paper(scope, kind, known.get((scope, kind)), titles) for kind in NAMES])
        for scope, name in scopes
    ]
    return render(request, "operator/agreements.html", {"groups": groups})


@operator_page(Duty.ADMIN)
def edit(request: HttpRequest, account: Account, scope: str, kind: str) -> HttpResponseBase:
    """One agreement: what is in force, how many signed, and the next version."""
    where, name = _scope(scope, kind)
    words = {
        "title": NAMES[Agreement.Kind(kind)],
        "lede": name,
        "back": reverse("operator-agreements"),
        "back_label": say("Agreements"),
        "end_address": reverse("operator-agreement-end", args=[scope, kind]),
    }
    return publishing_page(request, account, kind, where, words)


@require_POST
@operator_page(Duty.ADMIN)
def end(request: HttpRequest, account: Account, scope: str, kind: str) -> HttpResponse:
    """Ask an agreement of nobody any more."""
    where, _name = _scope(scope, kind)
    return end_page(request, account, kind, where)


def _scope(scope: str, kind: str) -> tuple[str, str]:
    """What an address means: the scope and its name. Raises Refused."""
    if kind in Agreement.Kind.values:
        if scope == SITE:
            return "", say("Everybody here")
        portal = Portal.objects.filter(ref=scope).first() if "\0" not in scope else None
        if portal is not None:
            return portal.ref, portal.name
    raise Refused(NOT_FOUND)


def _paper(scope: str, kind: str, found: Agreement | None, titles: dict[str, str]) -> Paper:
    counts = counts_of(found) if found is not None else {}
    version = max(counts, default=0)
    return Paper(
        str(NAMES[Agreement.Kind(kind)]),
        reverse("operator-agreement", args=[scope or SITE, kind]),
        titles.get(found.ref, "") if found is not None else "",
        version,
        counts.get(version, 0),
        found is not None and found.ended_at is None,
    )
