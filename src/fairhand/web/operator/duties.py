"""Who runs the installation, with which duties: for administrators."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from fairhand.people.duties import NAMES, OPENS
from fairhand.people.models import Account, Duty, Operator
from fairhand.people.operators import set_duties
from fairhand.web.access import operator_page
from fairhand.web.refusals import tell

CHOICES = [(duty.value, NAMES[duty]) for duty in Duty]


class OperatorForm(forms.Form):
    """Somebody who has an account, and the duties that they shall have."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Of an account that is there already."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    duties = forms.MultipleChoiceField(
        label=_("Duties"), choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )

    def clean_email(self) -> Account:
        email = self.cleaned_data["email"].lower()
        found = Account.objects.filter(email=email, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("There is no account with this address. Its person signs up first.")
            )
        return found


@operator_page(Duty.ADMIN)
def operators(request: HttpRequest, me: Account) -> HttpResponse:
    """See all operators; give duties to somebody, or take some or all."""
    form = OperatorForm()
    if request.method == "POST":
        known = Account.objects.filter(ref=request.POST.get("ref", "")).first()
        if known is not None:
            wanted = [Duty(d) for d in request.POST.getlist("duties") if d in Duty.values]
            tell(request, set_duties(known, wanted, me), _("Saved. It holds from now on."))
            return redirect("operators")
        form = OperatorForm(request.POST)
        if form.is_valid():
            given = map(Duty, form.cleaned_data["duties"])
            answer = set_duties(form.cleaned_data["email"], given, me)
            tell(request, answer, _("Saved. It holds from now on."))
            return redirect("operators")
    rows = Operator.objects.select_related("account").order_by("account__name", "pk")
    words: dict[str, Any] = {
        "form": form,
        "operators": [(row.account, _ticks(row)) for row in rows],
        "meanings": [(NAMES[duty], OPENS[duty]) for duty in Duty],
        "alone": len(rows) == 1,
    }
    status = 422 if form.errors else 200
    return render(request, "operator/operators.html", words, status=status)


def _ticks(operator: Operator) -> list[tuple[str, object, bool]]:
    """Each duty with its name and whether the operator has it."""
    return [(duty.value, NAMES[duty], duty in operator.duties) for duty in Duty]
