"""How allauth's pages fit this installation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from fairhand.people.models import Account, Worker
from fairhand.web.access import signed_in
from fairhand.web.home import remember_language


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

    def post_login(self, request: HttpRequest, user: Account, **more: Any) -> HttpResponse:
        """Whoever signs in reads on in their own language."""
        response: HttpResponse = super().post_login(request, user, **more)
        return remember_language(response, signed_in(request).language)
