"""How allauth's pages fit this installation."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.manage_email import assess_unique_email
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import respond_429
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.people.accounts import change_password
from fairhand.people.audit import note
from fairhand.people.gates import changed_for_account
from fairhand.people.keys import is_simulation
from fairhand.people.models import Account, Worker
from fairhand.people.notices import tell
from fairhand.people.phone import account_of_phone, keep_phone, send_code
from fairhand.web.access import signed_in
from fairhand.web.home import remember_language
from fairhand.web.limits import GUESSES, MAILED_CODES, forget, take
from fairhand.web.outbox import figures, language_of, queue_message
from fairhand.web.portal.joining import joined_by_signing_up, lets_sign_up
from fairhand.web.requester.joining import is_invited
from fairhand.web.signin.changes import CHANGES
from fairhand.web.signin.forms import WRONG
from fairhand.web.signin.known import device_of, mark_of, remember_device

LINKS = ("password_reset_url", "signup_url", "activate_url")  # as allauth calls them
# Mails with a code for an address, and those that stand for one where it is somebody's.
CODES = ("email_confirmation", "email_confirmation_signup", "account_already_exists")


def _at_our_own(link: str) -> str:
    """A link in a mail at the installation's own address, whatever host its page was asked at.

    The host and port of a request are what its sender says; what they say is mailed to nobody.
    """
    parts = urlsplit(link)
    return settings.BASE_URL + urlunsplit(("", "", parts.path, parts.query, parts.fragment))


def warn_of_guessing(account: Account | None) -> None:
    """Tell somebody once a day that others try to get in."""
    kind, today = "security.guessing", timezone.now() - timedelta(days=1)
    if account is None or account.notices.filter(kind=kind, created_at__gt=today).exists():
        return
    tell(account, kind, link="/account/trail")


def ways_in(request: HttpRequest, account: Account) -> list[str]:
    """By what somebody proved who they are in this session, as the trail tells it."""
    found = get_authentication_records(request, account)
    return list(dict.fromkeys(str(one.get("type") or one["method"]) for one in found)) or ["email"]


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is open only where the operator said so, and makes workers."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        **WRONG,
        "too_many_login_attempts": _("That was too often. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Also to whoever came by an invitation, which would be worth nothing otherwise.

        An invitation for one address makes an account for that address alone. A portal that is
        open to strangers, or whose invitation somebody has, lets them in at its own host.
        """
        if settings.OPEN_SIGNUP or is_invited(request, request.POST.get("email", "")):
            return True
        return lets_sign_up(request)

    def reauthenticate(self, user: Account, password: str) -> bool:
        """Whether this is the password of whoever is signed in: counted and noted as at sign-in."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, user: Account, form: Any, commit: bool = True
    ) -> Account:
        """Whoever signs up by themselves comes to work, and whoever was invited to ask."""
        account: Account = super().save_user(request, user, form, commit=False)
        account.language = get_language() or "en"
        if commit:
            account.save()
            if not is_invited(request, account.email):
                joined_by_signing_up(request, Worker.objects.create(account=account))
            note("account.made", actor=account, account=account)
        return account

    def set_password(self, user: Account, password: str) -> None:
        """Change, reset and first choice all come through here; other browsers are signed out."""
        change_password(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write a mail into the outbox: a mail server that is away makes it late, not lost."""
        what = template_prefix.rpartition("/")[2]
        whose = {"email": email.lower()}
        if what in CODES and not take(self.request, "mailed_code", MAILED_CODES, **whose):
            raise ImmediateHttpResponse(respond_429(self.request))
        site = get_current_site(self.request)
        words = {"request": self.request, "email": email, "current_site": site, **context}
        words |= {name: _at_our_own(words[name]) for name in LINKS if words.get(name)}
        with language_of(email):
            message = self.render_mail(template_prefix, email, words | figures())
        queue_message(self.request, message, what, words)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Account,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Every change to who can get in comes by here: it is noted, and the person is told.

        An address that is no longer the account's hears by a mail of its own, because notices go
        to the new one.
        """
        change = CHANGES[template_prefix]
        told = context or {}
        if change.action:
            after = {name: str(told[name]) for name in told if name in {"from_email", "to_email"}}
            note(change.action, actor=user, account=user, subject=change.subject, after=after)
        changed_for_account(user.pk)
        if change.notice:
            tell(user, change.notice, link="/account", **change.params(told))
        if email and settings.SENDS_MAIL:
            super().send_notification_mail(template_prefix, user, context, email)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a password before it is looked at; a right one is taken back by allauth."""
        email = str(credentials.get("email", "")).strip().lower()
        account = Account.objects.filter(email=email).first()
        device = device_of(request, account)
        name = "password_known" if device else "password"
        self._login_failed_rl_usage = take(request, name, GUESSES[name], device=device, email=email)
        if self._login_failed_rl_usage is None:
            warn_of_guessing(account)
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password in the trail of whom it was tried on.

        For an address that is nobody's the same is done and undone, so that both take as long.
        """
        email = str(credentials.get("email", "")).strip().lower()
        account = Account.objects.filter(email=email).first()
        with transaction.atomic():
            if account is not None and request.user == account:
                note("password.wrong", actor=account, account=account)
            else:
                note("sign_in.failed", actor="system:sign-in", account=account)
            if account is None:
                transaction.set_rollback(True)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **named: Any) -> None:
        """Whoever has just chosen a new password by mail may use it at once."""
        forget(request, "password", GUESSES["password"], email=str(named.get("email", "")).lower())

    def post_login(self, request: HttpRequest, user: Account, **more: Any) -> HttpResponse:
        """Whoever signs in reads on in their own language, in a browser that is known from now."""
        response: HttpResponse = super().post_login(request, user, **more)
        account = signed_in(request)
        note("sign_in", actor=account, account=account, after={"by": ways_in(request, account)})
        if not device_of(request, account):
            remember_device(response, account, mark=mark_of(request))
            if not more.get("signup"):
                tell(account, "security.new_browser", link="/account/browsers")
        return remember_language(response, account.language)

    def logout(self, request: HttpRequest) -> None:
        account = request.user
        super().logout(request)
        if isinstance(account, Account):
            note("sign_out", actor=account, account=account)

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """A demonstration's accounts have nothing to prove themselves with, and nothing to lose."""
        return bool(super().is_reauthentication_required(app=app, **more)) and not is_simulation()

    def send_account_already_exists_mail(self, email: str) -> None:
        """Take as long as making the account would have: its password had been sealed, too."""
        make_password(context.request.POST.get("password1", ""))
        super().send_account_already_exists_mail(email)

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """A code goes to an address that is nobody else's; its owner reads that it was wanted."""
        address = emailconfirmation.email_address
        if assess_unique_email(address.email, user=address.user) is True:
            super().send_confirmation_mail(request, emailconfirmation, signup)
        else:
            self.send_mail("account/email/address_wanted", address.email, {})

    # --- phone numbers -------------------------------------------------------------------------

    def set_phone(self, user: Account, phone: str, verified: bool) -> None:
        if verified:
            keep_phone(user, phone)

    def get_phone(self, user: Account) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone and user.phone_verified_at else None

    def set_phone_verified(self, user: Account, phone: str) -> None:
        keep_phone(user, phone)

    def get_user_by_phone(self, phone: str) -> Account | None:
        return account_of_phone(phone)

    def send_verification_code_sms(
        self, user: Account, phone: str, code: str, **_more: Any
    ) -> None:
        send_code(user, phone, code)
