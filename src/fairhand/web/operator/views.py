"""What needs me? The operator's start page, the ledger, restrictions, requesters' money."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.kit.money import Money
from fairhand.pay.alone import one_at_a_time
from fairhand.pay.books import audit
from fairhand.pay.due import due_everywhere
from fairhand.pay.funding import deposit, deposit_balance
from fairhand.pay.models import Payer, PayoutRun, RunState
from fairhand.people.appeals import waiting
from fairhand.people.approvals import ask
from fairhand.people.duties import duties_of
from fairhand.people.identity import sameness, votes
from fairhand.people.models import Account, Duty, Organisation
from fairhand.people.orphans import kinds_of, orphans
from fairhand.projects.models import Batch, BatchState
from fairhand.web.access import operator_page
from fairhand.web.fields import MoneyField, OrganisationField
from fairhand.web.lists import part_of
from fairhand.web.operator.actions import asked_for, in_words, left_alone
from fairhand.web.operator.appeals import kinds_for
from fairhand.web.operator.approvals import waiting_for
from fairhand.web.refusals import tell
from fairhand.work.access import lift, restriction_numbers
from fairhand.work.appeals import open_against
from fairhand.work.models import Restriction
from fairhand.work.overviews import outlines

STANDING = (BatchState.OPEN, BatchState.PAUSED, BatchState.CLOSED)


@operator_page()
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """What waits for an operator with these duties, and what is going on."""
    duties = duties_of(account)
    batches = Batch.objects.select_related("project__organisation").filter(state__in=STANDING)
    rows = part_of(request, list(batches.order_by("-opened_at", "-pk")))
    known = outlines(rows.rows)
    words: dict[str, Any] = {
        "approvals": [(one, in_words(one).what) for one in waiting_for(account)],
        "part": rows,
        "batches": [(batch, known[batch.pk]) for batch in rows.rows],
    }
    if Duty.FINANCE in duties:
        words |= _money_waiting()
    words["contested"] = waiting(kinds_for(account)).count()
    if Duty.ADMIN in duties:
        found = orphans()
        words |= {"orphans": len(found), "orphan_kinds": ", ".join(kinds_of(found))}
    if Duty.IDENTITY in duties:
        words |= {"checks": votes.waiting_for(account).count(), "sames": sameness.waiting()}
    waits = ("approvals", "runs", "people", "contested", "no_payer", "orphans", "checks", "sames")
    words["quiet"] = not any(words.get(name) for name in waits)
    return render(request, "operator/overview.html", words)


def _money_waiting() -> dict[str, Any]:
    payer = Payer.objects.filter(rail="sepa").first()
    dues = due_everywhere(payer, "EUR").values() if payer else []
    people = [one for part in dues for one in part]
    runs = PayoutRun.objects.filter(state__in=(RunState.PREPARED, RunState.SENT))
    return {
        "no_payer": payer is None,
        "people": len(people),
        "owed": Money(sum(one.amount.micros for one in people), "EUR"),
        "runs": [(run, Money(run.total_micros, run.currency)) for run in runs.order_by("-pk")],
    }


@operator_page(Duty.FINANCE)
def ledger(request: HttpRequest, _account: Account) -> HttpResponse:
    """Is every cent accounted for? Recounted from the transfers while the page is made."""
    found = audit()
    asked = request.GET.get("q", "").strip()
    lines = [line for line in found.lines if asked in line.code]
    shown = part_of(request, lines)
    words = {
        "audit": found,
        "totals": [Money(total, currency) for currency, total in sorted(found.totals.items())],
        "asked": asked,
        "part": shown,
        "lines": [(line, Money(line.recounted, line.currency)) for line in shown.rows],
    }
    return render(request, "operator/ledger.html", words)


@operator_page(Duty.QUALITY)
def restrictions(request: HttpRequest, _account: Account) -> HttpResponse:
    """The standing restrictions with all that they rest on, those contested first."""
    standing = list(
        Restriction.objects.select_related("batch__project__organisation", "worker__account")
        .filter(lifted_at=None)
        .order_by("-made_at")
    )
    said = open_against(standing)
    standing.sort(key=lambda restriction: restriction.pk not in said)
    shown = part_of(request, standing)
    rows = [
        (restriction, restriction_numbers(restriction), restriction.pk in said)
        for restriction in shown.rows
    ]
    return render(request, "operator/restrictions.html", {"part": shown, "rows": rows})


@require_POST
@operator_page(Duty.QUALITY)
def lift_restriction(request: HttpRequest, account: Account, number: int) -> HttpResponse:
    """Let a worker go on, for a reason that is written down."""
    restriction = get_object_or_404(
        Restriction.objects.select_related("batch", "worker"), pk=number
    )
    why = request.POST.get("why", "").strip()
    if why:
        tell(request, lift(restriction, account, why), _("Lifted: the worker can go on."))
    else:
        tell(request, False, "", otherwise=_("Write down why, so that others can follow it."))
    return redirect("restrictions")


class DepositForm(forms.Form):
    """Money that arrived for a requester."""

    organisation = OrganisationField(
        Organisation.objects.order_by("name"), label=_("Organisation"), empty_label=_("Choose one")
    )
    amount = MoneyField(label=_("Amount, in EUR"), decimals=2)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=60,
        help_text=_("The bank's own, so that the same money cannot be booked twice."),
    )

    why = forms.CharField(
        label=_("Note for the second operator"),
        max_length=500,
        required=False,
        help_text=_("Only for a large amount, which another operator has to approve."),
    )

    def clean_amount(self) -> Money:
        amount: Money = self.cleaned_data["amount"]
        if amount.micros <= 0:
            raise forms.ValidationError(_("An amount above zero."))
        return amount


@operator_page(Duty.FINANCE)
def deposits(request: HttpRequest, account: Account) -> HttpResponse:
    """What requesters have, and booking what arrived."""
    form = DepositForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _book(request, account, form.cleaned_data)
    shown = part_of(request, list(Organisation.objects.order_by("name")))
    rows = [(found, deposit_balance(found, "EUR")) for found in shown.rows]
    status = 422 if form.errors else 200
    words = {"form": form, "part": shown, "rows": rows, "alone": left_alone(account)}
    return render(request, "operator/deposits.html", words, status=status)


def _book(request: HttpRequest, account: Account, given: dict[str, Any]) -> HttpResponse:
    """Book what arrived, or ask a second operator where it is much."""
    organisation, amount = given["organisation"], given["amount"]
    source = f"bank/{given['reference']}"
    with transaction.atomic():
        one_at_a_time(account)
        small = amount.micros <= left_alone(account).micros
        new = small and deposit(organisation, amount, source=source, by=account)
    if small:
        again = _("This reference was booked before; nothing was booked again.")
        tell(request, new, _("Booked."), otherwise=again)
        return redirect("deposits")
    params = {
        "organisation": organisation.ref,
        "name": organisation.name,
        "micros": amount.micros,
        "currency": amount.currency,
        "reference": given["reference"],
    }
    try:
        ask("deposit", source, params, account, given["why"] or given["reference"])
    except Refused as error:
        tell(request, error.refusal, "")
        return redirect("deposits")
    tell(request, True, asked_for("deposit", account, Duty.FINANCE))
    return redirect("approvals")
