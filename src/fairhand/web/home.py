"""The door: what this is, signing in by a demonstration's link, the language, the account."""

from ipaddress import ip_address

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from fairhand.kit.decision import Refusal
from fairhand.people.access import worker_of
from fairhand.people.accounts import begin_to_work
from fairhand.people.audit import note
from fairhand.people.factors import has_second_factor, needs_second_factor
from fairhand.people.keys import is_simulation
from fairhand.people.links import redeem_link
from fairhand.people.models import Account, Portal
from fairhand.people.phone import provider
from fairhand.people.portals import is_member, staff_of
from fairhand.web.access import Roles, personal_page, public, roles_of
from fairhand.web.host import branded
from fairhand.web.refusals import tell
from fairhand.web.signin.pages import words_of

YEAR = 31_536_000
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOT_THIS_MACHINE = Refusal(
    "not_this_machine",
    _("Sign-in links work only in a browser on the machine that runs Fairhand."),
    status=403,
)


@public
def home(request: HttpRequest) -> HttpResponse:
    """What this is, or straight to the work of whoever is signed in."""
    if not isinstance(request.user, Account):
        empty = not Account.objects.exists()
        return render(request, "home.html", {"simulation": is_simulation(), "empty": empty})
    there = _place_of(request.user, roles_of(request.user), branded(request))
    return redirect(there) if there else render(request, "no_role.html")


def _place_of(me: Account, roles: Roles, portal: Portal | None) -> str:
    """Where somebody's day begins; at a portal's host those who run it begin with its people."""
    if portal is not None and staff_of(me, portal) is not None:
        return "portal-home"
    if roles.operator:
        return "operator"
    if roles.requester:
        return "requester"
    if portal is not None and not _belongs(me, portal):
        return "portal-join"
    return "work" if roles.worker else ""


def _belongs(me: Account, portal: Portal) -> bool:
    worker = worker_of(me)
    return worker is not None and is_member(worker, portal)


@public
@sensitive_variables("token")
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a one-time link: a button first, since browsers fetch links ahead."""
    if not _local(request):
        NOT_THIS_MACHINE.fail()
    if request.method != "POST":
        if not is_simulation():
            Refusal("not_found", _("There is nothing here."), status=404).fail()
        return render(request, "enter.html")
    account = redeem_link(token)
    login(request, account, backend=BACKEND)
    note("sign_in", actor=account, account=account, subject="a link of the demonstration")
    return remember_language(redirect("home"), account.language)


@require_POST
@personal_page
def begin(request: HttpRequest, me: Account) -> HttpResponse:
    """Begin to work, for somebody who did something else here before."""
    answer = begin_to_work(me)
    tell(request, answer, _("You may work here from now on."))
    return redirect("work" if answer else "home")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose a language: for this browser, and for the account when signed in."""
    chosen = request.POST.get("language", "")
    if isinstance(request.user, Account) and chosen in dict(settings.LANGUAGES):
        Account.objects.filter(pk=request.user.pk).update(language=chosen)
    response: HttpResponse = set_language(request)
    return response


class AccountForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    """What people may change about themselves."""

    class Meta:
        model = Account
        fields = ("name", "language")
        labels = {"name": _("Name"), "language": _("Language")}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "language": forms.Select(choices=settings.LANGUAGES),
        }


@personal_page
def account(request: HttpRequest, me: Account) -> HttpResponse:
    """Name and language, who can get in, and whether all of that was you."""
    form = AccountForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        form.save()
        with override(me.language):
            messages.success(request, say("Saved."))
        return remember_language(redirect("account"), me.language)
    words = {
        "form": form,
        "worker": getattr(me, "worker", None),
        "second_factor": has_second_factor(me),
        "second_factor_needed": needs_second_factor(me),
        "phones": provider() is not None,
        **words_of(request, me),
    }
    return render(request, "account.html", words)


def remember_language(response: HttpResponse, chosen: str) -> HttpResponse:
    """Let this browser keep a language, in the cookie that Django reads."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR,
        samesite="Lax",
        secure=settings.HTTPS,
        httponly=True,
    )
    return response


def _local(request: HttpRequest) -> bool:
    """Whether the browser is on this machine; behind a proxy nobody can be known to be."""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
