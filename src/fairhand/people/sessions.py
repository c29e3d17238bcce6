"""Sessions in the database that know their account (Django's documented way to extend them)."""

import time
from datetime import timedelta
from threading import Lock
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import Q
from django.utils import timezone
from django.utils.http import base36_to_int

from fairhand.people.models import Account, Session

# When somebody was last seen is known to the minute: noting each request would write a row for it.
SEEN_EVERY = 60.0
REMEMBERED = 10_000

_seen: dict[tuple[str, str], float] = {}
_lock = Lock()


class SessionStore(DatabaseStore):
    """Django's database sessions with the account in a column of its own."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.pending_id = _waiting(data)
        return row

    def save(self, must_create: bool = False) -> None:
        """Store the session. A later save leaves alone when and from where it began."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        changed = Session.objects.filter(pk=row.pk).update(
            session_data=row.session_data,
            expire_date=row.expire_date,
            account=row.account_id,
            pending=row.pending_id,
        )
        if not changed:
            raise UpdateError


def see(key: str, *, ip: str, agent: str) -> None:
    """Note when and from where a signed-in browser was last seen, at most once a minute."""
    now = time.monotonic()
    with _lock:
        if now - _seen.get((key, ip), -SEEN_EVERY) < SEEN_EVERY:
            return
        if len(_seen) >= REMEMBERED:
            _seen.clear()
        _seen[key, ip] = now
    at = timezone.now()
    known = Session.objects.filter(session_key=key, account__isnull=False)
    stale = Q(seen_at=None) | Q(seen_at__lt=at - timedelta(seconds=SEEN_EVERY)) | ~Q(ip=ip or None)
    if not known.filter(stale).update(seen_at=at, ip=ip or None, agent=agent):
        with _lock:  # not signed in yet: the next request may be
            _seen.pop((key, ip), None)


def sessions_of(account: Account) -> list[Session]:
    """The browsers in which an account is signed in, the last seen first."""
    held = Session.objects.filter(account=account, expire_date__gt=timezone.now())
    return sorted(held, key=lambda one: one.seen_at or one.created_at, reverse=True)


def end_sessions(account: Account, *, but: str = "", only: str = "") -> int:
    """End an account's sessions, but for one, or only one; returns how many were ended.

    A half-finished sign-in ends with them, and is not counted: it was no browser that was in.
    """
    held = Session.objects.filter(account=account)
    if not only:
        Session.objects.filter(pending=account).exclude(session_key=but).delete()
    if but:
        held = held.exclude(session_key=but)
    if only:
        held = held.filter(session_key=only)
    return held.delete()[0]


def _waiting(data: dict[str, Any]) -> int | None:
    """Whose sign-in waits in a session, as allauth stashes it; nobody's for a made-up address."""
    stashed = data.get(LOGIN_SESSION_KEY)
    key = stashed.get("user_pk") if isinstance(stashed, dict) else None
    return base36_to_int(key) if key else None
