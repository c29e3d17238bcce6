"""How people wish to be told of each kind of thing."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.models import Account, Notice, Preference
from fairhand.people.notices.kinds import AT_ONCE, DAILY, KINDS, Kind

ALWAYS = Refusal(
    "always_mailed",
    _("What concerns your security, and decisions about you, always reach you by mail."),
    status=422,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """By mail at once, daily or never; and whether on one's devices."""

    mail: Preference.Mail
    push: bool


def _default(kind: Kind) -> Wish:
    return Wish(kind.mail, kind.push)


def _held(kind: Kind, found: Preference) -> Wish:
    """What somebody wished, as far as it is theirs to wish."""
    return Wish(AT_ONCE if kind.fixed else Preference.Mail(found.mail), found.push)


def wish_of(account: Account, kind: Kind) -> Wish:
    """How this person is told of this kind."""
    found = Preference.objects.filter(account=account, kind=kind.name).first()
    return _default(kind) if found is None else _held(kind, found)


def wishes_of(account: Account) -> dict[str, Wish]:
    """How this person is told of every kind there is."""
    kept = {found.kind: found for found in Preference.objects.filter(account=account)}
    return {
        name: _held(kind, kept[name]) if name in kept else _default(kind)
        for name, kind in KINDS.items()
    }


@transaction.atomic
def wish_for(account: Account, kind: str, *, mail: Preference.Mail, push: bool) -> Decision:
    """Keep a wish; it holds for what happens from now on, and for what waits for the daily mail.

    Refused where mail of the kind cannot be ended. Raises KeyError on an unknown kind.
    """
    what = KINDS[kind]
    if what.fixed and mail != AT_ONCE:
        return ALWAYS
    Preference.objects.update_or_create(
        account=account, kind=kind, defaults={"mail": mail, "push": push}
    )
    if mail != DAILY:
        waiting = Notice.objects.filter(account=account, kind=kind, awaits_digest=True)
        waiting.update(awaits_digest=False)
    return ALLOWED
