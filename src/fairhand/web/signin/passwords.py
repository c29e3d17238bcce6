"""What takes more than allauth's own page: where no mail is sent, and the last second factor."""

from typing import Any

from allauth.account import views as accounts
from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from fairhand.people.models import Account
from fairhand.web.access import personal_page
from fairhand.web.outbox import figures, is_late
from fairhand.web.requester.joining import is_invited
from fairhand.web.signin.factors import FactorAdapter
from fairhand.web.signin.forms import Named
from fairhand.web.signin.reauth import freshly_proven


class SignInForm(Named, LoginForm):  # type: ignore[misc]
    """allauth's, which offers a new password only where it can be sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.SENDS_MAIL:
            self.fields["password"].help_text = ""


class ChangeForm(Named, ChangePasswordForm):  # type: ignore[misc]
    """allauth's; guesses of the old password count as they do at sign-in, and leave the same trace.

    A session that was left open would otherwise tell its finder the password.
    """

    def clean_oldpassword(self) -> str:
        old: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, old):
            raise get_adapter().validation_error("enter_current_password")
        return old


def sign_up(request: HttpRequest) -> HttpResponseBase:
    """Make an account: to work here, or to accept an invitation."""
    words = {"invited": is_invited(request)}
    response: HttpResponseBase = accounts.SignupView.as_view(extra_context=words)(request)
    return response


class CodePage(accounts.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    """Where the mailed code is typed. It says when the mail is late, whenever it is looked at."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        words: dict[str, Any] = super().get_context_data(**named)
        return {**words, **figures(), "late": is_late(words["email"])}


def code(request: HttpRequest) -> HttpResponseBase:
    """Type the code that was mailed. Where no mail is sent, nobody is asked for one."""
    if not settings.SENDS_MAIL:
        return redirect("account_login")
    response: HttpResponseBase = CodePage.as_view()(request)
    return response


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """Send a link to choose a new password. No link is made where it could not be sent."""
    if not settings.SENDS_MAIL:
        return render(request, "account/password_reset_no_mail.html")
    response: HttpResponseBase = accounts.password_reset(request)
    return response


@personal_page
@freshly_proven
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
