"""When and how is a payout sent? A run takes what is payable, writes one file, and accounts for it.

The money waits in the run's own clearing account from the moment the file is written until the
bank has confirmed each payment or sent it back; then that account is at zero again. Whole cents
leave the house; what is smaller stays with the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from fairhand.kit.decision import Decision, Refusal, require
from fairhand.kit.lifecycle import move, record
from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, balance, open_account, post
from fairhand.pay import events, noting, providers
from fairhand.pay.due import Due, bank_day, due, own_site
from fairhand.pay.endings import end_items, payment_source
from fairhand.pay.models import RUN, Destination, ItemState, Payer, PayoutRun, RunState
from fairhand.pay.models import PayoutItem as PayoutItemRow
from fairhand.pay.providers.sepa import Debtor, SepaRail, check
from fairhand.people.audit import note
from fairhand.people.identity.sameness import observe
from fairhand.people.models import Account, Portal, Worker

REMITTANCE = "Payout {run}"
ONE_PREPARED = "one_prepared_run_a_portal"
MAY_COME_BACK = {
    (RunState.SENT, ItemState.PREPARED),
    (RunState.SENT, ItemState.PAID),
    (RunState.DONE, ItemState.PAID),
}
NO_PAYER = Refusal("no_payer", _("Set the account that workers are paid from first."))
NOBODY_DUE = Refusal(
    "nobody_due", _("Nobody has reached the minimum payout and given an account to be paid to.")
)
RUN_WAITING = Refusal(
    "run_waiting", _("A run is prepared already: send it to the bank or cancel it first.")
)
TOO_LARGE = Refusal(
    "takes_two",
    _("More is due now than may be paid out by one operator alone. Ask a second one to approve."),
    status=403,
)


@transaction.atomic
def set_payer(
    *,
    rail: str = "sepa",
    name: str,
    address: str,
    minimum: Money,
    by: Account | str = "system:setup",
    **more: str,
) -> Payer:
    """Set the account that the installation pays from. Raises Refused for an unusable address."""
    payer = Payer(rail=rail, name=name, address=_compact(address), **more)
    require(_rail(payer).check_destination(payer.address))
    fields = {"name": name, "address": payer.address, "minimum_micros": minimum.micros, **more}
    known = Payer.objects.select_for_update().filter(rail=rail).first()
    before = {field: getattr(known, field) for field in fields} if known else {}
    if known is None or before != fields:
        noting.payer_changed(rail, by, before, fields)
    return Payer.objects.update_or_create(rail=rail, defaults=fields)[0]


@transaction.atomic
def set_destination(worker: Worker, *, rail: str = "sepa", holder: str, address: str) -> Decision:
    """Set where a worker is paid on a rail, or refuse in a sentence for them."""
    address = _compact(address)
    answer = SepaRail(Debtor(holder, address)).check_destination(address)
    if answer:
        fields = {"holder": holder.strip()[:70], "address": address}
        known = Destination.objects.select_for_update().filter(worker=worker, rail=rail).first()
        before = {"holder": known.holder, "address": known.address} if known else {}
        if before != fields:
            Destination.objects.update_or_create(
                worker=worker, rail=rail, defaults={**fields, "changed_at": timezone.now()}
            )
            noting.destination_changed(worker, rail, before, fields)
            observe(worker.account, "payout", address)  # whoever shares it is looked at by people
    return answer


def prepare_run(
    actor: Account,
    *,
    rail: str = "sepa",
    currency: str = "EUR",
    portal: Portal | None = None,
    execution_date: date | None = None,
    at_most: Money | None = None,
) -> PayoutRun:
    """Write the next run's file and move its money into clearing: of one portal, or the own site.

    Payments that the rail cannot carry stay with their workers. Raises Refused when there is no
    payer, nobody is due, another run waits to be sent, no file can be made, or the run would come
    to more than `at_most`, which is all that whoever prepares it may pay out.
    """
    payer = Payer.objects.filter(rail=rail).first()
    if payer is None:
        NO_PAYER.fail()
    portal = own_site(portal)
    waiting = PayoutRun.objects.filter(rail=rail, currency=currency, portal=portal)
    waiting = waiting.filter(state=RunState.PREPARED)
    if waiting.exists():
        RUN_WAITING.fail()
    try:
        with transaction.atomic():
            run = _prepare(payer, actor, currency, portal, execution_date)
            if at_most is not None and run.total_micros > at_most.micros:
                TOO_LARGE.fail()
            paid = {"total": str(Money(run.total_micros, currency)), "payments": run.items.count()}
            if portal is not None:
                paid["portal"] = portal.ref
            note("payout.prepared", actor=actor, subject=run.ref, after=paid)
            return run
    except IntegrityError as error:
        if not _broke(error, ONE_PREPARED):
            raise
        RUN_WAITING.fail()  # another operator was first, this very moment


def send_run(run: PayoutRun, actor: Account) -> bool:
    """Note that the bank has the file; False if somebody was first."""
    if run.state != RunState.PREPARED:
        return False
    with transaction.atomic():
        why = "the file was given to the bank"
        done = move(RUN, run, RunState.SENT, actor=actor.ref, why=why)
        if done:
            noting.sent(run, actor, RunState.PREPARED)
    return done


def cancel_run(run: PayoutRun, actor: Account) -> bool:
    """Stop a run that the bank never had: everybody has their money again."""
    if run.state != RunState.PREPARED:
        return False
    with transaction.atomic():
        if not move(RUN, run, RunState.CANCELLED, actor=actor.ref, why="stopped before sending"):
            return False
        items = list(run.items.filter(state=ItemState.PREPARED))
        end_items(run, items, ItemState.CANCELLED, actor, "the run was stopped")
        noting.stepped("payout.cancelled", run, actor, RunState.PREPARED)
    return True


def bounce_item(item: PayoutItemRow, actor: Account, why: str) -> bool:
    """Book a payment that the bank sent back: its worker has the money again.

    Banks send money back days after they confirmed it, too; the run then stays as it ended. False
    if somebody was first, or the bank never had the payment.
    """
    run = item.run
    if (run.state, item.state) not in MAY_COME_BACK:
        return False
    with transaction.atomic():
        before = item.state
        done = end_items(run, [item], ItemState.BOUNCED, actor, why)
        if done:
            noting.bounced(item, actor, before, why)
        if run.state == RunState.SENT:
            _finish(run, actor)
    return done == 1


def confirm_run(run: PayoutRun, actor: Account) -> bool:
    """Book all payments that did not come back as paid; False if there was nothing to book."""
    if run.state != RunState.SENT:
        return False
    with transaction.atomic():
        items = list(run.items.filter(state=ItemState.PREPARED))
        end_items(run, items, ItemState.PAID, actor, "confirmed by the bank")
        done = _finish(run, actor)
        if done:
            noting.stepped("payout.confirmed", run, actor, RunState.SENT)
    return done


def clearing_balance(run: PayoutRun) -> Money:
    """What of a run is neither paid nor returned yet; zero once the run is done."""
    return Money(balance(run.clearing_account), run.currency)


def file_problems(run: PayoutRun) -> list[providers.Problem]:
    """Check a run's file again, as on the day it was made; none means that a bank can take it."""
    return check(bytes(run.file), run.created_at.date())


