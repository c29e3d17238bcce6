"""What an operator may do: each has duties, and whoever lacks one is told which."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.access import NOT_AN_OPERATOR
from fairhand.people.audit import note
from fairhand.people.models import Account, Duty, Operator

NAMES = {
    Duty.SUPPORT: _("support"),
    Duty.IDENTITY: _("identity"),
    Duty.FINANCE: _("finance"),
    Duty.QUALITY: _("quality"),
    Duty.ADMIN: _("administration"),
}
OPENS = {
    Duty.SUPPORT: _("Find accounts, sign them out, ask for somebody to be expelled."),
    Duty.IDENTITY: _("Look at what people show to prove who they are."),
    Duty.FINANCE: _("Pay workers, book deposits, recount the ledger."),
    Duty.QUALITY: _("Look at restrictions and lift them."),
    Duty.ADMIN: _("Give and take duties, read the whole trail of what happened."),
}
LAST_ADMIN = Refusal(
    "last_admin",
    _("This is the last administrator. Give somebody else the duty first, then take it here."),
)


def duties_of(account: Account) -> frozenset[Duty]:
    """The duties of an account; none for everybody who is no operator."""
    found = Operator.objects.filter(account=account).values_list("duties", flat=True).first()
    return frozenset(map(Duty, found or ()))


def has_duty(account: Account, duty: Duty) -> Decision:
    """Whether an operator has this duty; refused with its name."""
    if duty in duties_of(account):
        return ALLOWED
    return Refusal(
        "duty_missing",
        _("This takes an operator with the duty “%(duty)s”. Ask an administrator."),
        {"duty": NAMES[duty]},
        403,
    )


def may_operate(account: Account, duty: Duty | None = None) -> Decision:
    """Whether an account is an operator at all, and has the duty if one is named."""
    if not account.is_active:
        return NOT_AN_OPERATOR
    if not Operator.objects.filter(account=account).exists():
        return NOT_AN_OPERATOR
    return ALLOWED if duty is None else has_duty(account, duty)


def holders(duty: Duty) -> list[Account]:
    """The accounts that have a duty and can sign in, by their name."""
    found = Account.objects.filter(is_active=True, operator__duties__contains=[duty])
    return list(found.order_by("name", "pk"))


@transaction.atomic
def set_duties(account: Account, duties: Iterable[Duty], by: Account | str) -> Decision:
    """Let an account have exactly these duties; without any it is no operator any more.

    Refused where the installation would be left without an administrator.
    """
    wanted = sorted(set(map(Duty, duties)))
    # All operators' rows at once: two administrators who dismiss one another wait here.
    locked = Operator.objects.select_for_update(of=("self",)).select_related("account")
    rows = {row.account_id: row for row in locked.order_by("pk")}
    row = rows.get(account.pk)
    before = sorted(row.duties) if row is not None else []
    if before == wanted and (row is not None) == bool(wanted):
        return ALLOWED
    admins = {pk for pk, one in rows.items() if Duty.ADMIN in one.duties and one.account.is_active}
    if admins == {account.pk} and Duty.ADMIN not in wanted:
        return LAST_ADMIN
    if wanted:
        Operator.objects.update_or_create(account=account, defaults={"duties": wanted})
    else:
        Operator.objects.filter(account=account).delete()
    note(
        "duties.changed",
        actor=by,
        account=account,
        before={"duties": before},
        after={"duties": list(wanted)},
    )
    return ALLOWED
