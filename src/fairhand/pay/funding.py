"""Where does a batch's money come from, and where does the rest go? Deposits and escrow.

A worker is never asked to work on money that is not there: escrow is reserved in full before a
batch opens, so that paying a page needs no check that all workers of the batch would queue for.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, NotEnough, balance, open_account, post
from fairhand.pay import events
from fairhand.people.access import holders
from fairhand.people.audit import note
from fairhand.people.models import Account, Organisation
from fairhand.people.notices import tell
from fairhand.people.rights import Permission


@dataclass(frozen=True, slots=True)
class BatchAccounts:
    """The two ledger accounts that a batch's pages are paid from and charged to."""

    escrow: int
    fee: int


@transaction.atomic
def deposit(
    organisation: Organisation, amount: Money, *, source: str, by: Account | str = "system:setup"
) -> bool:
    """Book money that arrived for a requester; False when this `source` was booked before."""
    entry = Entry(
        open_account(
            events.bank("manual", amount.currency), amount.currency, may_go_below_zero=True
        ),
        open_account(events.deposit(organisation.ref, amount.currency), amount.currency),
        amount.micros,
        amount.currency,
        "deposit",
        source,
    )
    booked = post([entry]) == 1
    if booked:
        after = {"amount": str(amount)}
        note("deposit.booked", actor=by, organisation=organisation, subject=source, after=after)
        for account in holders(organisation, Permission.MONEY):
            named = {"amount": amount, "organisation": organisation.name}
            tell(account, "money.deposited", link="/requester", **named)
    return booked


def deposit_balance(organisation: Organisation, currency: str) -> Money:
    """What a requester can still reserve."""
    account = open_account(events.deposit(organisation.ref, currency), currency)
    return Money(balance(account), currency)


def batch_accounts(source: str, currency: str) -> BatchAccounts:
    """The accounts of a batch, made when they are new. `source` is its reference."""
    return BatchAccounts(
        open_account(events.escrow(source, currency), currency),
        open_account(events.fee(currency), currency),
    )


def reserve(organisation: Organisation, source: str, amount: Money) -> Decision:
    """Move a batch's whole cost into its escrow, or refuse with what is missing."""
    accounts = batch_accounts(source, amount.currency)
    entry = Entry(
        open_account(events.deposit(organisation.ref, amount.currency), amount.currency),
        accounts.escrow,
        amount.micros,
        amount.currency,
        "reserve",
        source,
    )
    try:
        with transaction.atomic():
            post([entry])
    except NotEnough as error:
        missing = Money(error.missing, amount.currency)
        return Refusal(
            "not_enough_money",
            _("This batch costs %(cost)s; %(missing)s is missing. Add money, then open it again."),
            {"cost": str(amount), "missing": str(missing)},
            status=402,
        )
    return ALLOWED


def release(organisation: Organisation, source: str, currency: str) -> Money:
    """Give back whatever a finished batch's escrow still holds; returns how much.

    The caller makes sure that no page of the batch is held or awaits acceptance.
    """
    accounts = batch_accounts(source, currency)
    rest = balance(accounts.escrow)
    if rest > 0:
        to = open_account(events.deposit(organisation.ref, currency), currency)
        post([Entry(accounts.escrow, to, rest, currency, "release", source)])
    return Money(rest, currency)


def escrow_balance(source: str, currency: str) -> Money:
    """What a batch's escrow holds now."""
    return Money(balance(batch_accounts(source, currency).escrow), currency)
