"""Ending a kind of mail by the link inside it, without signing in (RFC 8058)."""

from django.conf import settings
from django.core import signing
from django.db import transaction

from fairhand.people.models import Account
from fairhand.people.notices.kinds import DAILY, KINDS, NEVER
from fairhand.people.notices.wishes import wish_for, wishes_of

SALT = "fairhand.notices.stop"
DIGEST = "digest"


def stop_address(account: Account, kind: str) -> str:
    """The address whose button ends this kind of mail for this person; `digest` for the daily one.

    It is signed and has no end: a mail may be read years later. It can do nothing else.
    """
    token = signing.dumps([account.ref, kind], salt=SALT, compress=False)
    return f"{settings.BASE_URL}/notices/stop/{token}"


def read_stop(token: str) -> tuple[Account, str] | None:
    """Whose mail of which kind a link would end; None where the link was not made here."""
    try:
        ref, kind = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    account = Account.objects.filter(ref=ref).first()
    known = kind == DIGEST or (kind in KINDS and not KINDS[kind].fixed)
    return (account, kind) if account is not None and known else None


@transaction.atomic
def stop(account: Account, kind: str) -> None:
    """Send this person no more mail of a kind, or nothing more that would come daily."""
    wishes = wishes_of(account)
    ended = [kind] if kind != DIGEST else [n for n, wish in wishes.items() if wish.mail == DAILY]
    for name in ended:
        wish_for(account, name, mail=NEVER, push=wishes[name].push)
