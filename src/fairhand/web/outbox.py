"""Mails that pages write: into the outbox, with a word on the page when mail is late."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from fairhand.people.mail import is_slow, queue_mail
from fairhand.people.models import Account

CODE, LINK = timedelta(minutes=15), timedelta(days=1)  # how long each is worth sending
HTML = "text/html"


def queue_message(
    request: HttpRequest, message: EmailMessage, what: str, context: dict[str, Any]
) -> None:
    """Queue what allauth would have sent: a code or a link, whose words are soon forgotten.

    Whoever asked is told when mail is late, in the same words whether the address is anybody's.
    """
    user = context.get("user")
    html = [str(body) for body, kind in getattr(message, "alternatives", ()) if kind == HTML]
    text = str(message.body)
    queue_mail(
        to=message.to[0],
        subject=str(message.subject),
        text=text,
        html=html[0] if html else _dressed(str(message.subject), text),
        kind=f"account.{what}"[:40],
        account=user if isinstance(user, Account) and user.pk else None,
        keep=CODE if "code" in context else LINK,
    )
    if is_slow():
        late = _("Our mail server is slow just now: the mail may take a while.")
        messages.warning(request, late)


def _dressed(subject: str, text: str) -> str:
    """The same words in the layout of all our mails."""
    words = {"subject": subject, "text": text, "site": settings.BASE_URL}
    return render_to_string("mail/plain.html", words)
