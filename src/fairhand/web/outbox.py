"""Mails that pages write: into the outbox, with a word on the page when mail is late."""

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from fairhand.people.mail import is_slow, queue_mail
from fairhand.people.models import Account, Mail, MailState
from fairhand.people.notices.words import in_language_of

CODE, LINK = timedelta(minutes=15), timedelta(days=1)  # how long each is worth sending
# What is written where a page then asks for a code, or seems to.
ASKED = ("email_confirmation", "email_confirmation_signup", "account_already_exists")
ON_CODE_PAGE = tuple(f"account.{what}" for what in (*ASKED, "address_wanted"))


def queue_message(
    request: HttpRequest, message: EmailMessage, what: str, context: dict[str, Any]
) -> None:
    """Queue what allauth would have sent: a code or a link, whose words are soon forgotten.

    Whoever asked is told when mail is late, in the same words whether the address is anybody's.
    """
    user = context.get("user")
    subject, text = str(message.subject), str(message.body)
    kind = f"account.{what}"[:40]
    with language_of(message.to[0]):
        framed, html = _framed(subject, text, str(context.get("code", "")))
    queue_mail(
        to=message.to[0],
        subject=subject,
        text=framed,
        html=html,
        kind=kind,
        account=user if isinstance(user, Account) and user.pk else None,
        keep=CODE if "code" in context else LINK,
    )
    if is_slow() and kind not in ON_CODE_PAGE:  # that page says so itself
        late = _("Our mail server is slow just now: the mail may take a while.")
        messages.warning(request, late)


def is_late(email: str) -> bool:
    """Whether what was just written to an address waits for the mail server.

    Only what anybody's address is sent counts, so that the answer does not tell whose it is.
    """
    recent = Mail.objects.filter(to=email, created_at__gt=timezone.now() - CODE)
    waiting = recent.filter(kind__in=ON_CODE_PAGE, state=MailState.WAITING)
    return is_slow() or waiting.exclude(error="").exists()


def language_of(email: str) -> AbstractContextManager[object]:
    """Speak the language of whoever has an address; whoever has no account reads the page's."""
    account = Account.objects.filter(email=email).first()
    return in_language_of(account) if account else nullcontext()


def figures() -> dict[str, object]:
    """What our mails and pages name: this site, and how long codes and links hold."""
    return {
        "site": settings.BASE_URL,
        "host": urlsplit(settings.BASE_URL).netloc,
        "minutes": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT // 60,
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
    }


def _framed(subject: str, text: str, code: str) -> tuple[str, str]:
    """The same words in the layout of all our mails: as text, and as HTML."""
    parts = [part.strip() for part in text.split("\n\n")]
    words = {"subject": subject, "text": text, "parts": parts, "code": code, **figures()}
    plain = render_to_string("mail/plain.txt", words).strip() + "\n"
    return plain, render_to_string("mail/plain.html", words)
