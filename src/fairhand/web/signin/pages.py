"""Signed-in browsers, and who has proven which phone number."""

from dataclasses import dataclass
from typing import Any

from allauth.account import views as accounts
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fairhand.people.audit import note
from fairhand.people.browsers import name_of
from fairhand.people.endings import end_access
from fairhand.people.keys import digest_of
from fairhand.people.models import Account, Session
from fairhand.people.notices import tell as tell_person
from fairhand.people.phone import forget_phone, provider
from fairhand.people.sessions import end_sessions, sessions_of
from fairhand.web.access import personal_page
from fairhand.web.signin.reauth import freshly_proven


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser as its owner sees it."""

    session: Session
    name: str
    here: bool

    @property
    def number(self) -> str:
        """What names it on a page. The key itself would let whoever reads it in."""
        return digest_of(self.session.session_key)[:16]


@personal_page
def browsers(request: HttpRequest, account: Account) -> HttpResponse:
    """Where an account is signed in."""
    return render(request, "account/browsers.html", {"browsers": browsers_of(request, account)})


@require_POST
@personal_page
def end_browser(request: HttpRequest, account: Account) -> HttpResponse:
    """Sign one other browser out, or all others."""
    mine = request.session.session_key or ""
    wanted = request.POST.get("browser", "")
    if wanted:
        found = [b for b in browsers_of(request, account) if b.number == wanted and not b.here]
        ended = sum(end_sessions(account, only=b.session.session_key) for b in found)
    else:
        ended = end_access(account, but=mine).sessions
    if ended:
        note("sessions.ended", actor=account, account=account, after={"ended": ended})
        tell_person(account, "security.signed_out", link="/account/browsers")
    told = ngettext(
        "One other browser was signed out.", "%(count)s other browsers were signed out.", ended
    )
    messages.success(request, told % {"count": ended} if ended else say("There was no other."))
    return redirect("browsers")


def browsers_of(request: HttpRequest, account: Account) -> list[Browser]:
    """The signed-in browsers of an account, this one first."""
    mine = request.session.session_key
    found = [Browser(s, name_of(s.agent), s.session_key == mine) for s in sessions_of(account)]
    return sorted(found, key=lambda browser: not browser.here)


@personal_page
@freshly_proven
def phone(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Give a number, or another; it counts once its code was typed."""
    del account
    if provider() is None:
        raise Http404
    response: HttpResponseBase = accounts.change_phone(request)
    return response


@personal_page
def verify_phone(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Type the code that was sent."""
    del account
    response: HttpResponseBase = accounts.verify_phone(request)
    return response


@require_POST
@personal_page
@freshly_proven
def drop_phone(request: HttpRequest, account: Account) -> HttpResponse:
    """Take a number away again."""
    if forget_phone(account):
        messages.success(request, say("Your number is forgotten."))
    return redirect("account")


def words_of(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the account page says of who can get in."""
    found = browsers_of(request, account)
    return {"browsers": found[:3], "more_browsers": max(0, len(found) - 3)}
