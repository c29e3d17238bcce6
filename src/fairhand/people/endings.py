"""Everything that lets somebody in without asking who they are, ended in one place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F

from fairhand.people.models import Account, ApiKey, SignInLink
from fairhand.people.oidc import end_tokens
from fairhand.people.push import forget_devices
from fairhand.people.sessions import end_sessions


@dataclass(frozen=True, slots=True)
class Ended:
    """How much of each was ended."""

    sessions: int
    keys: int
    tokens: int
    devices: int

    def facts(self) -> Mapping[str, object]:
        """What of it there was, for the trail; the sessions always."""
        return {name: n for name, n in asdict(self).items() if n or name == "sessions"}


@transaction.atomic
def end_access(account: Account, *, but: str = "", keys: bool = False) -> Ended:
    """End an account's browsers (but for one), half-finished sign-ins and one-time links.

    With them go what other sites hold to ask about it, the devices that are told its notices, and
    that its browsers are known. Keys end where that is meant: programs do not use the password.
    """
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    account.refresh_from_db(fields=["epoch"])
    SignInLink.objects.filter(account=account).delete()
    return Ended(
        sessions=end_sessions(account, but=but),
        keys=ApiKey.objects.filter(account=account).delete()[0] if keys else 0,
        tokens=end_tokens(account),
        devices=forget_devices(account),
    )
