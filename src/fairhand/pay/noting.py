"""What the audit trail and the people concerned hear of payouts."""

from typing import Any

from fairhand.kit.money import Money
from fairhand.pay.models import PayoutItem, PayoutRun
from fairhand.people.audit import note
from fairhand.people.models import Account, Worker
from fairhand.people.notices import tell


def payer_changed(
    rail: str, by: Account | str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Note another account that workers are paid from."""
    was, now = _in_words(before), _in_words(after)
    note("payer.changed", actor=by, subject=rail, before=was, after=now)


def stepped(action: str, run: PayoutRun, actor: Account, before: str) -> None:
    """Note that a run went on from a state."""
    total = str(Money(run.total_micros, run.currency))
    was, now = {"state": before}, {"state": run.state, "total": total}
    note(action, actor=actor, subject=run.ref, before=was, after=now)


def sent(run: PayoutRun, actor: Account, before: str) -> None:
    """Note a run that the bank has, and tell everybody in it what is on its way."""
    stepped("payout.sent", run, actor, before)
    for item in run.items.select_related("worker__account").iterator():
        amount = Money(item.amount_micros, run.currency)
        tell(item.worker.account, "money.paid", link="/earnings", amount=amount)


def bounced(item: PayoutItem, actor: Account, before: str, why: str) -> None:
    """Note a payment that came back, and tell its worker."""
    amount, account = Money(item.amount_micros, item.run.currency), item.worker.account
    note(
        "payout.bounced",
        actor=actor,
        account=account,
        subject=item.end_to_end_id,
        before={"state": before},
        after={"state": item.state, "amount": str(amount), "why": why},
    )
    tell(account, "money.bounced", link="/earnings", amount=amount, reason=why)


def destination_changed(
    worker: Worker, rail: str, before: dict[str, str], after: dict[str, str]
) -> None:
    """Note that a worker wants to be paid elsewhere, and tell them, in case it was not them."""
    account = worker.account
    note(
        "destination.changed",
        actor=account,
        account=account,
        subject=rail,
        before=before and {**before, "address": _hidden(before["address"])},
        after={**after, "address": _hidden(after["address"])},
    )
    ending = after["address"][-4:]
    tell(account, "security.destination_changed", link="/earnings/destination", ending=ending)


def _in_words(fields: dict[str, Any]) -> dict[str, str]:
    """A payer's fields as the trail tells them; the least amount in euros, as SEPA has them."""
    told = {name: str(value) for name, value in fields.items() if name != "minimum_micros"}
    if "minimum_micros" in fields:
        told["minimum"] = str(Money(fields["minimum_micros"], "EUR"))
    return told


def _hidden(address: str) -> str:
    """Enough of an account number to tell it from another: the trail is kept for ever."""
    return f"{address[:2]} … {address[-4:]}"
