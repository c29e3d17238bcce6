"""Which role may do what for an organisation: one table, and what somebody hears who may not.

Everything that asks about a member's rights asks this table, so that a new role or permission is
one line here, and docs/rights.md and the tests follow from it.
"""

from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.models import Member

Role = Member.Role


class Permission(StrEnum):
    """A part of what members do for their organisation."""

    SEE = "see"
    DESIGN = "design"
    LAUNCH = "launch"
    REVIEW = "review"
    EXPORT = "export"
    MONEY = "money"
    KEYS = "keys"
    TEAM = "team"
    OWN = "own"


MEANING = {
    Permission.SEE: _("see projects, batches, progress and results"),
    Permission.DESIGN: _("make projects and batches, upload tasks"),
    Permission.LAUNCH: _("open, pause, resume and close batches, which spends money"),
    Permission.REVIEW: _("accept pages and compute results"),
    Permission.EXPORT: _("download answers and results"),
    Permission.MONEY: _("see balances and how to add money"),
    Permission.KEYS: _("make keys for programs"),
    Permission.TEAM: _("invite people, change roles, remove members, revoke their keys"),
    Permission.OWN: _("make owners and change what owners may do"),
}
ROLE_NAMES = {
    Role.OWNER: _("Owner"),
    Role.MANAGER: _("Manager"),
    Role.DESIGNER: _("Designer"),
    Role.REVIEWER: _("Reviewer"),
    Role.BILLING: _("Billing"),
    Role.VIEWER: _("Viewer"),
}
ROLE_MEANING = {
    Role.OWNER: _("everything, also who owns it"),
    Role.MANAGER: _("everything, except who owns it"),
    Role.DESIGNER: _("makes projects and batches, uploads tasks, downloads answers"),
    Role.REVIEWER: _("accepts pages, computes and downloads results"),
    Role.BILLING: _("sees balances and how to add money"),
    Role.VIEWER: _("looks, and changes nothing"),
}
RIGHTS: dict[Permission, frozenset[str]] = {
    Permission.SEE: frozenset(Role),
    Permission.DESIGN: frozenset({Role.OWNER, Role.MANAGER, Role.DESIGNER}),
    Permission.LAUNCH: frozenset({Role.OWNER, Role.MANAGER}),
    Permission.REVIEW: frozenset({Role.OWNER, Role.MANAGER, Role.REVIEWER}),
    Permission.EXPORT: frozenset({Role.OWNER, Role.MANAGER, Role.DESIGNER, Role.REVIEWER}),
    Permission.MONEY: frozenset({Role.OWNER, Role.MANAGER, Role.BILLING}),
    Permission.KEYS: frozenset(Role) - {Role.VIEWER},
    Permission.TEAM: frozenset({Role.OWNER, Role.MANAGER}),
    Permission.OWN: frozenset({Role.OWNER}),
}
LACKING = {
    Permission.SEE: _("Your role does not open this organisation: ask its owner."),
    Permission.DESIGN: _("Your role does not let you change what is asked: ask its owner."),
    Permission.LAUNCH: _(
        "Your role does not let you open, pause or close batches: ask its owner or a manager."
    ),
    Permission.REVIEW: _(
        "Your role does not let you accept pages or compute results: ask its owner or a manager."
    ),
    Permission.EXPORT: _(
        "Your role does not let you download answers and results: ask its owner or a manager."
    ),
    Permission.MONEY: _("Your role does not let you see balances: ask its owner or a manager."),
    Permission.KEYS: _("Your role does not let you make keys: ask its owner or a manager."),
    Permission.TEAM: _("Your role does not let you change the team: ask its owner or a manager."),
    Permission.OWN: _("Only an owner can do this: ask the owner of the organisation."),
}
REFUSALS = {
    permission: Refusal("role_lacks_right", sentence, status=403)
    for permission, sentence in LACKING.items()
}
# What a key's scope can be good for; a key has it only while its member's role has one of these.
OF_SCOPES = {
    "projects:read": frozenset({Permission.SEE}),
    "projects:write": frozenset({Permission.DESIGN, Permission.LAUNCH, Permission.REVIEW}),
    "results:read": frozenset({Permission.EXPORT}),
    "money:read": frozenset({Permission.MONEY}),
}


def permissions_of(role: str | None) -> frozenset[Permission]:
    """What a role may do; nothing without one."""
    return frozenset(permission for permission, roles in RIGHTS.items() if role in roles)


def scopes_of(role: str | None) -> list[str]:
    """The scopes that a key of a member with this role can have."""
    held = permissions_of(role)
    return [scope for scope, needed in OF_SCOPES.items() if held & needed]


def grantable(role: str | None) -> list[str]:
    """The roles that a member with this role may give: never more than they have themselves."""
    held = permissions_of(role)
    if Permission.TEAM not in held:
        return []
    return [each for each in Role.values if permissions_of(each) <= held]


def roles_with(permissions: Iterable[Permission]) -> frozenset[str]:
    """The roles that have all of these."""
    return frozenset(Role.values).intersection(*(RIGHTS[each] for each in permissions))
