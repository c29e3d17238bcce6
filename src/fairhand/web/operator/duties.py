"""Who runs the installation, with which duties: for administrators."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refused
from fairhand.people.approvals import ask, others_for
from fairhand.people.duties import NAMES, OPENS, duties_of
from fairhand.people.models import Account, Duty, Operator
from fairhand.people.operators import set_duties
from fairhand.web.access import operator_page
from fairhand.web.operator.actions import asked_for
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven

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

    why = forms.CharField(label=_("Note for the second operator"), max_length=500, required=False)

    def clean_email(self) -> Account:
        email = self.cleaned_data["email"].lower()
        found = Account.objects.filter(email=email, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("There is no account with this address. Its person signs up first.")
            )
        return found


@operator_page(Duty.ADMIN)
@freshly_proven
def operators(request: HttpRequest, me: Account) -> HttpResponse:
    """See all operators; give duties to somebody, or take some or all."""
    form = OperatorForm()
    if request.method == "POST":
        known = Account.objects.filter(ref=request.POST.get("ref", "")).first()
        if known is not None:
            wanted = [Duty(d) for d in request.POST.getlist("duties") if d in Duty.values]
            return _set(request, me, known, wanted)
        form = OperatorForm(request.POST)
        if form.is_valid():
            wanted = [Duty(duty) for duty in form.cleaned_data["duties"]]
            return _set(request, me, form.cleaned_data["email"], wanted)
    rows = Operator.objects.select_related("account").order_by("account__name", "pk")
    words: dict[str, Any] = {
        "form": form,
        "operators": [(row.account, _ticks(row)) for row in rows],
        "meanings": [(NAMES[duty], OPENS[duty]) for duty in Duty],
        "alone": len(rows) == 1,
    }
    status = 422 if form.errors else 200
    return render(request, "operator/operators.html", words, status=status)


def _set(request: HttpRequest, me: Account, account: Account, wanted: list[Duty]) -> HttpResponse:
    """Set somebody's duties, or ask the second administrator where there is one.

    One person who could make another operator alone would be both of the two that money takes.
    """
    had = duties_of(account)
    given, taken = set(wanted) - had, had - set(wanted)
    # Else the second administrator could be dismissed first.
    takes_two = given or (Duty.ADMIN in taken and account != me)
    if not takes_two or not others_for("duties", me):
        tell(request, set_duties(account, wanted, me), _("Saved. It holds from now on."))
        return redirect("operators")
    params = {"email": account.email, "duties": sorted(wanted), "had": sorted(had)}
    why = request.POST.get("why", "").strip() or ", ".join(str(NAMES[duty]) for duty in wanted)
    try:
        ask("duties", account.ref, params, me, why or account.email)
    except Refused as error:
        tell(request, error.refusal, "")
        return redirect("operators")
    tell(request, True, asked_for("duties", me, Duty.ADMIN))
    return redirect("approvals")


def _ticks(operator: Operator) -> list[tuple[str, object, bool]]:
    """Each duty with its name and whether the operator has it."""
    return [(duty.value, NAMES[duty], duty in operator.duties) for duty in Duty]
