"""Coming into an organisation, changing place in it, leaving it.

Every verb locks the organisation's row, so that two of them never decide on the same team at once:
there is always an owner, and whoever leaves takes every right along in the same transaction.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.people.access import EXCLUDED, NOT_FOUND, allows, excluded, is_excluded, may, role_in
from fairhand.people.audit import note
from fairhand.people.gates import changed_for_account
from fairhand.people.keys import digest_of
from fairhand.people.models import Account, ApiKey, Invitation, Member, Organisation
from fairhand.people.notices import mail_to, tell
from fairhand.people.rights import REFUSALS, Permission, grantable

LIFETIME = timedelta(days=7)
# Each may be a mail to a stranger, so nobody sends more of them than a team can need.
INVITATIONS_A_DAY = 100
# Whoever has the wrong account learns no more than whoever made the link up.
UNKNOWN = Refusal(
    "unknown_invitation",
    _(
        "There is no such invitation, or it is for another address. Sign in with the address that "
        "it was sent to, or ask for a new one."
    ),
    status=404,
)
USED = Refusal(
    "invitation_used", _("This invitation was used already. Ask for a new one."), {}, 410
)
WITHDRAWN = Refusal(
    "invitation_withdrawn", _("This invitation was withdrawn. Ask who sent it to you."), {}, 410
)
EXPIRED = Refusal(
    "invitation_expired", _("This invitation is older than a week. Ask for a new one."), {}, 410
)
MEMBER_ALREADY = Refusal(
    "member_already", _("You are a member of this organisation already. Nothing was changed.")
)
LAST_OWNER = Refusal(
    "last_owner",
    _("You are the only owner. Make another member the owner first, then you can go."),
)


@transaction.atomic
def invite(
    actor: Account, organisation: Organisation, role: str, email: str = ""
) -> tuple[Invitation, str]:
    """Invite somebody; returns the invitation and the token of its link, which is kept nowhere.

    With an address only whoever proved it can use the link, and it is mailed there where mail is
    set up. Raises Refused without the right, for a role beyond one's own, and for a member.
    """
    _lock(organisation)
    _require_grant(actor, organisation, role)
    address = email.strip().lower()
    if address and Member.objects.filter(organisation=organisation, account__email=address):
        Refusal("member_already", _("This address belongs to a member already.")).fail()
    since = timezone.now() - timedelta(days=1)
    if organisation.invitations.filter(created_at__gt=since).count() >= INVITATIONS_A_DAY:
        Refusal(
            "too_many_invitations",
            _("An organisation sends at most 100 invitations a day. Try again tomorrow."),
            status=429,
        ).fail()
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        role=role,
        digest=digest_of(token),
        invited_by=actor,
        expires_at=timezone.now() + LIFETIME,
    )
    _note("member.invited", actor, organisation, after={"role": role, "email": address})
    if address:
        mail_to(
            address,
            "team.invited",
            link=f"/join/{token}",
            person=_name(actor),
            organisation=organisation.name,
            role=role,
        )
    return invitation, token


def invitation_for(account: Account, token: str) -> Invitation:
    """The invitation behind a link, if this account can use it now. Raises Refused otherwise."""
    if is_excluded(account):
        EXCLUDED.fail()
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(digest=digest_of(token))
        .first()
    )
    if invitation is None or not _is_for(invitation, account):
        UNKNOWN.fail()
    if invitation.used_at is not None:
        (MEMBER_ALREADY if _is_member(invitation.organisation, account) else USED).fail()
    if invitation.withdrawn_at is not None:
        WITHDRAWN.fail()
    if invitation.expires_at <= timezone.now():
        EXPIRED.fail()
    if _is_member(invitation.organisation, account):
        MEMBER_ALREADY.fail()
    return invitation


@transaction.atomic
def join(account: Account, token: str) -> Member:
    """Use up an invitation and become a member. Raises Refused; then the link is as it was."""
    organisation = invitation_for(account, token).organisation
    _lock(organisation)
    # Asked anew under the lock: of many at once with one link, the first has used it by now.
    invitation = invitation_for(account, token)
    if invitation.role not in grantable(role_in(invitation.invited_by, organisation)):
        WITHDRAWN.fail()
    invitation.used_at, invitation.used_by = timezone.now(), account
    invitation.save(update_fields=["used_at", "used_by"])
    member = Member.objects.create(organisation=organisation, account=account, role=invitation.role)
    changed_for_account(account.pk)  # nobody works on what their own organisation asks
    _note("member.joined", account, organisation, after={"role": member.role}, account=account)
    tell(
        invitation.invited_by,
        "team.joined",
        link=f"/requester/team/{organisation.ref}",
        person=_name(account),
        organisation=organisation.name,
        role=member.role,
    )
    return member


@transaction.atomic
def withdraw_invitation(actor: Account, organisation: Organisation, number: int) -> bool:
    """Make an invitation's link worthless; False when it was used or withdrawn before.

    Raises Refused without the right, and for an invitation that this organisation does not have.
    """
    _lock(organisation)
    require(may(actor, organisation, Permission.TEAM))
    invitation = organisation.invitations.filter(pk=number).first()
    if invitation is None:
        NOT_FOUND.fail()
    if invitation.used_at is not None or invitation.withdrawn_at is not None:
        return False
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    _note(
        "invitation.withdrawn",
        actor,
        organisation,
        before={"role": invitation.role, "email": invitation.email},
    )
    return True


@transaction.atomic
def change_role(
    actor: Account, organisation: Organisation, account: Account, role: str
) -> Decision:
    """Give a member another role, from this moment on; what their old one let them invite ends.

    Raises Refused without the right. Refused as a value for the last owner.
    """
    _lock(organisation)
    _require_grant(actor, organisation, role)
    member = _member(organisation, account)
    _require_hold(actor, organisation, member)
    if member.role == role:
        return ALLOWED
    if _is_last_owner(member):
        return LAST_OWNER
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _withdraw_beyond(member)
    _note(
        "member.role_changed",
        actor,
        organisation,
        account=account,
        before={"role": before},
        after={"role": role},
    )
    tell(account, "team.role_changed", organisation=organisation.name, role=role)
    return ALLOWED


@transaction.atomic
def transfer(actor: Account, organisation: Organisation, to: Account) -> Decision:
    """Make another member the owner; who was it becomes a manager. Raises Refused without right."""
    _lock(organisation)
    require(may(actor, organisation, Permission.OWN))
    heir, giver = _member(organisation, to), _member(organisation, actor)
    if heir == giver:
        return Refusal("owner_already", _("You are the owner already. Nothing was changed."))
    if is_excluded(heir.account):
        return Refusal("account_closed", _("This member's account is closed: choose another one."))
    before = {giver.account.ref: giver.role, heir.account.ref: heir.role}
    heir.role, giver.role = Member.Role.OWNER, Member.Role.MANAGER
    heir.save(update_fields=["role"])
    giver.save(update_fields=["role"])
    _withdraw_beyond(giver)
    _note(
        "organisation.transferred",
        actor,
        organisation,
        account=to,
        before=before,
        after={giver.account.ref: giver.role, heir.account.ref: heir.role},
    )
    for each in (actor, to):
        tell(each, "team.transferred", person=_name(to), organisation=organisation.name)
    return ALLOWED


@transaction.atomic
def end_membership(actor: Account, organisation: Organisation, account: Account) -> Decision:
    """End every right that an account has in an organisation: by leaving, or by being removed.

    With the membership go the member's keys and the invitations that they made. Their sessions are
    theirs and stay; the next request finds no right. What they did and made remains the
    organisation's. Raises Refused without the right; refused as a value for the last owner.
    """
    _lock(organisation)
    leaves = actor == account
    require(may(actor, organisation, Permission.SEE if leaves else Permission.TEAM))
    member = _member(organisation, account)
    if not leaves:
        _require_hold(actor, organisation, member)
    if _is_last_owner(member):
        return LAST_OWNER
    keys = ApiKey.objects.filter(organisation=organisation, account=account)
    tails = list(keys.order_by("pk").values_list("tail", flat=True))
    keys.delete()
    withdrawn = _invitations_of(member).update(withdrawn_at=timezone.now())
    member.delete()
    _note(
        "member.left" if leaves else "member.removed",
        actor,
        organisation,
        account=account,
        before={"role": member.role, "keys": tails, "invitations": withdrawn},
    )
    _tell_of_end(organisation, account, leaves=leaves)
    return ALLOWED


@transaction.atomic
def demand_second_factor(actor: Account, organisation: Organisation, *, wanted: bool) -> bool:
    """Let an organisation demand a second factor of all its members; False if it is so already."""
    _lock(organisation)
    require(may(actor, organisation, Permission.OWN))
    found = Organisation.objects.filter(pk=organisation.pk).exclude(second_factor=wanted)
    if not found.update(second_factor=wanted):
        return False
    _note(
        "organisation.changed",
        actor,
        organisation,
        before={"second_factor": not wanted},
        after={"second_factor": wanted},
    )
    return True


def is_open(digest: str) -> bool:
    """Whether somebody could still use the link whose token has this digest."""
    return Invitation.objects.filter(
        digest=digest, used_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    ).exists()


def team_of(organisation: Organisation) -> list[Member]:
    """The members with their accounts, in the order in which they came."""
    return list(organisation.members.select_related("account").order_by("joined_at", "pk"))


def open_invitations(organisation: Organisation) -> list[Invitation]:
    """The invitations whose links still work, newest first."""
    found = organisation.invitations.select_related("invited_by").filter(
        used_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return list(found.order_by("-created_at", "-pk"))


def _lock(organisation: Organisation) -> None:
    """One at a time on this team. Batches of the organisation can be made meanwhile."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _member(organisation: Organisation, account: Account) -> Member:
    found = Member.objects.filter(organisation=organisation, account=account)
    member = found.select_related("account").first()
    if member is None:
        NOT_FOUND.fail()
    return member


