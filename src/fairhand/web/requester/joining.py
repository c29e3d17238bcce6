"""Coming into an organisation by the link of an invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from fairhand.people.keys import digest_of
from fairhand.people.membership import invitation_for, is_open, join
from fairhand.people.models import Account, Invitation, Member
from fairhand.people.rights import ROLE_MEANING, ROLE_NAMES
from fairhand.web.access import public
from fairhand.web.refusals import tell

INVITED = "invitation"  # in the session of somebody who has no account yet


@never_cache
@sensitive_variables("token")
@public
def join_page(request: HttpRequest, token: str) -> HttpResponse:
    """Say what one is invited to, and join by a button, since browsers fetch links ahead.

    Who is signed out reads the same whatever the link: it tells nothing to those who guess.
    """
    if not isinstance(request.user, Account):
        if is_open(digest_of(token)):
            request.session[INVITED] = digest_of(token)
        return render(request, "requester/join_signed_out.html", {"here": request.path})
    if request.method == "POST":
        member = join(request.user, token)
        request.session.pop(INVITED, None)
        done = say("You are a member of %(organisation)s now.")
        tell(request, True, done % {"organisation": member.organisation.name})
        return redirect("team", member.organisation.ref)
    invitation = invitation_for(request.user, token)
    role = Member.Role(invitation.role)
    words = {"invitation": invitation, "role": ROLE_NAMES[role], "meaning": ROLE_MEANING[role]}
    return render(request, "requester/join.html", words)


def is_invited(request: HttpRequest, email: str = "") -> bool:
    """Whether somebody without an account came by an invitation that still holds.

    An invitation for one address is no invitation for another; without an address (the form is only
    looked at) it is not asked whose it is.
    """
    digest = request.session.get(INVITED)
    if not isinstance(digest, str) or not is_open(digest):
        return False
    wanted = Invitation.objects.values_list("email", flat=True).get(digest=digest)
    return not email or wanted in {"", email.strip().lower()}
