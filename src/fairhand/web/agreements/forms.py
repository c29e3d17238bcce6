"""The form in which an agreement is written, in each language of the site."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as say

from fairhand.kit.decision import Problem
from fairhand.people.agreements import LONGEST_TEXT, LONGEST_TITLE, newest
from fairhand.people.models import Agreement


class TextsForm(forms.Form):
    """Title and text in each language; those that stay empty are not published."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            words = {"language": name}
            self.fields[f"title_{code}"] = forms.CharField(
                label=say("Title (%(language)s)") % words,
                required=False,
                max_length=LONGEST_TITLE,
                widget=forms.TextInput(attrs={"lang": code}),
            )
            self.fields[f"text_{code}"] = forms.CharField(
                label=say("Text (%(language)s)") % words,
                required=False,
                max_length=LONGEST_TEXT,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 8, "lang": code}),
                help_text=say("Plain paragraphs; an empty line parts them."),
            )

    def texts(self) -> dict[str, tuple[str, str]]:
        """What was typed, by language."""
        given: dict[str, str] = self.cleaned_data
        return {
            code: (given[f"title_{code}"], given[f"text_{code}"]) for code, _ in settings.LANGUAGES
        }

    def show(self, problems: list[Problem]) -> list[Problem]:
        """Put each problem beside its field; returns those that have none."""
        rest = []
        for problem in problems:
            place = (problem.field or "").replace(".", "_")
            if place in self.fields:
                self.add_error(place, str(problem.message))
            else:
                rest.append(Problem(problem.message))
        return rest


def initial_of(agreement: Agreement | None) -> dict[str, str]:
    """The words of the newest version, to begin the next one with."""
    version = newest(agreement) if agreement is not None else None
    if version is None:
        return {}
    found = {}
    for text in version.texts.all():
        found[f"title_{text.language}"] = text.title
        found[f"text_{text.language}"] = text.text
    return found