def _is_member(organisation: Organisation, account: Account) -> bool:
    return Member.objects.filter(organisation=organisation, account=account).exists()


def _is_for(invitation: Invitation, account: Account) -> bool:
    """An address counts only where the account has proved it."""
    if not invitation.email:
        return True
    mine = EmailAddress.objects.filter(user=account, verified=True)
    return bool(mine.filter(email__iexact=invitation.email).exists())


def _require_grant(actor: Account, organisation: Organisation, role: str) -> None:
    """Nobody gives a role that can do more than their own. Raises Refused."""
    mine = role_in(actor, organisation)
    require(allows(mine, Permission.TEAM))
    if role not in grantable(mine):
        REFUSALS[Permission.OWN].fail()


def _require_hold(actor: Account, organisation: Organisation, member: Member) -> None:
    """Nor does anybody change or remove a member whose role can do more. Raises Refused."""
    mine = role_in(actor, organisation)
    require(allows(mine, Permission.TEAM))
    if member.role not in grantable(mine):
        REFUSALS[Permission.OWN].fail()


def _is_last_owner(member: Member) -> bool:
    owners = Member.objects.filter(
        organisation=member.organisation_id, role=Member.Role.OWNER
    ).exclude(excluded("account"))
    return member.role == Member.Role.OWNER and not owners.exclude(pk=member.pk).exists()


def _invitations_of(member: Member) -> QuerySet[Invitation]:
    """The member's invitations that somebody could still use."""
    return Invitation.objects.filter(
        organisation=member.organisation_id,
        invited_by=member.account_id,
        used_at=None,
        withdrawn_at=None,
    )


def _withdraw_beyond(member: Member) -> None:
    """End the invitations that a member's present role would not let them make."""
    beyond = _invitations_of(member).exclude(role__in=grantable(member.role))
    beyond.update(withdrawn_at=timezone.now())


def _tell_of_end(organisation: Organisation, account: Account, *, leaves: bool) -> None:
    if not leaves:
        tell(account, "team.ended", organisation=organisation.name)
        return
    owners = organisation.members.filter(role=Member.Role.OWNER).select_related("account")
    for owner in owners:
        tell(owner.account, "team.left", person=_name(account), organisation=organisation.name)


def _name(account: Account) -> str:
    return account.name or account.email


def _note(
    action: str,
    actor: Account,
    organisation: Organisation,
    account: Account | None = None,
    **facts: Mapping[str, object],
) -> None:
    subject = organisation.ref if account is None else account.ref
    note(action, actor=actor, organisation=organisation, account=account, subject=subject, **facts)