def _prepare(
    payer: Payer,
    actor: Account,
    currency: str,
    portal: Portal | None,
    execution_date: date | None,
) -> PayoutRun:
    now = timezone.now()
    run = PayoutRun(
        portal=portal,
        rail=payer.rail,
        currency=currency,
        created_by=actor,
        created_at=now.replace(microsecond=0),
        total_micros=0,
    )
    items = _items(run, due(payer, currency, portal))
    day = execution_date or bank_day(portal, _rail(payer).lead_days)
    prepared = _file(payer, run, items, day)
    sent = {item.reference for item in prepared.payments}
    paid = [(item, who) for item, who in items if item.reference in sent]
    run.clearing_account = open_account(events.clearing(run.ref, currency), currency)
    run.file = prepared.file.content
    run.execution_date = prepared.file.execution_date
    run.total_micros = prepared.file.total.micros
    run.save(force_insert=True)
    _take(run, paid)
    why = f"{len(paid)} payments"
    record("payout run", run.ref, "none", RunState.PREPARED, actor=actor.ref, why=why)
    return run


def _take(run: PayoutRun, paid: Sequence[tuple[providers.PayoutItem, Due]]) -> None:
    """Store a run's payments and move their money into its clearing account."""
    PayoutItemRow.objects.bulk_create(
        PayoutItemRow(
            run=run,
            worker=who.destination.worker,
            end_to_end_id=item.reference,
            amount_micros=item.amount.micros,
            holder=item.name,
            address=item.destination,
        )
        for item, who in paid
    )
    post(
        [
            Entry(
                who.account,
                run.clearing_account,
                who.amount.micros,
                run.currency,
                "payout",
                payment_source(run, item.reference),
            )
            for item, who in paid
        ]
    )


