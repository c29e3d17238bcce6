"""Who belongs to an organisation, with which role; inviting, handing over, leaving."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refusal
from fairhand.people import membership
from fairhand.people.access import (
    NOT_FOUND,
    organisation_for,
    organisations_of,
    role_in,
)
from fairhand.people.models import Account, Member, Organisation
from fairhand.people.rights import ROLE_MEANING, ROLE_NAMES, Permission, grantable, permissions_of
from fairhand.web.access import requester_page
from fairhand.web.refusals import tell
from fairhand.web.requester.switcher import tabs
from fairhand.web.signin.reauth import freshly_proven


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_(
            "Only whoever proved this address can use the link. Without one, whoever has the link."
        ),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role, ROLE_NAMES[Member.Role(role)]) for role in reversed(roles)]


@requester_page(Permission.SEE)
def team_home(_request: HttpRequest, account: Account) -> HttpResponse:
    """The team of one's organisation, or of the first of several; the others are tabs there."""
    return redirect("team", organisations_of(account)[0].ref)


@requester_page(Permission.SEE)
def team(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Members and open invitations, with what this member may change."""
    organisation = organisation_for(account, ref, Permission.SEE)
    return _page(request, account, organisation)


@never_cache
@require_POST
@requester_page(Permission.TEAM)
@freshly_proven
def invite(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Make an invitation; its link is shown on this answer alone."""
    organisation = organisation_for(account, ref, Permission.TEAM)
    form = InviteForm(request.POST, roles=grantable(role_in(account, organisation)))
    if not form.is_valid():
        return _page(request, account, organisation, form=form, status=422)
    invitation, token = membership.invite(account, organisation, **_given(form))
    link = request.build_absolute_uri(reverse("join", args=[token]))
    return _page(request, account, organisation, link=link, invited=invitation)


@require_POST
@requester_page(Permission.TEAM)
def withdraw(request: HttpRequest, account: Account, ref: str, number: int) -> HttpResponse:
    """Make an invitation's link worthless."""
    organisation = organisation_for(account, ref, Permission.TEAM)
    done = membership.withdraw_invitation(account, organisation, number)
    tell(request, done, _("Withdrawn: the link no longer works."))
    return redirect("team", ref)


@require_POST
@requester_page(Permission.TEAM)
@freshly_proven
def role(request: HttpRequest, account: Account, ref: str, member: str) -> HttpResponse:
    """Give a member another role."""
    organisation = organisation_for(account, ref, Permission.TEAM)
    wanted = request.POST.get("role", "")
    if wanted not in ROLE_NAMES:
        NOT_FOUND.fail()
    answer = membership.change_role(account, organisation, _member(organisation, member), wanted)
    tell(request, answer, _("Changed. It holds from this moment."))
    return redirect("team", ref)


@require_POST
@requester_page(Permission.TEAM)
def remove(request: HttpRequest, account: Account, ref: str, member: str) -> HttpResponse:
    """Remove a member, with every right and key."""
    organisation = organisation_for(account, ref, Permission.TEAM)
    gone = _member(organisation, member)
    answer = membership.end_membership(account, organisation, gone)
    tell(request, answer, _("Removed. Their rights and keys ended at once."))
    return redirect("requester") if gone == account and answer else redirect("team", ref)


@require_POST
@requester_page(Permission.OWN)
@freshly_proven
def transfer(request: HttpRequest, account: Account, ref: str, member: str) -> HttpResponse:
    """Make another member the owner."""
    organisation = organisation_for(account, ref, Permission.OWN)
    answer = membership.transfer(account, organisation, _member(organisation, member))
    tell(request, answer, _("Handed over. You are a manager now."))
    return redirect("team", ref)


@require_POST
@requester_page(Permission.OWN)
@freshly_proven
def demand(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Demand a second factor of every member, or of the owners alone."""
    organisation = organisation_for(account, ref, Permission.OWN)
    wanted = request.POST.get("second_factor") == "all"
    done = membership.demand_second_factor(account, organisation, wanted=wanted)
    tell(request, done, _("Changed. It holds from everybody's next page on."))
    return redirect("team", ref)


@require_POST
@requester_page(Permission.SEE)
def leave(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Leave the organisation."""
    organisation = organisation_for(account, ref, Permission.SEE)
    answer = membership.end_membership(account, organisation, account)
    tell(request, answer, _("You left. Your rights and keys there have ended."))
    return redirect("team", ref) if isinstance(answer, Refusal) else redirect("home")


def _given(form: InviteForm) -> dict[str, str]:
    return {"role": form.cleaned_data["role"], "email": form.cleaned_data["email"]}


def _member(organisation: Organisation, ref: str) -> Account:
    """The account of a member. Raises Refused for everybody else."""
    found = Member.objects.filter(organisation=organisation, account__ref=ref)
    member = found.select_related("account").first()
    if member is None:
        NOT_FOUND.fail()
    return member.account


def _page(
    request: HttpRequest,
    account: Account,
    organisation: Organisation,
    *,
    form: InviteForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of a team. An invitation just made, or one that cannot be, comes back here."""
    mine = role_in(account, organisation)
    roles = grantable(mine)
    rights = permissions_of(mine)
    choices = [(each, ROLE_NAMES[Member.Role(each)]) for each in roles]
    words = {
        "organisation": organisation,
        "rights": rights,
        "tabs": tabs("team", organisations_of(account), organisation),
        "members": [
            (each, ROLE_NAMES[Member.Role(each.role)], each.role in roles)
            for each in membership.team_of(organisation)
        ],
        "choices": choices,
        "invitations": (
            [
                (each, ROLE_NAMES[Member.Role(each.role)])
                for each in membership.open_invitations(organisation)
            ]
            if Permission.TEAM in rights
            else []
        ),
        "form": form or InviteForm(roles=roles),
        "roles": [(ROLE_NAMES[each], ROLE_MEANING[each]) for each in Member.Role],
        **more,
    }
    return render(request, "requester/team.html", words, status=status)
