"""Making portals and changing them: for administrators. What one keeps and pays is beside it."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Decision, Refused
from fairhand.kit.pictures import too_heavy
from fairhand.people.checklist import RECORDED, problems, said
from fairhand.people.models import Account, Duty, Portal, PortalStaff
from fairhand.people.portal_making import (
    LOGO_BYTES,
    Look,
    change_portal,
    make_portal,
    moved,
    reopen_portal,
    set_gates,
    set_logo,
)
from fairhand.people.portal_staff import set_staff, team_of
from fairhand.people.portals import STAFF_NAMES
from fairhand.people.profile.choices import RISKS
from fairhand.people.profile.fields import FOR_GATES
from fairhand.web.access import operator_page
from fairhand.web.portal.joining import address_of
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven
from fairhand.work.portals import close_portal

ROLES = [(role.value, STAFF_NAMES[role]) for role in PortalStaff.Role]
AGES = (16, 18, 21)
READABLE = _("Written as # and six digits or letters. It is refused where it cannot be read.")
CHANGED = _("Saved. It holds from everybody's next page on.")


class LookForm(forms.Form):
    """What a portal is called and how it looks."""

    name = forms.CharField(label=_("Name"), max_length=60)
    slug = forms.CharField(
        label=_("Short name"), max_length=40, help_text=_("Small letters, digits and hyphens.")
    )
    host = forms.CharField(
        label=_("Host name"),
        max_length=200,
        required=False,
        help_text=_(
            "Such as work.example.org; let it lead to this server. Empty: the installation's own "
            "site, which has one set of steps."
        ),
    )
    accent = forms.CharField(
        label=_("Colour on light pages"), max_length=7, initial="#1f5fae", help_text=READABLE
    )
    accent_dark = forms.CharField(
        label=_("Colour on dark pages"), max_length=7, initial="#8fc0ff", help_text=READABLE
    )
    support = forms.EmailField(label=_("Where people write to"), required=False)
    open = forms.BooleanField(
        label=_("Strangers may make an account and join, without an invitation"), required=False
    )
    listed = forms.BooleanField(
        label=_("On the public list of official portals"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in settings.LANGUAGES:
            self.fields[f"about_{code}"] = forms.CharField(
                label=_("What it is, in a sentence: %(language)s") % {"language": language},
                max_length=300,
                required=False,
            )

    def look(self) -> Look:
        """What was typed, for the verbs to check."""
        given = dict(self.cleaned_data)
        about = {code: given.pop(f"about_{code}") for code, _name in settings.LANGUAGES}
        return Look(**given, about=about)


class StaffForm(forms.Form):
    """Somebody who has an account, and what they do for the portal."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Of an account that is there already."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)

    def clean_email(self) -> Account:
        email = self.cleaned_data["email"].lower()
        found = Account.objects.filter(email=email, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("There is no account with this address. Its person signs up first.")
            )
        return found