def _items(run: PayoutRun, people: Sequence[Due]) -> list[tuple[providers.PayoutItem, Due]]:
    """The payments of a run. A reference is the run's and the worker's place in it."""
    name = _file_ref(run)
    return [
        (
            providers.PayoutItem(
                reference=f"{name}-{place:05d}",
                name=who.destination.holder,
                destination=who.destination.address,
                amount=who.amount,
                remittance=REMITTANCE.format(run=name),
            ),
            who,
        )
        for place, who in enumerate(people, 1)
    ]


@dataclass(frozen=True, slots=True)
class _Prepared:
    file: providers.PreparedFile
    payments: list[providers.PayoutItem]


def _file(
    payer: Payer,
    run: PayoutRun,
    items: Sequence[tuple[providers.PayoutItem, Due]],
    execution_date: date | None,
) -> _Prepared:
    """Write the file, without the payments that it cannot carry. Raises Refused for none at all."""
    payments = [item for item, _who in items]
    if not payments:
        NOBODY_DUE.fail()
    header = providers.RunHeader(_file_ref(run), run.created_at, execution_date)
    outcome = _rail(payer).prepare(header, payments)
    if isinstance(outcome, providers.Unfit):
        unfit = outcome.items()
        payments = [item for item in payments if item.reference not in unfit]
        if not unfit or not payments:
            _no_file(outcome).fail()
        outcome = _rail(payer).prepare(header, payments)
        if isinstance(outcome, providers.Unfit):
            _no_file(outcome).fail()
    return _Prepared(outcome, payments)


def _finish(run: PayoutRun, actor: Account) -> bool:
    """Close a run whose payments have all ended; its clearing account must be empty."""
    if run.items.filter(state=ItemState.PREPARED).exists():
        return False
    assert not clearing_balance(run).micros
    return move(RUN, run, RunState.DONE, actor=actor.ref, why="every payment has ended")


def _broke(error: IntegrityError, constraint: str) -> bool:
    cause = error.__cause__
    return isinstance(cause, UniqueViolation) and cause.diag.constraint_name == constraint


def _rail(payer: Payer) -> SepaRail:
    return SepaRail(
        Debtor(
            payer.name,
            payer.address,
            bic=payer.bic or None,
            town=payer.town or None,
            country=payer.country or None,
        )
    )


def _file_ref(run: PayoutRun) -> str:
    """The run's name inside files, where banks allow no underscore."""
    return run.ref.replace("_", "-")


def _compact(address: str) -> str:
    return "".join(address.split()).upper()


def _no_file(outcome: providers.Unfit) -> Refusal:
    return Refusal(
        "no_file",
        _("No file can be made: %(problem)s"),
        {"problem": str(outcome.problems[0])},
        status=422,
    )
