"""Portals: which one has this host name, who belongs to it, and who runs it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import MD5
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.kit.lifecycle import record
from fairhand.people.access import NOT_FOUND, is_excluded
from fairhand.people.audit import note
from fairhand.people.gates import changed_for
from fairhand.people.models import (
    Account,
    Portal,
    PortalInvitation,
    PortalMember,
    PortalStaff,
    Worker,
)
from fairhand.people.standing import may_work

KIND = "portal"  # how history names who came and went
UNKNOWN_HOST = Refusal(
    "unknown_host",
    _(
        "Nobody here has the address %(host)s. If somebody sent you here, give nobody money or "
        "your password, and ask at the official address of the site that you know."
    ),
    status=421,
)
CLOSED = Refusal("portal_closed", _("This portal is closed. Nobody can join it any more."), {}, 410)
INVITED_ONLY = Refusal(
    "portal_invited_only",
    _("Who joins here needs an invitation. Ask whoever told you about this portal for its link."),
    status=403,
)
UNKNOWN_INVITATION = Refusal(
    "portal_invitation_unknown",
    _("There is no such invitation to this portal. Ask who sent it to you for a new one."),
    status=404,
)
WITHDRAWN = Refusal(
    "portal_invitation_withdrawn",
    _("This invitation was withdrawn. Ask who sent it to you."),
    status=410,
)
EXPIRED = Refusal(
    "portal_invitation_expired",
    _("This invitation is over. Ask who sent it to you for a new one."),
    status=410,
)
USED_UP = Refusal(
    "portal_invitation_used_up",
    _("As many people as it was made for have used this invitation. Ask for a new one."),
    status=410,
)
MAY_NOT_WORK = Refusal(
    "may_not_work", _("Your account may not work now, so it cannot join a portal."), status=403
)
CLOSED_HOST = Refusal(
    "portal_closed",
    _(
        "This portal is closed. What you earned there stays yours and is paid: sign in at %(site)s "
        "to see it."
    ),
    status=421,
)
NOT_A_MEMBER = Refusal("not_a_member", _("You do not belong to this portal. Nothing was changed."))
NOT_STAFF = Refusal(
    "portal_role_lacks_right",
    _("Your role in this portal does not let you do this: ask its manager."),
    status=403,
)


class PortalRight(StrEnum):
    """A part of what a portal's staff do."""

    SEE = "see"
    INVITE = "invite"
    STAFF = "staff"


RIGHT_MEANING = {
    PortalRight.SEE: _("see the portal's own people and totals"),
    PortalRight.INVITE: _("make invitations and withdraw them"),
    PortalRight.STAFF: _("say who else runs the portal"),
}
STAFF_NAMES = {
    PortalStaff.Role.MANAGER: _("Manager"),
    PortalStaff.Role.SUPPORT: _("Support"),
}
STAFF_RIGHTS: Mapping[PortalRight, frozenset[str]] = {
    PortalRight.SEE: frozenset(PortalStaff.Role),
    PortalRight.INVITE: frozenset({PortalStaff.Role.MANAGER}),
    PortalRight.STAFF: frozenset({PortalStaff.Role.MANAGER}),
}


@dataclass(slots=True)
class _Doors:
    """The open portals by host name, and the host names of closed ones, read a moment ago.

    Every request asks for them, so they are kept for `settings.PORTALS_KEPT_SECONDS`. Whatever must
    hold at once (a portal that closes) is asked of the database where it matters: see `is_member`.
    """

    portals: Mapping[str, Portal]
    closed: frozenset[str] = frozenset()
    until: float = 0.0

    def read(self) -> Mapping[str, Portal]:
        now = time.monotonic()
        if now >= self.until:
            mark = MD5("logo", output_field=models.CharField())
            # The own site has no door that could be shut: its steps are asked as long as it stands.
            open_ones = Portal.objects.filter(Q(closed_at=None) | Q(host=""))
            found = open_ones.defer("logo").annotate(logo_mark=mark)
            shut = Portal.objects.exclude(closed_at=None).exclude(host="")
            self.closed = frozenset(shut.values_list("host", flat=True))
            # Another thread reads the same a moment later: no lock is worth that.
            self.portals = {portal.host: portal for portal in found}
            self.until = now + settings.PORTALS_KEPT_SECONDS
        return self.portals


