"""The audit trail: every action on security or money is noted once, with what was before and after.

Where an action came from is known to the surface alone, so the surface says it once for all that
happens within a request. The actions are a closed list; a test compares it with the code, and
another does each action and counts its events.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Account, Event, Organisation

_origin: ContextVar[dict[str, str] | None] = ContextVar("origin", default=None)
LONGEST = 300  # characters of a text inside an event


@dataclass(frozen=True, slots=True)
class Topic:
    """What a group of actions is about, as a filter names it."""

    name: str
    label: str | Promise
    actions: Mapping[str, str | Promise]


# Each sentence is read by the person whom the event concerns.
TOPICS: tuple[Topic, ...] = (
    Topic(
        "signing-in",
        _("Signing in"),
        {
            "sign_in": _("Signed in."),
            "sign_in.failed": _("Somebody tried to sign in and was refused."),
            "second_factor.failed": _("Somebody knew the password but not the code."),
            "recovery_code.used": _("A recovery code was used."),
            "sign_out": _("Signed out."),
            "sessions.ended": _("Other browsers were signed out."),
            "password.wrong": _("A wrong password was typed."),
            "account.made": _("The account was made."),
            "work.begun": _("The account began to work."),
        },
    ),
    Topic(
        "security",
        _("Security"),
        {
            "password.changed": _("The password was changed."),
            "email.changed": _("The e-mail address was changed."),
            "phone.changed": _("The phone number was changed."),
            "factor.added": _("A way to sign in was added."),
            "factor.removed": _("A way to sign in was removed."),
            "recovery_codes.made": _("New recovery codes were made."),
        },
    ),
    Topic(
        "keys",
        _("Keys for programs"),
        {
            "key.made": _("A key for programs was made."),
            "key.rotated": _("A key for programs was replaced."),
            "key.revoked": _("A key for programs was revoked."),
        },
    ),
    Topic(
        "team",
        _("Team"),
        {
            "organisation.made": _("An organisation was made."),
            "organisation.changed": _("The settings of an organisation were changed."),
            "organisation.transferred": _("An organisation was handed to another owner."),
            "member.invited": _("Somebody was invited to the organisation."),
            "invitation.withdrawn": _("An invitation was withdrawn."),
            "member.joined": _("Somebody joined the organisation."),
            "member.left": _("A member left the organisation."),
            "member.removed": _("A member was removed from the organisation."),
            "member.role_changed": _("The role of a member was changed."),
        },
    ),
    Topic(
        "money",
        _("Money"),
        {
            "deposit.booked": _("Money that had arrived was booked."),
            "batch.funded": _("Money was reserved for a batch."),
            "destination.changed": _("The account to be paid to was changed."),
            "payer.changed": _("The account that workers are paid from was changed."),
            "terms.changed": _("What a portal keeps, or when it pays, was changed."),
            "payout.prepared": _("A payout was prepared."),
            "payout.sent": _("A payout was given to the bank."),
            "payout.cancelled": _("A payout was stopped."),
            "payout.confirmed": _("A payout was booked as paid."),
            "payout.bounced": _("A payment came back from the bank."),
        },
    ),
    Topic(
        "decisions",
        _("Decisions"),
        {
            "restriction.lifted": _("A restriction was lifted."),
            "standing.suspended": _("The account was suspended from work for a time."),
            "standing.lifted": _("The suspension was lifted early."),
            "standing.ended": _("The time of the suspension was over."),
            "standing.closed": _("The account was excluded from work."),
            "standing.reopened": _("The account may work again."),
            "standing.closed_own": _("The account was closed for work by its person."),
            "standing.reopened_own": _("The account was opened for work again by its person."),
            "appeal.opened": _("A decision was contested."),
            "appeal.withdrawn": _("An appeal was taken back."),
            "appeal.decided": _("An appeal was decided."),
            "appeal.lapsed": _("Nobody answered an appeal in time: it was decided for the person."),
            "appeal.seen": _("What was sent with an appeal was looked at."),
        },
    ),
    Topic(
        "profile",
        _("Profile"),
        {
            "profile.changed": _("Something in the profile was told, changed or withdrawn."),
            "consent.given": _("A consent was given."),
            "consent.withdrawn": _("A consent was taken back."),
        },
    ),
    Topic(
        "agreements",
        _("Agreements"),
        {
            "agreement.published": _("A new version of an agreement was published."),
            "agreement.ended": _("An agreement is asked of nobody any more."),
            "agreement.signed": _("An agreement was signed."),
        },
    ),
    Topic(
        "identity",
        _("Identity"),
        {
            "identity.sent": _("What proves an identity was sent."),
            "identity.withdrawn": _("An identity check ended without a decision."),
            "identity.looked": _("An operator looked at a picture that was shown."),
            "identity.voted": _("An operator said what they think of an identity check."),
            "identity.verified": _("The identity was proven."),
            "identity.rejected": _("The identity was not proven."),
            "identity.overturned": _("The identity is proven after an appeal."),
            "identity.expired": _("The proof of identity ended."),
            "identity.forgotten": _("Pictures that prove an identity were deleted."),
            "sameness.seen": _("Two accounts share a trace; people look at it."),
            "sameness.decided": _("An operator decided whether two accounts belong to one person."),
            "vault.rotated": _("Pictures were sealed with a new key."),
        },
    ),
    Topic(
        "data",
        _("Data"),
        {
            "data.asked": _("An archive of all data was asked for."),
            "data.fetched": _("An archive of all data was downloaded."),
            "account.deletion_asked": _("The account is to be deleted."),
            "account.deletion_cancelled": _("The account is kept after all."),
            "account.deleted": _("The account was deleted."),
        },
    ),
    Topic(
        "operators",
        _("Operators"),
        {
            "duties.changed": _("The duties of an operator were changed."),
            "approval.asked": _("An operator asked a second one to approve an action."),
            "approval.approved": _("A second operator approved an action."),
            "approval.refused": _("A second operator refused an action."),
            "approval.withdrawn": _("An operator took back what they had asked."),
            "approval.expired": _("Nobody decided on an action in time."),
            "sign_in_service.added": _("People may sign in from another site."),
            "sign_in_service.removed": _("People may no longer sign in from another site."),
            "portal_site.added": _("A site may know people by their account here."),
            "portal_site.removed": _("A site may no longer know people by their account here."),
        },
    ),
    Topic(
        "portals",
        _("Portals"),
        {
            "portal.made": _("A portal was made."),
            "portal.changed": _("The settings of a portal were changed."),
            "portal.closed": _("A portal was closed."),
            "portal.reopened": _("A portal was opened again."),
            "portal.staff_changed": _("Who runs a portal was changed."),
            "portal.invited": _("An invitation to a portal was made."),
            "portal.invitation_withdrawn": _("An invitation to a portal was withdrawn."),
            "portal.joined": _("The account joined a portal."),
            "portal.left": _("The account left a portal."),
        },
    ),
)
ACTIONS: dict[str, str | Promise] = {
    action: sentence for topic in TOPICS for action, sentence in topic.actions.items()
}


@contextmanager
def coming_from(**facts: str) -> Iterator[None]:
    """Say where the actions inside the block come from: ip, agent, key, request.

    A block within another adds to what that one said.
    """
    inner = {name: _clean(value) for name, value in facts.items() if value}
    before = _origin.set({**(_origin.get() or {}), **inner})
    try:
        yield
    finally:
        _origin.reset(before)


@contextmanager
def coming_from_nowhere() -> Iterator[None]:
    """Say nothing of where from: an operator's address is not for the person whom they help."""
    before = _origin.set({})
    try:
        yield
    finally:
        _origin.reset(before)


