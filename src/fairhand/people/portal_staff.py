"""Who runs a portal, whom they invite, and what they see: their own people and no others."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.access import NOT_FOUND
from fairhand.people.audit import note
from fairhand.people.gates import Way, steps, still_open
from fairhand.people.keys import digest_of
from fairhand.people.models import (
    Account,
    Portal,
    PortalInvitation,
    PortalMember,
    PortalStaff,
)
from fairhand.people.portals import STAFF_RIGHTS, PortalRight, staff_for

MOST_DAYS, MOST_USES, MAX_LABEL = 90, 10_000, 120
OPEN_INVITATIONS = 200  # a list that somebody can still read
NO_LABEL = Refusal("no_label", _("Say whom the invitation is for in 1 to 120 letters."), status=422)
NO_DAYS = Refusal("no_days", _("An invitation works for 1 to 90 days."), status=422)
NO_USES = Refusal("no_uses", _("An invitation is for 1 to 10000 people."), status=422)
MANY = Refusal(
    "many_invitations",
    _("There are 200 open invitations already. Withdraw those that nobody needs any more."),
)
LAST_MANAGER = Refusal(
    "last_manager",
    _("This is the portal's last manager. Make somebody else manager first."),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A worker of a portal as its staff see them: no name, no address, no other portal."""

    ref: str
    joined_at: datetime
    done: int
    asked: int


def people_of(portal: Portal, start: int, many: int) -> tuple[list[Person], int]:
    """A part of the portal's own people, newest first, and how many there are in all."""
    rows = PortalMember.objects.filter(portal=portal, left_at=None)
    rows = rows.select_related("worker__account").order_by("-joined_at", "-pk")
    found = []
    for row in rows[start : start + many]:
        asked = steps(row.worker, Way(portal))
        done = len(asked) - len(still_open(asked))
        found.append(Person(row.worker.ref, row.joined_at, done, len(asked)))
    return found, rows.count()


@transaction.atomic
def invite(
    staff: PortalStaff, *, label: str, days: int, uses: int | None
) -> tuple[PortalInvitation, str]:
    """Make an invitation; returns it and the token of its link, which is kept nowhere.

    `uses` is how many people may join by it; None: as many as come. Raises Refused.
    """
    staff = staff_for(staff.account, staff.portal, PortalRight.INVITE)
    label = label.strip()
    if not 0 < len(label) <= MAX_LABEL:
        NO_LABEL.fail()
    if not 0 < days <= MOST_DAYS:
        NO_DAYS.fail()
    if uses is not None and not 0 < uses <= MOST_USES:
        NO_USES.fail()
    if len(open_invitations(staff.portal)) >= OPEN_INVITATIONS:
        MANY.fail()
    token = secrets.token_urlsafe(24)
    made = PortalInvitation.objects.create(
        portal=staff.portal,
        digest=digest_of(token),
        label=label,
        uses_left=uses,
        made_by=staff.account,
        expires_at=timezone.now() + timedelta(days=days),
    )
    told = {"label": label, "uses": uses, "days": days}
    note("portal.invited", actor=staff.account, subject=staff.portal.ref, after=told)
    return made, token


@transaction.atomic
def withdraw_invitation(staff: PortalStaff, number: int) -> bool:
    """Make a link worthless at once; False when somebody was first. Raises Refused."""
    staff = staff_for(staff.account, staff.portal, PortalRight.INVITE)
    found = PortalInvitation.objects.filter(portal=staff.portal, pk=number).first()
    if found is None:
        NOT_FOUND.fail()
    open_still = PortalInvitation.objects.filter(pk=number, withdrawn_at=None)
    if not open_still.update(withdrawn_at=timezone.now()):
        return False
    told = {"label": found.label}
    note("portal.invitation_withdrawn", actor=staff.account, subject=staff.portal.ref, before=told)
    return True


def open_invitations(portal: Portal) -> list[PortalInvitation]:
    """The invitations whose links still work, newest first."""
    found = PortalInvitation.objects.filter(
        portal=portal, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return list(found.exclude(uses_left=0).order_by("-made_at", "-pk"))


def team_of(portal: Portal) -> list[PortalStaff]:
    """Who runs a portal, with their accounts."""
    found = PortalStaff.objects.filter(portal=portal).select_related("account")
    return list(found.order_by("since", "pk"))


@transaction.atomic
def set_staff(portal: Portal, account: Account, role: str, by: Account) -> Decision:
    """Let an account run a portal with this role; with none it does so no more.

    Whoever calls this asked who `by` is: an administrator, or a manager, who can only end it.
    Refused for the last manager, but to an administrator, who is no staff of the portal.
    """
    Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)
    rows = {row.account_id: row for row in PortalStaff.objects.filter(portal=portal)}
    row = rows.get(account.pk)
    before = row.role if row is not None else ""
    if before == role:
        return ALLOWED
    managers = {pk for pk, one in rows.items() if one.role == PortalStaff.Role.MANAGER}
    if managers == {account.pk} and by.pk in rows:
        return LAST_MANAGER
    if role:
        PortalStaff.objects.update_or_create(
            portal=portal, account=account, defaults={"role": PortalStaff.Role(role)}
        )
    else:
        PortalStaff.objects.filter(portal=portal, account=account).delete()
    # What somebody's role let them make ends with it.
    ended = 0 if role in STAFF_RIGHTS[PortalRight.INVITE] else _withdraw_of(portal, account)
    told = {"role": before}, {"role": role, "invitations_withdrawn": ended}
    note(
        "portal.staff_changed",
        actor=by,
        account=account,
        subject=portal.ref,
        before=told[0],
        after=told[1],
    )
    return ALLOWED


def _withdraw_of(portal: Portal, account: Account) -> int:
    """Make the links worthless that somebody made for a portal; returns how many."""
    mine = PortalInvitation.objects.filter(portal=portal, made_by=account, withdrawn_at=None)
    return mine.update(withdrawn_at=timezone.now())