class LogoForm(forms.Form):
    """A picture, drawn anew."""

    logo = forms.FileField(
        label=_("Logo"),
        help_text=_(
            "PNG, JPEG or WebP of at most 2 MB. It is drawn anew, at most 512 pixels wide."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )


@operator_page(Duty.ADMIN)
def portals(request: HttpRequest, _me: Account) -> HttpResponse:
    """All portals, the open ones first."""
    rows = Portal.objects.defer("logo").order_by("closed_at", "name")
    words = {"portals": [(row, address_of(request, row)) for row in rows]}
    return render(request, "operator/portals.html", words)


@operator_page(Duty.ADMIN)
@freshly_proven
def new_portal(request: HttpRequest, me: Account) -> HttpResponse:
    """Make a portal."""
    form = LookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_portal(form.look(), me)
        except Refused as error:
            form.add_error(None, str(error.refusal))
        else:
            tell(request, True, _("Made. Say now which steps it asks, and who runs it."))
            return redirect("operator-portal", made.ref)
    status = 422 if form.errors else 200
    return render(request, "operator/portal_new.html", {"form": form}, status=status)


@operator_page(Duty.ADMIN)
def portal(request: HttpRequest, _me: Account, ref: str) -> HttpResponse:
    """One portal: the steps it asks, who runs it, whether it is open."""
    return _page(request, get_object_or_404(Portal, ref=ref))


@operator_page(Duty.ADMIN)
@freshly_proven
def look(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """What a portal is called and how it looks."""
    found = get_object_or_404(Portal, ref=ref)
    form = LookForm(request.POST or None, initial=_said(found))
    if request.method == "POST" and form.is_valid():
        try:
            change_portal(found, form.look(), me)
        except Refused as error:
            form.add_error(None, str(error.refusal))
        else:
            tell(request, True, CHANGED)
            return redirect("operator-portal", ref)
    return _look_page(request, found, form=form)


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def gates(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Add a step, take one away, or move one up or down."""
    found = get_object_or_404(Portal, ref=ref)
    how, _colon, gate = request.POST.get("do", "").partition(":")
    now = list(found.gates)
    if how == "add":
        wanted = [*now, request.POST.get("gate", "")]
    elif how == "drop":
        wanted = [each for each in now if each != gate]
    else:
        wanted = moved(now, gate, -1 if how == "up" else 1)
    tell(request, set_gates(found, wanted, me), CHANGED)
    return redirect("operator-portal", ref)


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def logo(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Show a logo, or none any more."""
    found = get_object_or_404(Portal, ref=ref)
    if "drop" in request.POST:
        set_logo(found, b"", me)
        tell(request, True, _("Taken away."))
        return redirect("operator-portal", ref)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["logo"]
        try:
            if file.size > LOGO_BYTES:
                too_heavy(file.size, LOGO_BYTES).fail()
            set_logo(found, file.read(), me)
        except Refused as error:
            form.add_error("logo", str(error.refusal))
        else:
            tell(request, True, _("Saved. It is on every page of the portal from now on."))
            return redirect("operator-portal", ref)
    return _look_page(request, found, logo_form=form)


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def staff(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Let somebody run the portal, or no more."""
    found = get_object_or_404(Portal, ref=ref)
    known = Account.objects.filter(ref=request.POST.get("ref", ""), portals_run__portal=found)
    if (account := known.first()) is not None:
        return _done(request, ref, set_staff(found, account, "", me))
    form = StaffForm(request.POST)
    if not form.is_valid():
        return _page(request, found, staff_form=form)
    who, role = form.cleaned_data["email"], form.cleaned_data["role"]
    return _done(request, ref, set_staff(found, who, role, me))


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def close(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Close a portal; what was earned there is still paid."""
    return _done(request, ref, close_portal(get_object_or_404(Portal, ref=ref), me))


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def reopen(request: HttpRequest, me: Account, ref: str) -> HttpResponse:
    """Open a closed portal again."""
    return _done(request, ref, reopen_portal(get_object_or_404(Portal, ref=ref), me))


def _done(request: HttpRequest, ref: str, answer: Decision) -> HttpResponse:
    tell(request, answer, CHANGED)
    return redirect("operator-portal", ref)


def _page(
    request: HttpRequest, found: Portal, staff_form: forms.Form | None = None
) -> HttpResponse:
    """The page of a portal. A form that cannot be used comes back here."""
    words = {
        "portal": found,
        "address": address_of(request, found),
        "gates": [(spec, name_of(spec)) for spec in found.gates],
        "choices": [(spec, name_of(spec)) for spec in offered() if spec not in found.gates],
        "team": [(row, STAFF_NAMES[PortalStaff.Role(row.role)]) for row in team_of(found)],
        "staff_form": staff_form or StaffForm(),
    }
    status = 422 if staff_form is not None else 200
    return render(request, "operator/portal.html", words, status=status)


def _look_page(request: HttpRequest, found: Portal, **sent: forms.Form) -> HttpResponse:
    words: dict[str, Any] = {
        "portal": found,
        "has_logo": bool(found.logo),
        "form": LookForm(initial=_said(found)),
        "logo_form": LogoForm(),
        **sent,
    }
    status = 422 if any(form.errors for form in sent.values()) else 200
    return render(request, "operator/portal_look.html", words, status=status)


def _said(found: Portal) -> dict[str, object]:
    """A portal as its form shows it."""
    about = {f"about_{code}": found.about.get(code, "") for code, _name in settings.LANGUAGES}
    return about | {name: getattr(found, name) for name in LookForm.base_fields}


def offered() -> list[str]:
    """Every step that a portal can ask here, in the order in which people meet them."""
    every = [
        *("email", "phone", "factor", "agreements"),
        *(f"age:{years}" for years in AGES),
        "identity",
        *(f"profile:{field}" for field in FOR_GATES),
        *(f"risk:{risk}" for risk in RISKS),
        *(f"consent:{purpose}" for purpose in RECORDED),
    ]
    return [spec for spec in every if not problems([spec], with_agreements=True)]


def name_of(spec: str) -> str:
    """What a step is called."""
    return str(_("Sign what is in force here")) if spec == "agreements" else said(spec)
