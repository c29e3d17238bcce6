"""What did a portal keep, and what was paid through it? Totals, for those who run it."""

from dataclasses import dataclass

from django.db.models import Sum

from fairhand.kit.money import Money
from fairhand.ledger.posting import accounts_of, balances
from fairhand.ledger.totals import held_by
from fairhand.pay import events
from fairhand.pay.models import ItemState, PayoutItem
from fairhand.people.models import Portal


@dataclass(frozen=True, slots=True)
class Totals:
    """A portal's money in one currency: what it kept, and what its people got and still get."""

    kept: Money
    paid: Money
    on_the_way: Money
    owed: Money

    @property
    def earned(self) -> Money:
        """Everything that people earned through it."""
        return self.paid + self.on_the_way + self.owed


def totals(portal: Portal, currency: str = "EUR") -> Totals:
    """Add up a portal's money; nobody's in particular. It keeps its share once a page is accepted.

    `paid` was confirmed by the bank, `on_the_way` is in a file, `owed` is pending or payable.
    """
    keeper = accounts_of([events.portal(portal.ref, currency)])
    kept = sum(balances(list(keeper.values())).values())
    mine = PayoutItem.objects.filter(run__portal=portal, run__currency=currency)
    sums = {
        state: mine.filter(state=state).aggregate(sum=Sum("amount_micros"))["sum"] or 0
        for state in (ItemState.PAID, ItemState.PREPARED)
    }
    return Totals(
        Money(kept, currency),
        Money(sums[ItemState.PAID], currency),
        Money(sums[ItemState.PREPARED], currency),
        Money(held_by(f"@{portal.ref}:{currency}"), currency),
    )
