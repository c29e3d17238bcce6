"""Second factors: who must have one, and who has."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q

from fairhand.kit.models import Installation
from fairhand.people.models import Account, Member, Operator

# Recovery codes alone are no second factor: they are what is left when it is lost.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type__in=FACTORS).exists())


def must_have_second_factor(account: Account) -> bool:
    """Operators, owners of organisations, and members of those that demand it of all.

    A demonstration demands it of nobody: its accounts hold nothing, and one click leads in.
    """
    return Account.objects.filter(_demanded("pk"), pk=account.pk).exists()


def needs_second_factor(account: Account) -> bool:
    """Whether an account has to set up a second factor before it goes on."""
    return Account.objects.filter(lacking("pk"), pk=account.pk).exists()


def lacking(account: str) -> Q:
    """The same as a condition of a query; `account` is the way to the account from there."""
    factors = Authenticator.objects.filter(user=OuterRef(account), type__in=FACTORS)
    return _demanded(account) & ~Q(Exists(factors))


def _demanded(account: str) -> Q:
    mine = Member.objects.filter(account=OuterRef(account))
    strict = mine.filter(Q(role=Member.Role.OWNER) | Q(organisation__second_factor=True))
    operator = Operator.objects.filter(account=OuterRef(account))
    simulation = Installation.objects.exclude(kind=Installation.Kind.LIVE)
    return (Q(Exists(operator)) | Q(Exists(strict))) & ~Q(Exists(simulation))
