"""A new project with its first batch, from one form; nothing is made until all of it fits."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem, UnusableInput
from fairhand.kit.money import Money
from fairhand.people.access import organisations_of
from fairhand.people.checklist import RECORDED
from fairhand.people.consents import PURPOSES
from fairhand.people.models import Account, Organisation, Portal
from fairhand.people.profile.choices import RISKS
from fairhand.people.rights import Permission
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.models import Batch
from fairhand.web.access import requester_page
from fairhand.web.fields import MoneyField, OrganisationField
from fairhand.web.refusals import tell
from fairhand.web.requester.files import ACCEPT, read_upload
from fairhand.work.uploading import upload_tasks

FIELD = "answer"  # the name of the one field that this form asks for
# Where the form shows what a verb says about its terms or its interface.
PLACES = (
    (re.compile(r"price_micros"), "price"),
    (re.compile(r"gold_permille"), "gold"),
    (re.compile(r"bar_permille"), "bar"),
    (re.compile(r"deadline_seconds"), "deadline"),
    (re.compile(r"expected_seconds"), "seconds"),
    (re.compile(r"views.*"), "column"),
    (re.compile(r"fields.*"), "options"),
    (re.compile(r"gates.*"), "identity"),
    (re.compile(r"portals.*"), "portals"),
)


class NewForm(forms.Form):
    """What is asked, at what price, of which tasks."""

    organisation = OrganisationField(
        Organisation.objects.none(), label=_("Organisation"), empty_label=_("Choose one")
    )
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Workers see it too."))
    question = forms.CharField(label=_("Question"), max_length=300)
    options = forms.CharField(
        label=_("Answers to choose from"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, at least two."),
    )
    view = forms.ChoiceField(
        label=_("What is shown"), choices=[("text", _("A text")), ("image", _("A picture"))]
    )
    column = forms.CharField(
        label=_("Column that is shown"),
        max_length=60,
        initial="text",
        help_text=_(
            "Its name in your file: the text itself, or the picture's address, or media: and the "
            "name of a picture of the project."
        ),
    )
    instructions = forms.CharField(
        label=_("Instructions"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A line that begins with # starts a part with that heading."),
    )
    price = MoneyField(label=_("Price of an answer, in EUR"), help_text=_("Such as 0.05."))
    seconds = forms.FloatField(
        label=_("Seconds you expect an answer to take"),
        required=False,
        min_value=0.1,
        help_text=_("Shown to workers as an hourly rate until enough answers are measured."),
    )
    overlap = forms.IntegerField(label=_("Answers to each task"), initial=3, min_value=1)
    page_size = forms.IntegerField(label=_("Tasks on a page"), initial=10, min_value=1)
    gold = forms.IntegerField(
        label=_("Checks, in percent of what is handed out"),
        initial=0,
        min_value=0,
        max_value=50,
        help_text=_("Tasks whose answer you know: the column “gold” of your file names it."),
    )
    bar = forms.DecimalField(
        label=_("Checks that must be right, in %"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=100,
        help_text=_("Whoever is clearly below gets no more pages. Empty: nobody is kept out."),
    )
    review_hours = forms.IntegerField(
        label=_("Hours for your review"),
        initial=0,
        min_value=0,
        max_value=504,
        help_text=_("0 accepts every page at once. After this time all is accepted by itself."),
    )
    deadline = forms.IntegerField(
        label=_("Minutes for a page"), initial=30, min_value=1, max_value=10_080
    )
    identity = forms.BooleanField(
        label=_("They proved who they are"),
        required=False,
        help_text=_("With a document, to this site. You never learn who somebody is."),
    )
    adults = forms.BooleanField(label=_("They are 18 or older"), required=False)
    risks = forms.MultipleChoiceField(
        label=_("Difficult content that your tasks may show"),
        required=False,
        choices=list(RISKS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only people who chose to see it are asked."),
    )
    consents = forms.MultipleChoiceField(
        label=_("What your tasks ask people to make of themselves"),
        required=False,
        choices=[(name, PURPOSES[name].label) for name in RECORDED],
        widget=forms.CheckboxSelectMultiple,
    )
    portals = forms.MultipleChoiceField(
        label=_("Offer it only through these portals"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: it is offered everywhere."),
    )
    file = forms.FileField(
        label=_("Tasks"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_(
            "CSV with a header, or JSON lines; UTF-8. Columns: the shown one, key, gold. Without "
            "a file the draft waits for its tasks: add the pictures of the project first."
        ),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = organisations_of(account, Permission.DESIGN)
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)
        field.queryset = Organisation.objects.filter(pk__in=[each.pk for each in mine])
        portals = self.fields["portals"]
        assert isinstance(portals, forms.MultipleChoiceField)
        portals.choices = portal_choices()
        if not portals.choices:
            del self.fields["portals"]
        if len(mine) == 1:
            field.widget = forms.HiddenInput()
            self.initial["organisation"] = mine[0]

    def interface(self) -> dict[str, Any]:
        """The interface document that these answers describe."""
        given = self.cleaned_data
        labels = [line.strip() for line in given["options"].splitlines() if line.strip()]
        options = [{"value": label, "label": label} for label in labels]
        field = {"kind": "choice", "name": FIELD, "label": given["question"], "options": options}
        return {"views": [{"kind": given["view"], "from": given["column"]}], "fields": [field]}

    def parts(self) -> list[dict[str, str]]:
        """The instructions, in parts with headings."""
        found: list[dict[str, str]] = []
        for line in self.cleaned_data["instructions"].splitlines():
            if line.startswith("#"):
                found.append({"heading": line.lstrip("# ").strip(), "text": ""})
            elif found or line.strip():
                found = found or [{"heading": "", "text": ""}]
                found[-1]["text"] = f"{found[-1]['text']}\n{line}".strip("\n")
        return found

    def terms(self) -> Terms:
        """The batch's terms, in the units that are stored."""
        given = self.cleaned_data
        price = given["price"]
        assert isinstance(price, Money)
        return Terms(
            name=given["name"],
            price_micros=price.micros,
            currency=price.currency,
            overlap=given["overlap"],
            page_size=given["page_size"],
            gold_permille=given["gold"] * 10,
            bar_permille=None if given["bar"] is None else round(given["bar"] * 10),
            review_hours=given["review_hours"],
            deadline_seconds=given["deadline"] * 60,
            expected_seconds=given["seconds"],
            gates=self.gates(),
            portals=given.get("portals", []),
        )

    def gates(self) -> list[str]:
        """What workers do before their first page, as the names of gates."""
        given = self.cleaned_data
        return [
            *(["identity"] if given["identity"] else []),
            *(["age:18"] if given["adults"] else []),
            *(f"risk:{name}" for name in given["risks"]),
            *(f"consent:{name}" for name in given["consents"]),
        ]

    def show(self, problems: list[Problem]) -> list[Problem]:
        """Put each problem beside its field; returns those of the file, which have lines."""
        rest = []
        for problem in problems:
            place = problem.field or ""
            for pattern, name in PLACES:
                place = name if pattern.fullmatch(place) else place
            if problem.line is None and place in self.fields:
                self.add_error(place, str(problem.message))
            else:
                rest.append(problem)
        return rest


