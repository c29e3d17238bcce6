"""Running a portal: its people, its totals, its invitations, and who else runs it."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.pay.portals import totals
from fairhand.people.access import NOT_FOUND
from fairhand.people.models import Account, PortalStaff
from fairhand.people.portal_staff import (
    invite,
    open_invitations,
    people_of,
    set_staff,
    team_of,
    withdraw_invitation,
)
from fairhand.people.portals import RIGHT_MEANING, STAFF_NAMES, STAFF_RIGHTS, PortalRight
from fairhand.web.access import portal_page
from fairhand.web.lists import LENGTH, Place, part
from fairhand.web.portal.joining import address_of
from fairhand.web.refusals import tell
from fairhand.web.signin.reauth import freshly_proven
from fairhand.work.portals import answers_through


class InvitationForm(forms.Form):
    """Whom an invitation is for, how many of them, and for how long."""

    label = forms.CharField(
        label=_("Whom it is for"),
        max_length=120,
        help_text=_("Only you see this: a school, a forum, a person."),
    )
    uses = forms.IntegerField(
        label=_("For how many people"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("Leave it empty for as many as come."),
    )
    days = forms.IntegerField(
        label=_("Works for how many days"), initial=14, min_value=1, max_value=90
    )


@portal_page(PortalRight.SEE)
def home(request: HttpRequest, staff: PortalStaff) -> HttpResponse:
    """The portal's own people, and its totals: nobody's in particular."""
    place = Place.of(request)
    people, many = people_of(staff.portal, place.offset, LENGTH)
    words = {
        "staff": staff,
        "part": part(place, people, many),
        "money": totals(staff.portal),
        "answers": answers_through(staff.portal),
    }
    return render(request, "portal/home.html", words)


@never_cache
@portal_page(PortalRight.INVITE)
def invitations(request: HttpRequest, staff: PortalStaff) -> HttpResponse:
    """The links that let people in; a new one is shown on this answer alone."""
    form, link = InvitationForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _made, token = invite(staff, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error.refusal))
        else:
            there = reverse("portal-invited", args=[token])
            link, form = address_of(request, staff.portal) + there, InvitationForm()
    words = {"form": form, "link": link, "open": open_invitations(staff.portal)}
    status = 422 if form.errors else 200
    return render(request, "portal/invitations.html", words, status=status)


@require_POST
@portal_page(PortalRight.INVITE)
def withdraw(request: HttpRequest, staff: PortalStaff, number: int) -> HttpResponse:
    """Make a link worthless."""
    tell(request, withdraw_invitation(staff, number), _("Withdrawn: the link no longer works."))
    return redirect("portal-invitations")


@portal_page(PortalRight.STAFF)
@freshly_proven
def team(request: HttpRequest, staff: PortalStaff) -> HttpResponse:
    """Who runs the portal; a manager can end that, and an administrator of the installation adds.

    Else a manager could try which addresses have an account here.
    """
    if request.method == "POST":
        known = Account.objects.filter(
            ref=request.POST.get("ref", ""), portals_run__portal=staff.portal
        ).first()
        if known is None:
            NOT_FOUND.fail()
        answer = set_staff(staff.portal, known, "", staff.account)
        tell(request, answer, _("They run the portal no more."))
        return redirect("home" if known == staff.account and answer else "portal-staff")
    words = {
        "team": [(row, STAFF_NAMES[PortalStaff.Role(row.role)]) for row in team_of(staff.portal)],
        "meanings": _meanings(),
    }
    return render(request, "portal/team.html", words)


def _meanings() -> list[tuple[object, list[object]]]:
    """Each role with what it may do."""
    return [
        (name, [RIGHT_MEANING[right] for right in PortalRight if role in STAFF_RIGHTS[right]])
        for role, name in STAFF_NAMES.items()
    ]