_doors = _Doors({})


def forget_doors() -> None:
    """Read the portals anew for the next request of this process; others follow in seconds."""
    _doors.until = 0.0


def is_own(host: str) -> bool:
    """Whether a host name is the installation's own (FAIRHAND_HOSTS); no database is asked."""
    return _is_own(host, tuple(settings.ALLOWED_HOSTS))


@lru_cache(maxsize=256)
def _is_own(host: str, own: tuple[str, ...]) -> bool:
    name, _port = split_domain_port(host)
    return bool(name) and validate_host(name, own)


def portal_named(host: str) -> Portal | None:
    """The open portal that has exactly this host name; it may have a port and capital letters."""
    return _doors.read().get(_name(host)) if _name(host) else None


def portal_at(host: str) -> Portal | None:
    """The portal with this host name; where none has it, the installation's own, if it is set up.

    `host` may have a port and capital letters.
    """
    found = _doors.read()
    return found.get(_name(host)) or found.get("")


def door_at(host: str) -> Portal | None:
    """The portal through which a request with this Host header comes, for what runs before Django.

    None: the installation's own site, not set up. Raises Refused for a host that nobody has; one
    that is not said at all counts as our own, since only programs leave it out.
    """
    found = _doors.read()
    portal = found.get(_name(host)) or found.get("")
    if host and not (portal is not None and portal.host) and not is_own(host):
        unknown_host(host).fail()
    return portal


def unknown_host(host: str) -> Refusal:
    """What somebody hears at a host name that nobody has, or whose portal closed."""
    _doors.read()
    if _name(host) in _doors.closed:
        told = {"site": settings.BASE_URL}
        return Refusal(CLOSED_HOST.code, CLOSED_HOST.message, told, CLOSED_HOST.status)
    said = "".join(c for c in host[:80] if c.isprintable())
    return Refusal(UNKNOWN_HOST.code, UNKNOWN_HOST.message, {"host": said}, UNKNOWN_HOST.status)


def _name(host: str) -> str:
    """A host name without its port, in small letters; empty for what is none."""
    return split_domain_port(host)[0]


def is_member(worker: Worker, portal: Portal) -> bool:
    """Whether a worker joined this portal and it is open; the own site needs no joining."""
    if not portal.host:
        return True
    mine = PortalMember.objects.filter(portal=portal, worker=worker, left_at=None)
    return mine.filter(portal__closed_at=None).exists()


def portal_refs(numbers: Iterable[int]) -> dict[int, str]:
    """The references of the portals with these numbers, whatever host they have today."""
    return dict(Portal.objects.filter(pk__in=set(numbers)).values_list("pk", "ref"))


def number_of(portal: Portal | None) -> int:
    """How pages and enrolments name the portal that they were taken through.

    0 is the installation's own site, whether it is set up or not: so setting it up changes nothing
    about pages that are held, and what was earned there stays where it is.
    """
    return portal.pk if portal is not None and portal.host else 0


def portal_numbered(number: int) -> Portal | None:
    """The portal of this number as it is now; of 0 the installation's own site, if it is set up."""
    rows = Portal.objects.defer("logo")
    return rows.get(pk=number) if number else rows.filter(host="").first()


def portals_of(worker: Worker) -> list[PortalMember]:
    """The portals to which a worker belongs, in the order in which they joined."""
    mine = PortalMember.objects.filter(worker=worker, left_at=None).select_related("portal")
    return list(mine.defer("portal__logo").order_by("joined_at", "pk"))


