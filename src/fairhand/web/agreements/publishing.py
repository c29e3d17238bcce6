"""Writing an agreement and publishing it: the same page for operators and for requesters."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say

from fairhand.kit.decision import Problem, Refused, UnusableInput
from fairhand.people import agreements
from fairhand.people.models import Account, Agreement
from fairhand.web.agreements.forms import TextsForm, initial_of
from fairhand.web.refusals import tell


def agreement_of(kind: str, scope: str) -> Agreement | None:
    """The agreement of this kind here, if there ever was one."""
    return Agreement.objects.filter(kind=kind, scope=scope).first()


def publishing_page(
    request: HttpRequest, account: Account, kind: str, scope: str, words: Mapping[str, Any]
) -> HttpResponseBase:
    """Show what is in force and take the next version; `words` are the rest of the page."""
    found = agreement_of(kind, scope)
    form = TextsForm(request.POST or None, initial=initial_of(found))
    problems: list[Problem] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            version = agreements.publish(kind, scope, form.texts(), account)
        except UnusableInput as error:
            problems, status = form.show(error.problems), 422
        except Refused as error:
            tell(request, error.refusal, "")
            status = error.refusal.status
        else:
            done = say("Version %(number)s is published. It is asked for from now on.")
            tell(request, True, done % {"number": version.number})
            return redirect(request.path)
    elif form.errors:
        status = 422
    return render(
        request,
        "agreements/publish.html",
        {**_state(found), **words, "form": form, "problems": problems},
        status=status,
    )


def end_page(request: HttpRequest, account: Account, kind: str, scope: str) -> HttpResponse:
    """Ask an agreement of nobody any more, and go back to its page."""
    found = agreement_of(kind, scope)
    done = found is not None and agreements.end(found, account)
    tell(request, done, say("It is asked of nobody any more. What was signed is kept."))
    return redirect(request.path.removesuffix("/end"))


def _state(found: Agreement | None) -> dict[str, Any]:
    counts = agreements.counts_of(found) if found is not None else {}
    return {
        "agreement": found,
        "in_force": found is not None and found.ended_at is None,
        "versions": list(counts.items()),
    }
