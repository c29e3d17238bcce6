"""What an operator may do: each has duties, and whoever lacks one is told which."""

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.access import NOT_AN_OPERATOR
from fairhand.people.models import Account, Duty, Operator

NAMES = {
    Duty.SUPPORT: _("support"),
    Duty.IDENTITY: _("identity"),
    Duty.FINANCE: _("finance"),
    Duty.QUALITY: _("quality"),
    Duty.ADMIN: _("administration"),
}
OPENS = {
    Duty.SUPPORT: _("Find accounts, sign them out, ask for somebody to be excluded."),
    Duty.IDENTITY: _("Look at what people show to prove who they are."),
    Duty.FINANCE: _("Pay workers, book deposits, recount the ledger."),
    Duty.QUALITY: _("Look at restrictions and lift them."),
    Duty.ADMIN: _("Give and take duties, read the whole trail of what happened."),
}


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


def may_operate(account: Account, *duties: Duty) -> Decision:
    """Whether an account is an operator at all, and has one of the duties if any are named."""
    if not account.is_active:
        return NOT_AN_OPERATOR
    if not Operator.objects.filter(account=account).exists():
        return NOT_AN_OPERATOR
    if not duties or not duties_of(account).isdisjoint(duties):
        return ALLOWED
    return has_duty(account, duties[0])


def holders(duty: Duty) -> list[Account]:
    """The accounts that have a duty and can sign in, by their name."""
    found = Account.objects.filter(is_active=True, operator__duties__contains=[duty])
    return list(found.order_by("name", "pk"))
