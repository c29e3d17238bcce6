"""Paying workers: who is due, a run's file and its checks, what the bank said."""

from collections.abc import Callable, Sequence

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.kit.money import Money, decimal_text
from fairhand.pay.alone import one_at_a_time
from fairhand.pay.due import Due, due, due_everywhere
from fairhand.pay.models import ItemState, Payer, PayoutItem, PayoutRun, RunState
from fairhand.pay.payouts import (
    NOBODY_DUE,
    bounce_item,
    cancel_run,
    clearing_balance,
    confirm_run,
    file_problems,
    prepare_run,
    send_run,
    set_payer,
)
from fairhand.pay.terms import calendar_sentence, least_of, next_payday, terms_of
from fairhand.people.approvals import ask
from fairhand.people.models import Account, Approval, ApprovalState, Duty, Portal
from fairhand.web.access import operator_page
from fairhand.web.fields import MoneyField
from fairhand.web.lists import part_of
from fairhand.web.operator.actions import asked_for, left_alone
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven
from fairhand.web.templatetags.figures import number

RAIL, CURRENCY = "sepa", "EUR"
PAYER_FIELDS = ("name", "address", "bic", "town", "country")
RUN_STATES: dict[str, tuple[str | Promise, str]] = {
    RunState.PREPARED: (_("Prepared"), "warn"),
    RunState.SENT: (_("At the bank"), "accent"),
    RunState.DONE: (_("Done"), "ok"),
    RunState.CANCELLED: (_("Stopped"), ""),
}
ITEM_STATES: dict[str, tuple[str | Promise, str]] = {
    ItemState.PREPARED: (_("In the file"), ""),
    ItemState.PAID: (_("Paid"), "ok"),
    ItemState.BOUNCED: (_("Came back"), "refuse"),
    ItemState.CANCELLED: (_("Stopped"), ""),
}
STEPS: dict[str, tuple[Callable[[PayoutRun, Account], bool], str | Promise]] = {
    "send": (send_run, _("Noted: the bank has the file.")),
    "confirm": (confirm_run, _("Booked as paid. The run is done.")),
    "cancel": (cancel_run, _("Stopped: everybody has their money again.")),
}


@operator_page(Duty.FINANCE)
def payouts(request: HttpRequest, account: Account) -> HttpResponse:
    """Who can be paid now by the own site or by one portal, and all runs."""
    payer = Payer.objects.filter(rail=RAIL).first()
    everybody = due_everywhere(payer, CURRENCY) if payer else {}
    portal = _chosen(request)
    people = everybody.get(portal, [])
    terms = terms_of(portal) if portal is not None else None
    found = PayoutRun.objects.select_related("portal").defer("file", "portal__logo")
    runs = part_of(request, list(found.order_by("-pk")))
    prepared = PayoutRun.objects.filter(portal=portal, state=RunState.PREPARED)
    words = {
        "payer": payer,
        "minimum": least_of(terms, payer, CURRENCY),
        "portal": portal,
        "terms": terms,
        "calendar": calendar_sentence(terms) if terms is not None else "",
        "payday": next_payday(terms, timezone.now().date()) if terms is not None else None,
        "doors": _doors(everybody, portal),
        "due": people[:50],
        "people": len(people),
        "owed": Money(sum(one.amount.micros for one in people), CURRENCY),
        "waiting": prepared.exists(),
        **_two_people(people, account, portal),
        "part": runs,
        "runs": [
            (run, Money(run.total_micros, run.currency), *RUN_STATES[run.state])
            for run in runs.rows
        ],
    }
    return render(request, "operator/payouts.html", words)


def _chosen(request: HttpRequest) -> Portal | None:
    """The portal of `?portal=`; none: the installation's own site."""
    ref = request.GET.get("portal", "")
    if not ref:
        return None
    return get_object_or_404(Portal.objects.exclude(host="").defer("logo"), ref=ref)


def _address(portal: Portal | None) -> str:
    """The page of who is due there."""
    return reverse("payouts") + (f"?portal={portal.ref}" if portal is not None else "")


def _doors(
    everybody: dict[Portal | None, list[Due]], chosen: Portal | None
) -> list[dict[str, object]]:
    """The own site and every portal, with how many people are due there; none while it is one."""
    if len(everybody) < 2:  # noqa: PLR2004 - nothing to choose from
        return []
    return [
        {
            "label": portal.name if portal is not None else say("Own site"),
            "url": _address(portal),
            "current": portal == chosen,
            "count": number(len(people)) if people else "",
        }
        for portal, people in everybody.items()
    ]


def _subject(portal: Portal | None) -> str:
    """What an approval is about: there is one next run of a rail and portal."""
    return f"{RAIL}/{CURRENCY}" + (f"/{portal.ref}" if portal is not None else "")


def _two_people(
    people: Sequence[Due], account: Account, portal: Portal | None
) -> dict[str, object]:
    """Whether the next run takes two operators, and whether somebody asked already."""
    owed, alone = sum(one.amount.micros for one in people), left_alone(account)
    waits = Approval.objects.filter(kind="payout", state=ApprovalState.WAITING)
    waits = waits.filter(subject=_subject(portal))
    asked = waits.filter(expires_at__gt=timezone.now()).exists()
    return {"takes_two": owed > alone.micros, "alone": alone, "asked": asked}