@transaction.atomic
def join(worker: Worker, portal: Portal, *, invitation: str = "") -> Decision:
    """Let a worker join a portal; joining twice is joining once.

    `invitation` is the digest of an invitation's token: a portal that is open to strangers needs
    none, and does not use it up. Whoever left may join again the same way.
    """
    worker = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
    if (
        row := PortalMember.objects.filter(portal=portal, worker=worker).first()
    ) and not row.left_at:
        return ALLOWED
    if not may_work(worker):
        return MAY_NOT_WORK
    if not (answer := _let_in(portal, invitation)):
        return answer
    PortalMember.objects.update_or_create(
        portal=portal, worker=worker, defaults={"left_at": None, "joined_at": timezone.now()}
    )
    changed_for(worker)
    _noted("portal.joined", worker, portal)
    return ALLOWED


@transaction.atomic
def come_in(account: Account, portal: Portal, *, invitation: str = "") -> Decision:
    """The same for an account, which becomes a worker by it where it is none yet."""
    worker, new = Worker.objects.get_or_create(account=account)
    answer = join(worker, portal, invitation=invitation)
    if new and answer:
        note("work.begun", actor=account, account=account)
    elif new:
        worker.delete()
    return answer


def _let_in(portal: Portal, digest: str) -> Decision:
    """Whether a portal lets in who shows this invitation, which is used up where it is needed."""
    now = Portal.objects.defer("logo").get(pk=portal.pk)
    if now.closed_at is not None:
        return CLOSED
    if now.open:
        return ALLOWED
    if not digest:
        return INVITED_ONLY
    if isinstance(answer := invitation_works(portal, digest), Refusal):
        return answer
    limited = PortalInvitation.objects.filter(digest=digest, uses_left__isnull=False)
    if limited.exists() and not limited.filter(uses_left__gt=0).update(
        uses_left=F("uses_left") - 1
    ):
        return USED_UP  # somebody was first, a moment ago
    return ALLOWED


def invitation_works(portal: Portal, digest: str) -> Decision:
    """Whether an invitation's link, named by its token's digest, lets somebody join this portal."""
    made = PortalInvitation.objects.select_related("made_by")
    found = made.filter(portal=portal, digest=digest).first()
    if found is None:
        return UNKNOWN_INVITATION
    if found.withdrawn_at is not None or is_excluded(found.made_by):
        return WITHDRAWN
    if found.expires_at <= timezone.now():
        return EXPIRED
    return USED_UP if found.uses_left == 0 else ALLOWED


@transaction.atomic
def end_belonging(worker: Worker, portal: Portal) -> Decision:
    """Let a worker leave a portal. What they hold through it is for `work.portals.leave` to end."""
    mine = PortalMember.objects.filter(portal=portal, worker=worker, left_at=None)
    if not mine.update(left_at=timezone.now()):
        return NOT_A_MEMBER
    changed_for(worker)
    _noted("portal.left", worker, portal)
    return ALLOWED


def staff_of(account: Account, portal: Portal) -> PortalStaff | None:
    """How somebody runs a portal; None for everybody else, and while they are excluded."""
    found = PortalStaff.objects.filter(account=account, portal=portal)
    found = found.select_related("portal", "account").defer("portal__logo")
    row = found.first()
    return None if row is None or is_excluded(account) else row


def staff_for(account: Account, portal: Portal, right: PortalRight) -> PortalStaff:
    """The same, for who may do this. Raises Refused; to strangers the page is not there."""
    row = staff_of(account, portal)
    if row is None:
        NOT_FOUND.fail()
    require(ALLOWED if row.role in STAFF_RIGHTS[right] else NOT_STAFF)
    return row


def _noted(action: str, worker: Worker, portal: Portal) -> None:
    """History and trail of somebody who came or went."""
    account, subject = worker.account, f"{portal.ref}/{worker.ref}"
    joins = action == "portal.joined"
    before, after = ("none", "joined") if joins else ("joined", "left")
    record(KIND, subject, before, after, actor=account.ref, why=action)
    note(
        action,
        actor=account,
        account=account,
        subject=portal.ref,
        before={"member": not joins},
        after={"member": joins, "portal": portal.name},
    )
