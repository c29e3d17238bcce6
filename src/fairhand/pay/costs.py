"""What was set aside for a batch when it opened, and what of that came back?"""

from dataclasses import dataclass

from fairhand.kit.money import Money
from fairhand.ledger.models import Transfer


@dataclass(frozen=True, slots=True)
class SetAside:
    """A batch's money at its two ends; both zero before it opens."""

    reserved: Money
    returned: Money


def set_aside(source: str, currency: str) -> SetAside:
    """Read the two transfers that `source`, a batch's reference, has at its opening and its end."""
    found = dict(
        Transfer.objects.filter(
            source=source, reason__in=("reserve", "release"), currency=currency
        ).values_list("reason", "amount")
    )
    return SetAside(
        Money(found.get("reserve", 0), currency), Money(found.get("release", 0), currency)
    )
