"""Who may do what for an organisation or for the installation. One condition a line."""

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.people.models import Account, Member, Operator, Organisation, Worker
from fairhand.people.rights import REFUSALS, RIGHTS, Permission, permissions_of

# A stranger and somebody who asks for what never existed hear the same.
NOT_FOUND = Refusal("not_found", _("There is no such thing, or it is not yours."), status=404)
NOT_A_WORKER = Refusal("not_a_worker", _("This page is for workers."), status=403)
EXCLUDED = Refusal(
    "excluded",
    _(
        "This account is excluded. Read why, and contest it, on your account's page under "
        "“Decisions about you”."
    ),
    status=403,
)
NOT_AN_OPERATOR = Refusal("not_an_operator", _("This page is for operators."), status=403)


def excluded(account: str = "") -> Q:
    """Who is shut out, as a condition of a query; `account` is the way to the account from there.

    A worker from work and from what they did for organisations, anybody else from signing in.
    """
    way = f"{account}__" if account else ""
    closed = {f"{way}worker__standing": Worker.Standing.EXPELLED}
    return Q(**{f"{way}is_active": False}) | Q(**closed)


def is_excluded(account: Account) -> bool:
    """Whether an account is shut out now."""
    return Account.objects.filter(excluded(), pk=account.pk).exists()


def may(account: Account, organisation: Organisation, permission: Permission) -> Decision:
    """Whether a member may do this; strangers are not even told that the organisation exists."""
    return allows(role_in(account, organisation), permission)


def allows(role: str | None, permission: Permission) -> Decision:
    """The same where the role is known already; None is a stranger's."""
    if role is None:
        return NOT_FOUND
    if role not in RIGHTS[permission]:
        return REFUSALS[permission]
    return ALLOWED


def role_in(account: Account, organisation: Organisation) -> str | None:
    """The account's role in an organisation, or None."""
    return _places(account).filter(organisation=organisation).values_list("role", flat=True).first()


def role_column(account: Account, organisation: str) -> Subquery:
    """The account's role as a column of a query; `organisation` is the way to it from there.

    So what is another's and what never was take the same one query, and cannot be told apart.
    """
    found = _places(account).filter(organisation=OuterRef(organisation))
    return Subquery(found.values("role"))


def permissions_in(account: Account, organisation: Organisation) -> frozenset[Permission]:
    """All that an account may do for an organisation, in one query: for pages with many buttons."""
    return permissions_of(role_in(account, organisation))


def organisation_for(account: Account, ref: str, permission: Permission) -> Organisation:
    """The organisation of this reference. Raises Refused without the right."""
    member = _places(account).select_related("organisation").filter(organisation__ref=ref).first()
    require(allows(None if member is None else member.role, permission))
    assert member is not None
    return member.organisation


def organisations_of(
    account: Account, permission: Permission = Permission.SEE
) -> list[Organisation]:
    """The organisations for which an account may do this, by name."""
    mine = _places(account).filter(role__in=RIGHTS[permission])
    found = Organisation.objects.filter(pk__in=mine.values("organisation"))
    return list(found.order_by("name", "pk"))


def rights_of(account: Account) -> dict[Organisation, frozenset[Permission]]:
    """All organisations of an account by name, and what it may do for each: in one query."""
    found = _places(account).select_related("organisation")
    ordered = found.order_by("organisation__name", "organisation")
    return {member.organisation: permissions_of(member.role) for member in ordered}


def holders(organisation: Organisation, permission: Permission) -> list[Account]:
    """The members of an organisation who may do this."""
    members = Member.objects.select_related("account").filter(
        organisation=organisation, role__in=RIGHTS[permission]
    )
    members = members.exclude(excluded("account"))
    return [member.account for member in members.order_by("pk")]


def worker_of(account: Account) -> Worker | None:
    return Worker.objects.filter(account=account).first()


def is_operator(account: Account) -> bool:
    return Operator.objects.filter(account=account).exists()


def _places(account: Account) -> QuerySet[Member]:
    """Where an account is a member; nowhere while it is excluded, so that this ends every right."""
    return Member.objects.filter(account=account).exclude(excluded("account"))