def also_from(**facts: str) -> None:
    """Add to where this request comes from, once it is known: the tail of its key."""
    found = _origin.get()
    if found is not None:
        found.update({name: _clean(value) for name, value in facts.items() if value})


def origin() -> dict[str, str]:
    """Where what happens now comes from; empty outside a request."""
    return dict(_origin.get() or {})


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
    and `after` hold JSON values and never a secret. Raises ValueError on an action that is not on
    the list: that is a fault in the code.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} is no action of the audit trail")
    event = Event(
        action=action,
        actor=actor if isinstance(actor, str) else actor.ref,
        account=account.ref if account is not None else "",
        organisation=organisation.ref if organisation is not None else "",
        subject=_clean(subject)[:80],
        origin=origin(),
        before=_clean(dict(before or {})),
        after=_clean(dict(after or {})),
    )
    _add(event)
    return event


def _add(event: Event) -> None:
    """The one place where the trail grows; tests drop events here to see whether that is seen."""
    event.save(force_insert=True)


def _clean(value: Any) -> Any:
    """A value whose texts are of one line and bounded: nobody writes a second event into one."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() else " " for c in value[:LONGEST])
    if isinstance(value, Mapping):
        return {_clean(str(name)): _clean(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [_clean(inner) for inner in value]
    return value