def portal_choices() -> list[tuple[str, str]]:
    """The open portals that may be named to anybody, by reference and name."""
    found = Portal.objects.filter(closed_at=None, listed=True).order_by("name")
    return list(found.values_list("ref", "name"))


@requester_page(Permission.DESIGN)
def new(request: HttpRequest, account: Account) -> HttpResponse:
    """Make a project, its batch and its tasks; or show what is wrong and keep what was typed."""
    form = NewForm(request.POST or None, request.FILES or None, account=account)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            batch = _make(account, form)
        except UnusableInput as error:
            problems = form.show(error.problems)
        else:
            tell(request, True, _("Made as a draft. Look it over, then open it."))
            return redirect("batch", batch.ref)
    status = 422 if form.errors or problems else 200
    words = {"form": form, "problems": problems}
    return render(request, "requester/new.html", words, status=status)


@transaction.atomic
def _make(account: Account, form: NewForm) -> Batch:
    project = make_project(
        account,
        form.cleaned_data["organisation"],
        name=form.cleaned_data["name"],
        interface=form.interface(),
        instructions=form.parts(),
    )
    batch = make_batch(account, project, form.terms())
    if form.cleaned_data["file"] is not None:
        upload_tasks(batch, read_upload(form.cleaned_data["file"], batch.interface))
    return batch