@require_POST
@operator_page(Duty.FINANCE)
def ask_for_run(request: HttpRequest, account: Account) -> HttpResponse:
    """Ask a second operator for a run that comes to more than one may pay out alone."""
    known, portal = Payer.objects.filter(rail=RAIL).first(), _chosen(request)
    people = due(known, CURRENCY, portal) if known else []
    if not people:
        tell(request, NOBODY_DUE, "")
        return redirect(_address(portal))
    micros = sum(one.amount.micros for one in people)
    params = {"rail": RAIL, "currency": CURRENCY, "micros": micros, "people": len(people)}
    if portal is not None:
        params |= {"portal": portal.ref, "name": portal.name}
    try:
        ask("payout", _subject(portal), params, account, request.POST.get("why", ""))
    except Refused as error:
        tell(request, error.refusal, "")
        return redirect(_address(portal))
    tell(request, True, asked_for("payout", account, Duty.FINANCE))
    return redirect("approvals")


@require_POST
@operator_page(Duty.FINANCE)
@freshly_proven
def prepare(request: HttpRequest, account: Account) -> HttpResponse:
    """Write the next run's file, if one operator may pay out as much."""
    portal = _chosen(request)
    try:
        with transaction.atomic():
            one_at_a_time(account)
            most = left_alone(account)
            found = prepare_run(account, rail=RAIL, portal=portal, at_most=most)
    except Refused as error:
        tell(request, error.refusal, "")
        return redirect(_address(portal))
    tell(request, True, _("Prepared. Download the file and give it to your bank."))
    return redirect("run", found.ref)


@operator_page(Duty.FINANCE)
def run(request: HttpRequest, _account: Account, ref: str) -> HttpResponse:
    """One run: its checks, its payments, what is left to do."""
    found = get_object_or_404(PayoutRun.objects.select_related("portal"), ref=ref)
    state, kind = RUN_STATES[found.state]
    shown = part_of(request, list(found.items.select_related("worker").order_by("pk")))
    words = {
        "run": found,
        "state": state,
        "kind": kind,
        "total": Money(found.total_micros, found.currency),
        "clearing": clearing_balance(found),
        "problems": file_problems(found),
        "part": shown,
        "items": [
            (item, Money(item.amount_micros, found.currency), *ITEM_STATES[item.state])
            for item in shown.rows
        ],
    }
    return render(request, "operator/run.html", words)


@operator_page(Duty.FINANCE)
def run_file(_request: HttpRequest, _account: Account, ref: str) -> HttpResponse:
    """The file for the bank, exactly as it was made."""
    found = get_object_or_404(PayoutRun, ref=ref)
    response = HttpResponse(bytes(found.file), content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{found.ref}.xml"'
    return response


@require_POST
@operator_page(Duty.FINANCE)
@freshly_proven
def step(request: HttpRequest, account: Account, ref: str, action: str) -> HttpResponse:
    """Note that the file was sent, that all of it is paid, or that the run is stopped."""
    verb, done = STEPS[action]
    tell(request, verb(get_object_or_404(PayoutRun, ref=ref), account), done)
    return redirect("run", ref)


@require_POST
@operator_page(Duty.FINANCE)
@freshly_proven
def bounce(request: HttpRequest, account: Account, ref: str, number: int) -> HttpResponse:
    """Book one payment that came back, with the bank's reason."""
    items = PayoutItem.objects.select_related("run", "worker")
    item = get_object_or_404(items, pk=number, run__ref=ref)
    why = request.POST.get("why", "").strip()
    if why:
        tell(request, bounce_item(item, account, why), _("Booked: the worker has the money again."))
    else:
        tell(request, False, "", otherwise=_("Write down why, so that others can follow it."))
    return redirect("run", ref)


class PayerForm(forms.Form):
    """The account that workers are paid from."""

    name = forms.CharField(label=_("Account holder"), max_length=70)
    address = forms.CharField(
        label=_("IBAN"), max_length=64, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)
    town = forms.CharField(label=_("Town"), max_length=35, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as DE.")
    )
    minimum = MoneyField(
        label=_("Smallest payout, in EUR"),
        decimals=2,
        help_text=_("Who has less waits for the next run and keeps it."),
    )


@operator_page(Duty.FINANCE)
@freshly_proven
def payer(request: HttpRequest, account: Account) -> HttpResponse:
    """Set the account that workers are paid from."""
    known = Payer.objects.filter(rail=RAIL).first()
    start = {"minimum": "5.00"}
    if known:
        start = {name: getattr(known, name) for name in PAYER_FIELDS}
        start["minimum"] = decimal_text(known.minimum_micros, 2)
    form = PayerForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            set_payer(rail=RAIL, by=account, **form.cleaned_data)
        except Refused as error:
            form.add_error("address", str(error.refusal))
        else:
            tell(request, True, _("Saved. The next run is paid from this account."))
            return redirect("payouts")
    status = 422 if form.errors else 200
    return render(request, "operator/payer.html", {"form": form}, status=status)
