"""API keys: made once, shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.models import Installation
from fairhand.people.models import Account, ApiKey, Organisation

SCOPES = {
    "projects:read": _("see projects, batches and progress"),
    "projects:write": _("make projects and batches, upload tasks, open and close"),
    "results:read": _("download answers and results"),
    "money:read": _("see balances and charges"),
    "work": _("work as the worker whom the key belongs to"),
}
# A key's last use is known to the minute: noting every request would write a row for each.
USE_NOTED_EVERY = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    """What is stored in place of a secret. 160 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_key(
    account: Account,
    *,
    name: str,
    scopes: Iterable[str],
    organisation: Organisation | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which cannot be read again.

    Raises Refused for an unknown scope, and for a worker's key in a live installation: people work
    in their browser, and only demonstrations have workers that are programs.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        Refusal(
            "unknown_scope", _("There is no scope “%(scope)s”."), {"scope": unknown[0]}, 422
        ).fail()
    if "work" in wanted and not is_simulation():
        Refusal(
            "live_installation",
            _("Workers' keys exist only in an installation made for a demonstration or a replay."),
            status=403,
        ).fail()
    secret = "fh_" + secrets.token_hex(20)
    key = ApiKey.objects.create(
        account=account,
        organisation=organisation,
        name=name,
        digest=digest_of(secret),
        tail=secret[-4:],
        scopes=wanted,
        expires_at=expires_at,
    )
    return key, secret


def authenticate(secret: str) -> ApiKey | None:
    """Return the valid key of this secret, with its account and organisation, or None."""
    key = (
        ApiKey.objects.select_related("account", "organisation")
        .filter(digest=digest_of(secret), account__is_active=True)
        .first()
    )
    now = timezone.now()
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def is_simulation() -> bool:
    """Whether this installation was made for a demonstration or a replay."""
    return Installation.objects.exclude(kind=Installation.Kind.LIVE).exists()
