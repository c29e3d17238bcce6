"""Second factors: who must have one, and who has."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q

from fairhand.people.keys import is_simulation
from fairhand.people.models import Account, Member, Operator

# Recovery codes alone are no second factor: they are what is left when it is lost.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type__in=FACTORS).exists())


def must_have_second_factor(account: Account) -> bool:
    """Operators, owners of organisations, and members of those that demand it of all.

    A demonstration demands it of nobody: its accounts hold nothing, and one click leads in.
    """
    mine = Member.objects.filter(account=OuterRef("pk"))
    strict = mine.filter(Q(role=Member.Role.OWNER) | Q(organisation__second_factor=True))
    demanded = Exists(Operator.objects.filter(account=OuterRef("pk"))) | Exists(strict)
    return Account.objects.filter(demanded, pk=account.pk).exists() and not is_simulation()


def needs_second_factor(account: Account) -> bool:
    """Whether an account has to set up a second factor before it goes on."""
    return must_have_second_factor(account) and not has_second_factor(account)
