"""How allauth's pages fit this installation."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.accounts import change_password
from fairhand.people.models import Account, Worker
from fairhand.web.access import signed_in
from fairhand.web.home import remember_language

log = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is open only where the operator said so, and makes workers."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return bool(settings.OPEN_SIGNUP)

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, user: Account, form: Any, commit: bool = True
    ) -> Account:
        """Whoever signs up by themselves comes to work; requesters are set up by an operator."""
        account: Account = super().save_user(request, user, form, commit=False)
        account.language = get_language() or "en"
        if commit:
            account.save()
            Worker.objects.create(account=account)
        return account

    def set_password(self, user: Account, password: str) -> None:
        """Change, reset and first choice all come through here; other browsers are signed out."""
        change_password(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, or refuse in a sentence where the mail server is away. Links are never logged."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's own are among them
            log.warning("a mail could not be sent: %s", type(error).__name__)
            sentence = _("The mail could not be sent just now. Please try again later.")
            Refusal("mail_away", sentence, status=503).fail()

    def post_login(self, request: HttpRequest, user: Account, **more: Any) -> HttpResponse:
        """Whoever signs in reads on in their own language."""
        response: HttpResponse = super().post_login(request, user, **more)
        return remember_language(response, signed_in(request).language)
