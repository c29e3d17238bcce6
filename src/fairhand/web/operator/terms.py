"""What a portal keeps of the price, and when and how it pays: a form for who runs the money."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money, decimal_text
from fairhand.pay.models import PortalTerms
from fairhand.pay.shares import of_answer
from fairhand.pay.terms import RAILS, calendar_sentence, next_payday, set_terms, terms_of
from fairhand.people.models import Account, Duty, Portal
from fairhand.web.access import operator_page
from fairhand.web.fields import MoneyField
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven

CURRENCY = "EUR"
EXAMPLE = Money(100_000, CURRENCY)  # a price to show what a share makes of it
CALENDARS = (
    (PortalTerms.Calendar.WEEKLY, _("Every week")),
    (PortalTerms.Calendar.FORTNIGHTLY, _("Every second week")),
    (PortalTerms.Calendar.MONTHLY, _("Every month")),
)
# The field beside which a refusal is told.
FIELDS = {
    "bad_share": "share",
    "own_site_keeps_nothing": "share",
    "bad_weekday": "day",
    "bad_day": "day",
    "no_first_payday": "first",
    "far_first_payday": "first",
    "no_rail": "rails",
    "bad_minimum": "minimum",
}


class PercentField(forms.DecimalField):
    """A share in per cent, typed with a point or a comma."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).replace(",", ".") if value else value)


class TermsForm(forms.Form):
    """A portal's terms; what does not fit the calendar that was chosen is not read."""

    share = PercentField(
        label=_("The portal keeps, in per cent of the price"),
        max_digits=4,
        decimal_places=1,
        help_text=_("Workers see it line by line before they start. At most 90."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    calendar = forms.ChoiceField(label=_("Pays"), choices=CALENDARS)
    day = forms.IntegerField(
        label=_("Day"),
        help_text=_("Of the week, 1 is Monday; of the month, from 1 to 28."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    first = forms.DateField(
        label=_("First payday"),
        help_text=_("Only for every second week: from this day on the weeks are counted."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    minimum = MoneyField(
        label=_("Smallest payout, in EUR"),
        decimals=2,
        help_text=_("Who has less waits for the next payday and keeps it."),
    )
    rails = forms.MultipleChoiceField(
        label=_("Ways to pay"),
        choices=tuple(RAILS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@operator_page(Duty.FINANCE)
@freshly_proven
def terms(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """See and set a portal's terms; a mistake is told beside its field."""
    portal = get_object_or_404(Portal.objects.defer("logo"), ref=ref)
    form = TermsForm(request.POST or None, initial=_start(terms_of(portal)))
    if request.method == "POST" and form.is_valid():
        answer = _set(portal, form.cleaned_data, account)
        if not isinstance(answer, Refusal):
            tell(request, True, _("Saved. A new share counts for pages taken from now on."))
            return redirect("portal-terms", ref)
        form.add_error(FIELDS.get(answer.code), str(answer))
    known = terms_of(portal)
    words = {
        "portal": portal,
        "form": form,
        "known": known,
        "split": of_answer(EXAMPLE, known.share_permille) if known is not None else None,
        "calendar": calendar_sentence(known) if known is not None else "",
        "payday": next_payday(known, timezone.now().date()) if known is not None else None,
    }
    status = 422 if form.errors else 200
    return render(request, "operator/terms.html", words, status=status)


def _set(portal: Portal, said: dict[str, Any], account: Account) -> Any:
    return set_terms(
        portal,
        share_permille=int(said["share"] * 10),
        calendar=said["calendar"],
        day=said["day"] or (0 if said["calendar"] != PortalTerms.Calendar.FORTNIGHTLY else 1),
        first=said["first"],
        minimum=said["minimum"],
        rails=said["rails"],
        by=account,
    )


def _start(known: PortalTerms | None) -> dict[str, Any]:
    if known is None:
        return {"share": "0", "calendar": "monthly", "day": 14, "minimum": "10.00", "rails": RAILS}
    return {
        "share": f"{known.share_permille / 10:g}",
        "calendar": known.calendar,
        "day": known.day,
        "first": known.first,
        "minimum": decimal_text(known.minimum_micros, 2),
        "rails": known.rails or list(RAILS),
    }


TERMS = [path("operator/portals/<str:ref>/terms", terms, name="portal-terms")]
