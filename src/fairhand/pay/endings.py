"""How does a payment of a run end? Its state, its history and its money move together, in bulk."""

from collections.abc import Sequence

from django.db import transaction

from fairhand.kit.models import History
from fairhand.ledger.posting import Entry, accounts_of, open_account, post
from fairhand.pay import events
from fairhand.pay.models import ITEM, ItemState, PayoutItem, PayoutRun
from fairhand.people.models import Account, Worker

# The reason of the ledger for each move; docs/money.md says between which accounts.
REASONS: dict[tuple[str, str], str] = {
    (ItemState.PREPARED, ItemState.PAID): "settle",
    (ItemState.PREPARED, ItemState.BOUNCED): "bounce",
    (ItemState.PREPARED, ItemState.CANCELLED): "bounce",
    (ItemState.PAID, ItemState.BOUNCED): "return",
}


def payment_source(run: PayoutRun, reference: str) -> str:
    """What the transfers of one payment are booked under."""
    return f"{run.ref}/{reference}"


def end_items(
    run: PayoutRun, items: Sequence[PayoutItem], state: str, actor: Account, why: str
) -> int:
    """Move a run's items, all read in one state, and their money; returns how many moved.

    An item that somebody else moved first is left alone. The number of queries is the same for one
    item and for thousands.
    """
    if not items:
        return 0
    source = items[0].state
    reason = REASONS[source, state]
    with transaction.atomic():
        ended = _move(items, source, state, actor, why)
        bank = open_account(
            events.bank(run.rail, run.currency), run.currency, may_go_below_zero=True
        )
        debit = bank if reason == "return" else run.clearing_account
        into = dict.fromkeys((item.pk for item in ended), bank)
        if reason != "settle":
            into = _payables(ended, run)
        post(
            [
                Entry(
                    debit,
                    into[item.pk],
                    item.amount_micros,
                    run.currency,
                    reason,
                    payment_source(run, item.end_to_end_id),
                )
                for item in ended
            ]
        )
    return len(ended)


def _move(
    items: Sequence[PayoutItem], source: str, target: str, actor: Account, why: str
) -> list[PayoutItem]:
    """Make one move of many items, with a row of history each; returns those that moved.

    The rows are locked in the order of their ids, so that two who end the same run wait for each
    other instead of blocking each other.
    """
    rows = PayoutItem.objects.filter(pk__in=[item.pk for item in items], state=source)
    held = set(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    moved = [item for item in items if item.pk in held]
    PayoutItem.objects.filter(pk__in=held).update(state=target)
    History.objects.bulk_create(
        History(
            kind=ITEM.name,
            subject=str(item.pk),
            source=source,
            target=target,
            actor=actor.ref,
            why=why,
        )
        for item in moved
    )
    for item in moved:
        item.state = target
    return moved


def _payables(items: Sequence[PayoutItem], run: PayoutRun) -> dict[int, int]:
    """The account that each item's money came from, by item: the worker's at the run's portal."""
    portal = run.portal.ref if run.portal is not None else ""
    workers = Worker.objects.filter(pk__in={item.worker_id for item in items})
    codes = {
        pk: events.payable(events.whose(ref, portal), run.currency)
        for pk, ref in workers.values_list("pk", "ref")
    }
    accounts = accounts_of(codes.values())
    return {item.pk: accounts[codes[item.worker_id]] for item in items}
