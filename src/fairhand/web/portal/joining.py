"""Coming to a portal: freely or by an invitation's link; and leaving it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.people.access import NOT_FOUND, worker_of
from fairhand.people.keys import digest_of
from fairhand.people.models import Account, Portal, Worker
from fairhand.people.portals import (
    INVITED_ONLY,
    come_in,
    invitation_works,
    is_member,
    join,
    portals_of,
)
from fairhand.web.access import NO_PORTAL, public, worker_page
from fairhand.web.host import branded
from fairhand.web.portal.brand import about_of
from fairhand.web.refusals import refused, tell
from fairhand.work.portals import leave

INVITED = "portal-invitation"  # in the session of somebody who has no account yet: its digest
FIRST_STEPS = "/start"


@never_cache
@public
def join_page(request: HttpRequest) -> HttpResponse:
    """Join the portal of this host, where it is open to strangers."""
    return _join(request, "")


@never_cache
@sensitive_variables("token")
@public
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Join by an invitation's link: a button first, since browsers fetch links ahead."""
    return _join(request, digest_of(token))


def _join(request: HttpRequest, digest: str) -> HttpResponse:
    portal = branded(request)
    if portal is None:
        NO_PORTAL.fail()
    account = request.user if isinstance(request.user, Account) else None
    worker = worker_of(account) if account is not None else None
    if worker is not None and is_member(worker, portal):
        return redirect(FIRST_STEPS)
    if isinstance(answer := may_come(portal, digest), Refusal):
        return refused(request, answer)
    words = {"portal": portal, "about": about_of(portal), "here": request.path}
    if account is None:
        if digest:
            request.session[INVITED] = digest
        return render(request, "portal/join_signed_out.html", words)
    if request.method != "POST":
        return render(request, "portal/join.html", words)
    require(come_in(account, portal, invitation=digest))
    request.session.pop(INVITED, None)
    done = say("You belong to %(portal)s now. These are your next steps.")
    tell(request, True, done % {"portal": portal.name})
    return redirect(FIRST_STEPS)


def may_come(portal: Portal, digest: str) -> Decision:
    """Whether a portal would let in who shows this invitation, or none."""
    if portal.open:
        return ALLOWED
    return invitation_works(portal, digest) if digest else INVITED_ONLY


def lets_sign_up(request: HttpRequest) -> bool:
    """Whether somebody may make an account here because this portal lets them in."""
    portal = branded(request)
    return portal is not None and bool(may_come(portal, str(request.session.get(INVITED, ""))))


def joined_by_signing_up(request: HttpRequest, worker: Worker) -> None:
    """Let a new account join the portal where it is made: so an invitation makes no more accounts
    than it has uses. Raises Refused where it was used up a moment ago, and then nothing is made.
    """
    portal = branded(request)
    if portal is not None:
        digest = str(request.session.get(INVITED, ""))
        answer = join(worker, portal, invitation=digest)
        if isinstance(answer, Refusal) and digest:
            answer.fail()


@worker_page
def my_portals(request: HttpRequest, worker: Worker) -> HttpResponse:
    """The portals that somebody belongs to, and the way out of each."""
    rows = [
        (row, about_of(row.portal), address_of(request, row.portal)) for row in portals_of(worker)
    ]
    return render(request, "portal/mine.html", {"rows": rows})


@require_POST
@worker_page
def leave_portal(request: HttpRequest, worker: Worker, ref: str) -> HttpResponse:
    """Leave a portal; what was earned there stays payable."""
    portal = Portal.objects.filter(ref=ref, members__worker=worker).first()
    if portal is None:
        NOT_FOUND.fail()
    done = _("You left. Pages that you held there were given back; what you earned stays yours.")
    tell(request, leave(worker, portal), done)
    return redirect("my-portals")


def address_of(request: HttpRequest, portal: Portal) -> str:
    """Where a portal is: its host, by the scheme and the port of this request."""
    _name, colon, port = request.get_host().rpartition(":")
    behind = f":{port}" if colon and port.isdecimal() else ""
    return f"{request.scheme}://{portal.host}{behind}"
