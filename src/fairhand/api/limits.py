"""How often a program may ask. The hot path is bounded by its pages and is not counted here."""

from django.utils.translation import gettext_lazy as _

from fairhand.kit.counting import count
from fairhand.kit.decision import Refusal
from fairhand.people.audit import origin
from fairhand.people.models import ApiKey

MINUTE = 60
# A key, for everything; a key, for what reads a whole batch; an address, with keys that are none.
REQUESTS, COSTLY, WRONG_KEYS = 60_000, 60, 60
TOO_OFTEN = Refusal(
    "too_often", _("That was too often. Wait a minute, then go on more slowly."), status=429
)


def hold(key: ApiKey) -> None:
    """Count a request of this key. Raises Refused (429) when it asks too often."""
    _hold(f"api {key.pk}", REQUESTS)


def hold_costly(key: ApiKey) -> None:
    """Count what reads or computes a whole batch. Raises Refused (429) when it is too much."""
    _hold(f"api costly {key.pk}", COSTLY)


def hold_stranger() -> None:
    """Count a key that is none. Raises Refused (429) when its address sends many of them."""
    _hold(f"api from {origin().get('ip', '')}", WRONG_KEYS)


def _hold(what: str, most: int) -> None:
    if count(what, MINUTE) > most:
        TOO_OFTEN.fail()
