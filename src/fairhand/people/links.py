"""One-time sign-in links, printed by a demonstration for whoever sits at that machine."""

import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.keys import digest_of, is_simulation
from fairhand.people.models import Account, SignInLink

LIFETIME = timedelta(hours=12)


def make_link(account: Account) -> str:
    """Return the token of a new one-time link. Raises Refused in a live installation."""
    _only_in_simulations()
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(
        account=account, digest=digest_of(token), expires_at=timezone.now() + LIFETIME
    )
    return token


def redeem_link(token: str) -> Account:
    """Use up a link and return its account. Raises Refused when it is used, old or unknown."""
    _only_in_simulations()
    used = SignInLink.objects.filter(
        digest=digest_of(token), used_at=None, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    # Asked in a query of its own: within the update, two at once could both find the link unused.
    account = Account.objects.filter(signinlink__digest=digest_of(token), is_active=True).first()
    if used != 1 or account is None:
        Refusal(
            "link_spent",
            _("This sign-in link was used or is too old. Start `fairhand demo` for new ones."),
            status=410,
        ).fail()
    return account


def _only_in_simulations() -> None:
    if not is_simulation():
        Refusal(
            "live_installation", _("There are no sign-in links in this installation."), status=404
        ).fail()
