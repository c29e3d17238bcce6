"""What a worker is asked before they show anything. Whether it can be is the verb's to say."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.people import consents
from fairhand.people.identity.proofs import CONSENT
from fairhand.people.identity.said import DOCUMENTS, MAX_HOLDER, Said, country_names, wrong_with
from fairhand.people.models import Account
from fairhand.people.profile import facts_of


def _day(label: Any, help_text: Any = "", **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", **more.pop("attrs", {})}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget, **more)


class BeginForm(forms.Form):
    """The document as its holder reads it, and the consent to look at it."""

    holder = forms.CharField(
        label=_("Name, as the document shows it"),
        max_length=MAX_HOLDER,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birth_date = _day(_("Date of birth"), attrs={"autocomplete": "bday"})
    document_kind = forms.CharField(label=_("Document"))
    document_country = forms.CharField(label=_("Issued by"))
    number = forms.CharField(
        label=_("Number of the document"),
        max_length=60,
        help_text=_(
            "Not kept: only a mark is made of it, by which the same document is known again."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    expires = _day(
        _("Valid until"),
        _("Leave it empty only if the document says no such day."),
        required=False,
    )

    def __init__(self, account: Account, country: str, data: QueryDict | None = None) -> None:
        first = {"holder": account.name, "document_country": country}
        super().__init__(data, initial=first)
        kinds = [(kind, one.label) for kind, one in DOCUMENTS.items()]
        self.fields["document_kind"].widget = forms.Select(choices=kinds)
        lands = [("", say("Choose")), *country_names().items()]
        self.fields["document_country"].widget = forms.Select(choices=lands)
        self.consent = CONSENT not in consents.standing(account)
        if self.consent:
            purpose = consents.PURPOSES[CONSENT]
            self.fields["agreed"] = forms.BooleanField(label=str(purpose.text))
            digest = consents.digest_of(CONSENT, reader())
            self.fields["words"] = forms.CharField(initial=digest, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and (wrong := wrong_with(self.said())) is not None:
            self.add_error(wrong[0], str(wrong[1]))
        return found

    def said(self) -> Said:
        """What was told, as the verb takes it."""
        told = self.cleaned_data
        return Said(
            told["holder"],
            told["birth_date"],
            told["document_kind"],
            told["document_country"],
            told["number"],
            told.get("expires"),
        )


def country_of(worker: Any) -> str:
    """The country that a worker told in their profile, to begin with."""
    return str(facts_of(worker).get("country", ""))


def reader() -> str:
    """The language in which the page is read."""
    return get_language() or "en"
