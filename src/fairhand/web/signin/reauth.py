"""Proving again who one is, before what matters most."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    is_reauthentication_required,
)
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fairhand.people.keys import is_simulation

P = ParamSpec("P")
SET_UP = _(
    "Set up a passkey, an app for codes or a password first. This page asks you for it, so"
    " that nobody else can change what is here."
)
COME_AGAIN = _("Sign in there once more; then you can go on here.")


def freshly_proven(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page that opens only to who has proven themselves within the last five minutes.

    It stands below the decorator that says whom the page opens to. Whoever has neither a password
    nor a second factor, because they sign in from elsewhere, sets one up first. In a demonstration
    nothing is asked.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if is_reauthentication_required(request, app="fairhand"):
            raise ReauthenticationRequired
        if _has_nothing_to_ask_with(request):
            messages.warning(request, str(SET_UP))
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return guarded


def lately_arrived(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page where somebody sets up what they are asked for from then on.

    Whoever has nothing yet but an account elsewhere has to have come from there within the last
    five minutes: a browser that was left open could otherwise be made somebody else's for good.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        door = _door_elsewhere(request)
        if door is None or _came_lately(request):
            return view(request, *args, **kwargs)
        messages.warning(request, str(COME_AGAIN))
        there = reverse("openid_connect_login", kwargs={"provider_id": door.provider})
        return redirect(f"{there}?{urlencode({'next': request.get_full_path()})}")

    return guarded


def _has_nothing_to_ask_with(request: HttpRequest) -> bool:
    return not get_reauthentication_flows(request.user) and not is_simulation()


def _door_elsewhere(request: HttpRequest) -> SocialAccount | None:
    """The connection by which somebody comes who has nothing else to be asked for."""
    if not request.user.is_authenticated or not _has_nothing_to_ask_with(request):
        return None
    return SocialAccount.objects.filter(user=request.user).order_by("pk").first()


def _came_lately(request: HttpRequest) -> bool:
    told = get_authentication_records(request, request.user)
    times = [record["at"] for record in told if record["method"] == "socialaccount"]
    return bool(times) and time.time() - times[-1] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
