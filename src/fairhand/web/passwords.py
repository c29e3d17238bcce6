"""A forgotten password: a link by mail, or whom to ask where no mail is sent."""

from typing import Any

from allauth.account import views as accounts
from allauth.account.forms import LoginForm
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's, which offers a new password only where it can be sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.SENDS_MAIL:
            self.fields["password"].help_text = ""


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """Send a link to choose a new password. No link is made where it could not be sent."""
    if not settings.SENDS_MAIL:
        return render(request, "account/password_reset_no_mail.html")
    response: HttpResponseBase = accounts.password_reset(request)
    return response
