"""Telling people what concerns them: in the house, by mail, on their devices.

`tell` is called by a verb, in the verb's transaction: whoever acts and whoever is told agree on
whether it happened. The mail and the message to a device leave by jobs of the same transaction.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.defer import defer
from fairhand.people.audit import origin
from fairhand.people.mail import queue_mail
from fairhand.people.models import Account, Notice, PushDevice
from fairhand.people.notices.kinds import AT_ONCE, DAILY, KINDS, Group, Kind
from fairhand.people.notices.stopping import stop_address
from fairhand.people.notices.wishes import wish_of
from fairhand.people.notices.words import (
    ORIGIN,
    address,
    in_language_of,
    letter_of,
    said,
    storable,
)

__all__ = ["mail_to", "tell"]


def tell(account: Account, kind: str, *, link: str = "", **params: Any) -> Notice:
    """Tell somebody something, in the caller's transaction.

    `kind` is one of `kinds.KINDS`, whose words name the parameters; an amount is given as Money,
    a role or duty by its name in the code. `link` is a path of this site. What concerns security
    also says from where it was done. Raises ValueError on a kind, parameter or link that cannot be.
    """
    what = _checked(kind, params, link)
    facts = storable(params)
    if what.group == Group.SECURITY:
        facts[ORIGIN] = origin()
    wish = wish_of(account, what)
    daily = settings.SENDS_MAIL and wish.mail == DAILY
    notice = Notice.objects.create(
        account=account, kind=kind, link=link, params=facts, awaits_digest=daily
    )
    if wish.mail == AT_ONCE and settings.SENDS_MAIL:
        _mail(account, what, notice)
    if wish.push:
        for device in PushDevice.objects.filter(account=account).values_list("pk", flat=True):
            defer("push", notice=notice.pk, device=device)
    return notice


def mail_to(to: str, kind: str, *, language: str = "", link: str = "", **params: Any) -> Decision:
    """Write to somebody who may have no account, such as whoever is invited.

    `link` is a path of this site; `language` the reader's, else the current one. Refused where
    the address cannot be one, or where this installation sends no mail. Raises as `tell` does.
    """
    _checked(kind, params, link)
    if not settings.SENDS_MAIL:
        return Refusal("no_mail", _("This installation sends no mail: pass the link on yourself."))
    try:
        validate_email(to)
    except ValidationError:
        return Refusal("not_an_address", _("This is no e-mail address."), status=422)
    known = language in dict(settings.LANGUAGES)
    with override(language if known else get_language()):
        letter = letter_of(said(kind, storable(params)), link=address(link))
    queue_mail(to=to, kind=kind, subject=letter.subject, text=letter.text, html=letter.html)
    return ALLOWED


def _checked(kind: str, params: dict[str, Any], link: str) -> Kind:
    """The kind of this name, if everything that its words need is there."""
    what = KINDS.get(kind)
    if what is None:
        raise ValueError(f"there is no kind of notice {kind}; they are in people.notices.kinds")
    if missing := what.needs - params.keys():
        raise ValueError(f"{kind} needs {', '.join(sorted(missing))}")
    if link and (not link.startswith("/") or link.startswith("//") or "\\" in link):
        raise ValueError(f"{link!r} is no path of this site")
    return what


def _mail(account: Account, kind: Kind, notice: Notice) -> None:
    notice.refresh_from_db(fields=["created_at"])
    stop = "" if kind.fixed else stop_address(account, kind.name)
    with in_language_of(account):
        words = said(kind.name, notice.params, notice.created_at)
        letter = letter_of(words, name=account.name, link=address(notice.link), stop=stop)
    queue_mail(
        to=account.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        stop=stop,
        kind=kind.name,
        account=account,
    )
