"""The audit trail: every action on security or money is noted once, with what was before and after.

Where an action came from is known to the surface alone, so the surface says it once for all that
happens within a request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fairhand.people.models import Account, Event, Organisation

_origin: ContextVar[dict[str, str] | None] = ContextVar("origin", default=None)


@contextmanager
def coming_from(**facts: str) -> Iterator[None]:
    """Say where the actions inside the block come from: ip, agent, key, request."""
    before = _origin.set({name: value[:300] for name, value in facts.items() if value})
    try:
        yield
    finally:
        _origin.reset(before)


def note(
    action: str,
    *,
    actor: Account | str,
    account: Account | None = None,
    organisation: Organisation | None = None,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event in the caller's transaction, so that action and event happen both or neither.

    `actor` is an account or `system:<what>`; `account` is the person whom it concerns. `before`
    and `after` hold JSON values and never a secret.
    """
    return Event.objects.create(
        action=action,
        actor=actor if isinstance(actor, str) else actor.ref,
        account=account.ref if account is not None else "",
        organisation=organisation.ref if organisation is not None else "",
        subject=subject,
        origin=_origin.get() or {},
        before=dict(before or {}),
        after=dict(after or {}),
    )
