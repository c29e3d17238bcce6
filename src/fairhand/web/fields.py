"""What forms ask for: an amount of money, an organisation."""

from typing import Any

from django import forms

from fairhand.kit.decision import Refusal
from fairhand.kit.money import DECIMALS, parse_money
from fairhand.people.models import Organisation


class MoneyField(forms.CharField):
    """An amount, typed with a point or a comma; gives Money, never a float."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(
        self, *args: Any, currency: str = "EUR", decimals: int = DECIMALS, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.decimals = currency, decimals

    def to_python(self, value: Any) -> Any:
        text = (super().to_python(value) or "").replace(",", ".")
        if not text:
            return None
        found = parse_money(text, self.currency, decimals=self.decimals)
        if isinstance(found, Refusal):
            raise forms.ValidationError(str(found))
        return found


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg] # no generic at run time
    """One of the organisations, by its name and reference."""

    def label_from_instance(self, obj: Organisation) -> str:
        return f"{obj.name} · {obj.ref}"
