"""What do I get, and when? Earnings, the monthly statement, the account to be paid to."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money, decimal_text
from fairhand.pay.earnings import earnings_of, purses_of
from fairhand.pay.models import Destination, ItemState, PayoutItem
from fairhand.pay.payouts import set_destination
from fairhand.pay.statements import Line as StatementLine
from fairhand.pay.statements import Statement, statement
from fairhand.people.models import Portal, Worker
from fairhand.projects.models import Batch
from fairhand.projects.writing import Column, csv_table
from fairhand.web.access import worker_page
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven
from fairhand.work.models import Enrolment
from fairhand.work.overviews import shares_of

RAIL = "sepa"
COLUMNS = (
    Column("date"),
    Column("what"),
    Column("batch"),
    Column("reference"),
    Column("portal"),
    Column("paid_by_requester", "number"),
    Column("kept_by_portal", "number"),
    Column("amount", "number"),
    Column("currency"),
)
REASONS: dict[str, str | Promise] = {
    "earn": _("Earned"),
    "payout": _("Sent to your account"),
    "bounce": _("Came back from your bank"),
    "return": _("Came back from your bank"),
}
ITEM_STATES: dict[str, tuple[str | Promise, str]] = {
    ItemState.PREPARED: (_("On its way"), "warn"),
    ItemState.PAID: (_("Paid"), "ok"),
    ItemState.BOUNCED: (_("Came back"), "refuse"),
    ItemState.CANCELLED: (_("Stopped, still yours"), ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement in words. `price` and `kept` are None where nothing was earned."""

    line: StatementLine
    what: str | Promise
    batch: str
    portal: str
    price: Money | None
    kept: Money | None
    amount: Money


@worker_page
def earnings(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Pending, payable and paid, by portal; the payments; one month's statement.

    On every host a worker sees all of their money: it is theirs, wherever it was earned.
    """
    currency, month = _currency(request, worker), _month(request)
    payments = list(
        PayoutItem.objects.select_related("run__portal")
        .defer("run__file", "run__portal__logo")
        .filter(worker=worker, run__currency=currency)
    )
    payments.sort(key=lambda item: item.run.created_at, reverse=True)
    paid = sum(item.amount_micros for item in payments if item.state == ItemState.PAID)
    purses = purses_of(worker, currency, RAIL)
    apart = any(purse.portal is not None for purse in purses)
    own = purses[0]
    words: dict[str, Any] = {
        "currency": currency,
        "currencies": _currencies(worker),
        "held": earnings_of(worker, currency),
        # Whoever works through portals only need not read of a site that they never used.
        "purses": [one for one in purses if one.portal is not None or not one.empty or not apart],
        "apart": apart,
        "own": own,
        "paid": Money(paid, currency),
        "payments": [(item, Money(item.amount_micros, currency)) for item in payments],
        "states": ITEM_STATES,
        "destination": Destination.objects.filter(worker=worker, rail=RAIL).first(),
        "minimum": own.minimum,
        "enough": own.minimum is not None and not own.missing.micros,
        "month": month,
        "before": _shifted(month, -1),
        "after": _shifted(month, 1) if _shifted(month, 1) <= timezone.now().date() else None,
        **_statement_words(worker, currency, month),
    }
    return render(request, "worker/earnings.html", words)


class DestinationForm(forms.Form):
    """Where a worker wants their money."""

    holder = forms.CharField(
        label=_("Account holder"),
        max_length=70,
        help_text=_("As your bank has it; banks compare it with the account."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    address = forms.CharField(
        label=_("IBAN"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@worker_page
@freshly_proven
def destination(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Set the account to be paid to; a mistyped number is told beside it."""
    known = Destination.objects.filter(worker=worker, rail=RAIL).first()
    start = {"holder": known.holder, "address": known.address} if known else {}
    form = DestinationForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        answer = set_destination(worker, rail=RAIL, **form.cleaned_data)
        if not isinstance(answer, Refusal):
            tell(request, answer, _("Saved. From the next payout on, your money goes there."))
            return redirect("earnings")
        form.add_error("address", str(answer))
    status = 422 if form.errors else 200
    return render(request, "worker/destination.html", {"form": form, "known": known}, status=status)


@worker_page
def statement_csv(request: HttpRequest, worker: Worker) -> HttpResponse:
    """One month's statement as a file for a spreadsheet; amounts as plain decimals."""
    currency, month = _currency(request, worker), _month(request)
    rows = [_csv_row(line, currency) for line in _statement_words(worker, currency, month)["lines"]]
    name = f"statement-{month:%Y-%m}-{currency}.csv"
    response = HttpResponse(b"".join(csv_table(COLUMNS, rows)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _statement_words(worker: Worker, currency: str, month: date) -> dict[str, Any]:
    """One month's statement with its lines in words."""
    since = datetime(month.year, month.month, 1, tzinfo=UTC)
    following = _shifted(month, 1)
    until = datetime(following.year, following.month, 1, tzinfo=UTC)
    found: Statement = statement(worker, currency, since, until)
    return {"statement": found, "lines": _in_words(found, currency)}


def _in_words(found: Statement, currency: str) -> list[Line]:
    """The lines of a statement with names, and with what the requester paid for what was earned."""
    names = dict(
        Batch.objects.filter(ref__in={line.matter for line in found.lines}).values_list(
            "ref", "name"
        )
    )
    portals = dict(
        Portal.objects.filter(ref__in={line.portal for line in found.lines}).values_list(
            "ref", "name"
        )
    )
    kept = shares_of(source for line in found.lines for source in line.sources)
    lines = []
    for line in found.lines:
        share = sum(kept.get(source, 0) for source in line.sources)
        earned = line.reason == "earn"
        lines.append(
            Line(
                line,
                REASONS.get(line.reason, line.reason),
                names.get(line.matter, ""),
                portals.get(line.portal, ""),
                Money(line.amount + share, currency) if earned else None,
                Money(share, currency) if earned else None,
                Money(line.amount, currency),
            )
        )
    return lines


def _csv_row(line: Line, currency: str) -> list[str]:
    price, kept = (
        decimal_text(part.micros, 2) if part is not None else "" for part in (line.price, line.kept)
    )
    return [
        line.line.day.isoformat(),
        str(line.what),
        line.batch,
        line.line.matter,
        line.portal,
        price,
        kept,
        decimal_text(line.amount.micros, 2),
        currency,
    ]


def _currencies(worker: Worker) -> list[str]:
    mine = Enrolment.objects.filter(worker=worker).values_list("batch__currency", flat=True)
    return sorted({"EUR", *mine.distinct()})


def _currency(request: HttpRequest, worker: Worker) -> str:
    asked = request.GET.get("currency", "EUR")
    return asked if asked in _currencies(worker) else "EUR"


def _month(request: HttpRequest) -> date:
    """The month of `?month=2026-11`; this one when it is none."""
    try:
        return datetime.strptime(request.GET.get("month", ""), "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return timezone.now().date().replace(day=1)


def _shifted(month: date, by: int) -> date:
    """The first day of the next month or of the one before."""
    if by > 0:
        return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (month - timedelta(days=1)).replace(day=1)
