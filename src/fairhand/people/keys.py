"""API keys: made once, shown once, kept as a digest.

A key of an organisation can never do more than its member: it is made only with scopes that the
member's role can use, and each request asks for the role anew.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.kit.models import Installation
from fairhand.people.access import EXCLUDED, NOT_FOUND, allows, excluded, is_excluded, may
from fairhand.people.audit import note
from fairhand.people.factors import lacking
from fairhand.people.models import Account, ApiKey, Member, Organisation
from fairhand.people.notices import tell
from fairhand.people.rights import OF_SCOPES, Permission, scopes_of

SCOPES = {
    "projects:read": _("see projects, batches and progress"),
    "projects:write": _("make projects and batches, upload tasks, open and close"),
    "results:read": _("download answers and results"),
    "money:read": _("see balances and charges"),
    "work": _("work as the worker whom the key belongs to"),
}
# A key's last use is known to the minute: noting every request would write a row for each.
USE_NOTED_EVERY = timedelta(minutes=1)
# So long a replaced key works on, so that programs can be given the new one without a gap.
REPLACED_WORKS_ON = timedelta(hours=24)
NEEDS_FACTOR = Refusal(
    "second_factor_missing",
    _("The member whose key this is has to set up a second factor first."),
    status=403,
)


def digest_of(secret: str) -> str:
    """What is stored in place of a secret. 160 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_key(
    account: Account,
    *,
    name: str,
    scopes: Iterable[str],
    organisation: Organisation | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which cannot be read again.

    Raises Refused for an excluded account; an unknown scope; a scope that the member's role cannot
    use; and for a worker's key in a live installation: people work in their browser, and only
    demonstrations have workers that are programs.
    """
    if is_excluded(account):
        EXCLUDED.fail()
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
    if organisation is None:
        return _make(account, None, name=name, scopes=wanted, expires_at=expires_at)
    _check_member(account, organisation, wanted)
    key, secret = _make(account, organisation, name=name, scopes=wanted, expires_at=expires_at)
    _noted("key.made", key, actor=account, after=_facts(key))
    tell(account, "security.key_made", name=name)
    return key, secret


@transaction.atomic
def rotate_key(key: ApiKey, actor: Account) -> tuple[ApiKey, str]:
    """Replace a key by a new one with those of its scopes that the member's role can still use.

    The old one works on for a day. Only the member whose key it is can do this, since the new one
    is shown to whoever asks for it. Raises Refused to others, and for a key that was replaced
    before or has ended, and while they are excluded.
    """
    locked = ApiKey.objects.select_for_update().filter(pk=key.pk, account=actor).first()
    if locked is None or locked.organisation is None:
        NOT_FOUND.fail()
    if locked.replaced_by_id is not None:
        Refusal(
            "replaced_already", _("This key was replaced already: use the new one, or revoke both.")
        ).fail()
    if locked.expires_at is not None and locked.expires_at <= timezone.now():
        Refusal("key_ended", _("This key has ended: make a new one.")).fail()
    if is_excluded(actor):
        EXCLUDED.fail()
    role = _check_member(actor, locked.organisation, [])
    kept = [scope for scope in locked.scopes if scope in scopes_of(role)]
    new, secret = _make(
        actor,
        locked.organisation,
        name=locked.name,
        scopes=kept,
        expires_at=locked.expires_at,
    )
    end = timezone.now() + REPLACED_WORKS_ON
    locked.replaced_by = new
    locked.expires_at = end if locked.expires_at is None else min(end, locked.expires_at)
    locked.save(update_fields=["replaced_by", "expires_at"])
    _noted("key.rotated", locked, actor=actor, after={"replaced_by": new.tail})
    tell(actor, "security.key_made", name=new.name)
    return new, secret


@transaction.atomic
def revoke_key(key: ApiKey, actor: Account) -> bool:
    """End a key at once; False when somebody was first.

    Members revoke their own, whoever may change the team everybody's. Raises Refused to others.
    """
    if key.organisation is None:
        NOT_FOUND.fail()
    own = key.account_id == actor.pk
    require(may(actor, key.organisation, Permission.SEE if own else Permission.TEAM))
    owner, facts = key.account, _facts(key)
    gone, _by_model = ApiKey.objects.filter(pk=key.pk).delete()
    if not gone:
        return False
    _noted("key.revoked", key, actor=actor, before=facts)
    tell(owner, "security.key_revoked", name=key.name)
    return True


def keys_of(organisation: Organisation, account: Account | None = None) -> list[ApiKey]:
    """An organisation's keys, newest first; with an account, that member's alone."""
    found = ApiKey.objects.select_related("account", "replaced_by").filter(
        organisation=organisation
    )
    if account is not None:
        found = found.filter(account=account)
    return list(found.order_by("-created_at", "-pk"))


def authenticate(secret: str) -> ApiKey | None:
    """Return the valid key of this secret, with its account and organisation, or None.

    A key of an organisation is valid only while its account is a member, with the role that
    `role_behind` then gives, and opens something only if `may_open` says so; nobody's is valid who
    is excluded. All of it is asked in one query.
    """
    member = Member.objects.filter(
        organisation=OuterRef("organisation"), account=OuterRef("account")
    )
    key = (
        ApiKey.objects.select_related("account", "organisation")
        .annotate(
            role_now=Subquery(member.values("role")),
            lacks_factor=ExpressionWrapper(lacking("account"), BooleanField()),
        )
        .filter(Q(organisation=None) | Q(role_now__isnull=False), digest=digest_of(secret))
        .exclude(excluded("account"))
        .first()
    )
    now = timezone.now()
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def role_behind(key: ApiKey) -> str | None:
    """The role of the member whose key was just recognised, as it was at that moment."""
    role: str | None = getattr(key, "role_now", None)
    return role


def may_open(key: ApiKey) -> Decision:
    """Whether a key that was just recognised opens anything: an organisation's asks of its member
    the second factor that its pages ask for.
    """
    lacks = key.organisation_id is not None and getattr(key, "lacks_factor", True)
    return NEEDS_FACTOR if lacks else ALLOWED


def is_simulation() -> bool:
    """Whether this installation was made for a demonstration or a replay."""
    return Installation.objects.exclude(kind=Installation.Kind.LIVE).exists()


def _make(
    account: Account,
    organisation: Organisation | None,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
) -> tuple[ApiKey, str]:
    secret = "fh_" + secrets.token_hex(20)
    key = ApiKey.objects.create(
        account=account,
        organisation=organisation,
        name=name,
        digest=digest_of(secret),
        tail=secret[-4:],
        scopes=scopes,
        expires_at=expires_at,
    )
    return key, secret


def _check_member(account: Account, organisation: Organisation, scopes: list[str]) -> str:
    """The member's role; the row stays locked until the key is there: nobody leaves in between."""
    member = (
        Member.objects.select_for_update()
        .filter(account=account, organisation=organisation)
        .first()
    )
    role = None if member is None else member.role
    require(allows(role, Permission.KEYS))
    useless = set(scopes) & set(OF_SCOPES) - set(scopes_of(role))
    if useless:
        Refusal(
            "scope_beyond_role",
            _("Your role cannot use the scope “%(scope)s”, so no key of yours can have it."),
            {"scope": min(useless)},
            403,
        ).fail()
    return str(role)


def _facts(key: ApiKey) -> dict[str, object]:
    until = None if key.expires_at is None else key.expires_at.isoformat()
    return {"name": key.name, "tail": key.tail, "scopes": key.scopes, "expires_at": until}


def _noted(action: str, key: ApiKey, *, actor: Account, **facts: Mapping[str, object]) -> None:
    note(
        action,
        actor=actor,
        account=key.account,
        organisation=key.organisation,
        subject=f"key …{key.tail}",
        **facts,
    )
