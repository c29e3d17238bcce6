"""The rail that ends in a file which the operator hands to the bank."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Decision
from fairhand.kit.money import Money
from fairhand.pay.providers import PayoutItem, PreparedFile, Problem, RunHeader, Unfit
from fairhand.pay.providers.sepa.checks import check
from fairhand.pay.providers.sepa.iban import check_iban
from fairhand.pay.providers.sepa.target import banking_day_after
from fairhand.pay.providers.sepa.writer import Debtor, PaymentInstruction, write

_ONE_CENT: Final = Money(10_000, "EUR")


@dataclass(frozen=True, slots=True)
class SepaRail:
    """SEPA credit transfers from one account.

    `lead_days` banking days lie between making the file and its execution: somebody else still
    has to approve it and hand it in, and a date that has become "today" by then may be refused.
    """

    debtor: Debtor
    lead_days: int = 2
    name: str = "sepa"
    currencies: frozenset[str] = frozenset({"EUR"})
    minimum: Money = _ONE_CENT  # what the format can carry; workers' thresholds are set elsewhere

    def check_destination(self, text: str) -> Decision:
        """Say whether `text` is an IBAN that a SEPA transfer can reach."""
        return check_iban(text)

    def prepare(self, run: RunHeader, items: Sequence[PayoutItem]) -> PreparedFile | Unfit:
        """Write the run's file and check it; see `Rail.prepare`."""
        problems = list(_unwritable(items))
        if problems:
            return Unfit(tuple(problems))
        today = run.created_at.astimezone(UTC).date()
        execution_date = run.execution_date or banking_day_after(today, self.lead_days)
        instructions = [
            PaymentInstruction(i.reference, i.name, i.destination, i.amount, i.remittance)
            for i in items
        ]
        content = write(run.reference, self.debtor, instructions, execution_date, run.created_at)
        if problems := check(content, today):
            return Unfit(tuple(problems))
        return PreparedFile(
            filename=f"sepa-{run.reference}.xml",
            media_type="application/xml",
            content=content,
            items=len(items),
            total=Money(sum(item.amount.micros for item in items), "EUR"),
            execution_date=execution_date,
        )


def _unwritable(items: Sequence[PayoutItem]) -> Iterator[Problem]:
    """Find what `write` would raise on, so that a run hears of every such payment at once."""
    if not items:
        yield Problem("run.empty", "CstmrCdtTrfInitn", _("There is nothing to pay in this run."))
    for item in items:
        place = reference = item.reference
        if item.amount.currency != "EUR":
            message = _("SEPA carries euro only, not %(currency)s.")
            params = {"currency": item.amount.currency}
            yield Problem("currency", place, message, params, reference)
        elif item.amount.micros < 0 or item.amount.whole_cents()[1].micros:
            message = _("%(amount)s cannot be paid: only whole cents leave.")
            yield Problem("amount", place, message, {"amount": str(item.amount)}, reference)
