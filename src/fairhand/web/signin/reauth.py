"""Proving again who one is, before what matters most."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")


def freshly_proven(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page that opens only to who has proven themselves within the last five minutes.

    It stands below the decorator that says whom the page opens to. Whoever has neither a password
    nor a second factor signs in from elsewhere, which cannot be asked again from here. In a
    demonstration nothing is asked.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if is_reauthentication_required(request, app="fairhand"):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded
