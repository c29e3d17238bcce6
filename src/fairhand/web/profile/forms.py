"""How each field of a profile is asked for. Whether it is right is the verb's to say."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.people import consents
from fairhand.people.profile import Words
from fairhand.people.profile.choices import LEVELS, Groups, time_zones
from fairhand.people.profile.fields import FIELDS, LONGEST, Field, Kind

LEVEL, GONE = "level-", "gone"


class FieldForm(forms.Form):
    """One field; `told` is its value as the verb takes it."""

    def __init__(
        self,
        name: str,
        facts: dict[str, Any],
        data: QueryDict | None = None,
        *,
        consent: bool = False,
    ) -> None:
        super().__init__(data)
        self.name, self.asked, self.consent = name, FIELDS[name], consent
        before = facts.get(name)
        if self.asked.kind == Kind.LANGUAGES:
            self.fields.update(_language_fields(before or {}))
        else:
            self.fields["value"] = _field(self.asked, before, _choices(name, facts))
        if consent:
            self.fields["agreed"] = forms.BooleanField(
                label=str(consents.PURPOSES[self.asked.consent].text)
            )
            digest = consents.digest_of(self.asked.consent, _reader())
            self.fields["words"] = forms.CharField(initial=digest, widget=forms.HiddenInput)

    def told(self) -> Any:
        """What was chosen, in the shape of the field's kind."""
        if self.asked.kind != Kind.LANGUAGES:
            return self.cleaned_data["value"]
        levels = {
            name.removeprefix(LEVEL): level
            for name, level in self.cleaned_data.items()
            if name.startswith(LEVEL) and level != GONE
        }
        if added := self.cleaned_data["language"]:
            levels[added] = self.cleaned_data["level"]
        return levels

    def agreed(self) -> Words | None:
        """The words that were agreed to, where the form asked for that."""
        return (_reader(), self.cleaned_data["words"]) if self.consent else None

    def place(self) -> str:
        """The field at which a refusal is shown."""
        return "value" if "value" in self.fields else "language"


def _reader() -> str:
    return get_language() or "en"


def _choices(name: str, facts: dict[str, Any]) -> Groups:
    if name == "time_zone":
        return time_zones(facts.get("country", ""))
    return FIELDS[name].choices()


def _language_fields(before: dict[str, str]) -> dict[str, forms.Field]:
    """How well each language that was told is known, and one more."""
    groups = FIELDS["languages"].choices()
    names = {code: label for _heading, pairs in groups for code, label in pairs}
    levels = list(LEVELS.items())
    known: dict[str, forms.Field] = {
        LEVEL + code: forms.CharField(
            label=names.get(code, code),
            initial=level,
            widget=_select([*levels, (GONE, _("not any more"))]),
        )
        for code, level in before.items()
    }
    one = forms.CharField(
        label=_("One more language") if before else _("A language"),
        required=not before,
        widget=_select(_offered(groups)),
    )
    how = forms.CharField(
        label=_("How well you know it"),
        required=not before,
        help_text=_("The levels are those of the European framework for languages."),
        widget=_select([("", say("Choose")), *levels]),
    )
    return {**known, "language": one, "level": how}


def _field(asked: Field, before: Any, groups: Groups) -> forms.Field:
    if asked.kind == Kind.MANY:
        help_text = _("Nothing fits? Save it empty, and you have said so.") if asked.nothing else ""
        return forms.Field(
            label=_("Choose all that fit"),
            required=False,
            initial=before,
            help_text=help_text,
            widget=forms.CheckboxSelectMultiple(choices=groups[0][1]),
        )
    if asked.kind == Kind.ONE:
        widget: forms.Widget = _select(_offered(groups))
        return forms.CharField(label=str(asked.label), initial=before, widget=widget)
    if asked.kind == Kind.DATE:
        widget = forms.TextInput(attrs={"type": "date", "autocomplete": "bday"})
    else:
        widget = forms.TextInput(attrs={"autocomplete": "address-level1", "maxlength": LONGEST})
    return forms.CharField(label=str(asked.label), initial=before, widget=widget)


def _select(offered: Any) -> forms.Select:
    return forms.Select(choices=offered)


def _offered(groups: Groups) -> list[Any]:
    """The options of a list, under their headings where it has some."""
    if len(groups) == 1:
        return [("", say("Choose")), *groups[0][1]]
    return [("", say("Choose")), *groups]
