"""The outbox: a mail is written down with what it tells of, and given to the mail server after.

A mail server that is away loses nothing: a mail waits, is tried again with growing pauses, and is
given up after three days, where operators see it. Sending happens at least once. Between the
server's "250" and our own note of it the process may be killed; then the mail is sent once more,
with the same Message-ID, by which mail programs recognise the second copy.
"""

import logging
import smtplib
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone

from fairhand.kit.defer import defer
from fairhand.people.models import Account, Mail, MailState

log = logging.getLogger(__name__)
KEEP = timedelta(days=3)  # how long a mail is worth sending
# Within a lease nobody else tries the same mail: longer than any exchange with a server takes.
LEASE = timedelta(minutes=10)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
AWAY = "fairhand.mail.away"
AWAY_SECONDS = 30  # after nobody answered, how long no other mail is tried
AT_A_TIME = 200  # how many waiting mails one look takes up
SLOW = timedelta(minutes=2)
PERMANENT = 500
# Kinds of mails with a code or a link that opens something.
SECRET = ("account.", "team.invited")
LONGEST_SUBJECT, LONGEST_ERROR = 200, 300


def queue_mail(
    *,
    to: str,
    subject: str,
    text: str,
    kind: str,
    html: str = "",
    stop: str = "",
    account: Account | None = None,
    keep: timedelta = KEEP,
) -> Mail | None:
    """Write a mail down in the caller's transaction; a job of that transaction sends it.

    `kind` is a kind of notice, or `account.<what>` for a mail with a code or link; the words of
    those, and of invitations, are forgotten however they end. `stop` is the address that ends such
    mails (RFC 8058); `keep` is how long it is worth sending. None where this installation sends no
    mail.
    """
    if not settings.SENDS_MAIL:
        return None
    mail = Mail.objects.create(
        account=account,
        kind=kind,
        to=to,
        subject=one_line(subject)[:LONGEST_SUBJECT],
        text=text,
        html=html,
        stop_url=stop,
        give_up_at=timezone.now() + keep,
    )
    defer("mail", once=_word(mail.pk), mail=mail.pk)
    return mail


def one_line(text: str) -> str:
    """A text without breaks, which would be headers of a mail; other spaces stay as they are."""
    return " ".join(text.replace("\0", "").splitlines()).strip()


def send(pk: int) -> bool:
    """Try to give one waiting mail to the mail server; whether it was taken now.

    Of many who try at once, one moves the time of the next attempt, and only that one sends.
    """
    now = timezone.now()
    due = Mail.objects.filter(pk=pk, state=MailState.WAITING, next_at__lte=now)
    if cache.get(AWAY):
        due.update(next_at=now + timedelta(seconds=AWAY_SECONDS))
        return False
    if due.update(next_at=now + LEASE, attempts=F("attempts") + 1) != 1:
        return False
    mail = Mail.objects.get(pk=pk)
    try:
        _message(mail).send()
    except (OSError, ValueError) as error:  # smtplib's own are OSErrors
        _put_off(mail, error)
        return False
    taken = Mail.objects.filter(pk=pk, state=MailState.WAITING)
    taken.update(state=MailState.SENT, sent_at=timezone.now(), error="", text="", html="")
    return True


def retry_mails() -> int:
    """Take up the mails whose pause is over; returns how many."""
    due = Mail.objects.filter(state=MailState.WAITING, next_at__lte=timezone.now())
    found = list(due.order_by("next_at").values_list("pk", flat=True)[:AT_A_TIME])
    for pk in found:
        defer("mail", once=_word(pk), mail=pk)
    return len(found)


def try_again(pk: int) -> bool:
    """Send a waiting or failed mail now, as an operator asks; False where it has no words left."""
    cache.delete(AWAY)
    now = timezone.now()
    found = Mail.objects.filter(pk=pk).exclude(state=MailState.SENT).exclude(text="")
    keep = now + KEEP
    if found.update(state=MailState.WAITING, next_at=now, give_up_at=keep) != 1:
        return False
    defer("mail", once=_word(pk), mail=pk)
    return True


def is_slow() -> bool:
    """Whether mail is late just now, so that a page can say so before somebody waits in vain."""
    if not settings.SENDS_MAIL:
        return False
    before = timezone.now() - SLOW
    late = Mail.objects.filter(state=MailState.WAITING, attempts__gt=0, created_at__lt=before)
    return bool(cache.get(AWAY)) or late.exists()


def forget_mails(days: int = 90) -> int:
    """Delete mails that ended long ago; returns how many."""
    before = timezone.now() - timedelta(days=days)
    ended = Mail.objects.exclude(state=MailState.WAITING).filter(created_at__lt=before)
    return ended.delete()[0]


def _word(pk: int) -> str:
    """Under which word the job of a mail waits, so that it waits once."""
    return f"mail-{pk}"


def _message(mail: Mail) -> EmailMultiAlternatives:
    """The mail as the server gets it, with the same Message-ID at each attempt."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    number = f"{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}"
    headers = {
        "Message-ID": f"<{number}@{sender.partition('@')[2] or 'localhost'}>",
        "Auto-Submitted": "auto-generated",
    }
    if mail.stop_url:
        headers["List-Unsubscribe"] = f"<{mail.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(mail.subject, mail.text, None, [mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _put_off(mail: Mail, error: Exception) -> None:
    """Write down why it was not sent, and when it is tried again or that it is given up."""
    now = timezone.now()
    told = _told(error)
    log.warning("mail %d was not sent: %s", mail.pk, type(error).__name__)
    if _nobody_answers(error):
        cache.set(AWAY, True, AWAY_SECONDS)
    pause = PAUSES[min(mail.attempts, len(PAUSES)) - 1]
    mine = Mail.objects.filter(pk=mail.pk, state=MailState.WAITING)
    if not _is_final(error) and now + pause < mail.give_up_at:
        mine.update(next_at=now + pause, error=told)
        return
    secret = {"text": "", "html": ""} if mail.kind.startswith(SECRET) else {}
    mine.update(state=MailState.FAILED, error=told, **secret)


def _told(error: Exception) -> str:
    """What to show to an operator: the server's own words, or what kept us from it."""
    code: int | str
    words: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        code, words = type(error).__name__, str(error)
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    clean = "".join(c if c.isprintable() else " " for c in f"{code} {text}")
    return " ".join(clean.split())[:LONGEST_ERROR]


def _is_final(error: Exception) -> bool:
    """Whether the server will never take this mail: its receiver or its content was refused.

    A refused password or sender is the operator's to put right, and the mail is worth keeping.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError)  # no header can be made of it


def _nobody_answers(error: Exception) -> bool:
    """Whether the next mail would wait just as long for nothing."""
    if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
        return isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPAuthenticationError)
    return isinstance(error, OSError)
