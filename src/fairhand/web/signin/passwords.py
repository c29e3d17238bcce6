"""What takes more than allauth's own page: where no mail is sent, and the last second factor."""

from typing import Any

from allauth.account import views as accounts
from allauth.account.forms import LoginForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from fairhand.people.models import Account
from fairhand.web.access import personal_page
from fairhand.web.signin.factors import FactorAdapter


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


@personal_page
def email(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Change the address. It holds once the code that is sent there was typed here."""
    del account
    if not settings.SENDS_MAIL:
        return render(request, "account/email_no_mail.html")
    response: HttpResponseBase = accounts.email(request)
    return response


@personal_page
def drop_passkey(request: HttpRequest, account: Account, pk: int) -> HttpResponseBase:
    """Remove a passkey, unless it is the last second factor of somebody who must have one."""
    passkey = get_object_or_404(Authenticator, pk=pk, user=account)
    adapter = FactorAdapter()
    if not adapter.can_delete_authenticator(passkey):
        messages.error(request, str(adapter.error_messages["cannot_delete_authenticator"]))
        return redirect("mfa_list_webauthn")
    response: HttpResponseBase = passkeys.remove_webauthn(request, pk=pk)
    return response
