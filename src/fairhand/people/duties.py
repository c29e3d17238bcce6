"""What an operator may do: each has duties, and whoever lacks one is told which."""

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.models import Account, Duty, Operator

NAMES = {
    Duty.SUPPORT: _("support"),
    Duty.IDENTITY: _("identity"),
    Duty.FINANCE: _("finance"),
    Duty.QUALITY: _("quality"),
    Duty.ADMIN: _("administration"),
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
