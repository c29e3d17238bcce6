"""How is a cent moved? One function writes transfers; the database refuses everything else.

Posting the same event twice moves money once: (source, reason) is unique, and a repetition that
differs in accounts or amount is a fault. Debited accounts are locked in the order of their ids
before their balance is read, so that two spenders cannot both see the same money.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Q

from fairhand.ledger.models import Account, Transfer

MAX_AMOUNT = 10**18  # micro-units; a bigint holds nine times as much, so that sums stay inside it


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement to be posted: `amount` micro-units from `debit` to `credit` (account ids)."""

    debit: int
    credit: int
    amount: int
    currency: str
    reason: str
    source: str


class NotEnough(Exception):  # noqa: N818 - an answer, not a fault
    """An account would have gone below zero; nothing was posted. `missing` is in micro-units."""

    def __init__(self, account: int, missing: int) -> None:
        super().__init__(f"account {account} lacks {missing}")
        self.account = account
        self.missing = missing


class Contradiction(Exception):  # noqa: N818 - names what it is
    """The same event was posted before with other accounts or another amount."""


def open_account(code: str, currency: str, *, may_go_below_zero: bool = False) -> int:
    """Return the id of the account of this code, making it when it is new.

    Raises Contradiction when the code exists in another currency.
    """
    account, _ = Account.objects.get_or_create(
        code=code, defaults={"currency": currency, "may_go_below_zero": may_go_below_zero}
    )
    if account.currency != currency:
        raise Contradiction(f"{code} is kept in {account.currency}, not {currency}")
    return account.pk


def accounts_of(codes: Iterable[str]) -> dict[str, int]:
    """The ids of those of these accounts that there are, by code, in one query; makes none."""
    return dict(Account.objects.filter(code__in=list(codes)).values_list("code", "pk"))


def accounts_beginning(starts: Sequence[str]) -> dict[str, int]:
    """The ids of the accounts whose codes begin with one of these, by code, in one query."""
    wanted = reduce(or_, (Q(code__startswith=start) for start in starts))
    return dict(Account.objects.filter(wanted).values_list("code", "pk"))


def post(entries: Sequence[Entry]) -> int:
    """Post all entries or none; return how many were new.

    Raises NotEnough, Contradiction, or ValueError on an amount out of range.
    """
    for entry in entries:
        if not 0 < entry.amount <= MAX_AMOUNT:
            raise ValueError(f"{entry.source}: {entry.amount} is not an amount")
    with transaction.atomic():
        bounded = _lock(entries)
        new = _not_posted(entries)
        _insert(new)
        for account, held in balances(bounded).items():
            if held < 0:
                raise NotEnough(account, -held)
    return len(new)


def balance(account: int) -> int:
    """Micro-units that an account holds now."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_balance(%s)", [account])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def balances(accounts: Sequence[int]) -> dict[int, int]:
    """Micro-units that each of these accounts holds now, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, ledger_balance(id) from unnest(%s::bigint[]) as u(id)", [list(accounts)]
        )
        return {int(row[0]): int(row[1]) for row in cursor.fetchall()}


def fold() -> int:
    """Fold finished transfers into the balances; return how many balances changed."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_fold()")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _lock(entries: Sequence[Entry]) -> list[int]:
    """Lock the debited accounts; return the ids of those that may not go below zero.

    The others are locked too, so that who posts the same event at the same time finds it posted.
    """
    debited = {entry.debit for entry in entries}
    rows = (
        Account.objects.filter(pk__in=debited)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", "may_go_below_zero")
    )
    return [account for account, may_go_below_zero in rows if not may_go_below_zero]


def _not_posted(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out what is posted already. Raises Contradiction when that was something else."""
    sources = {entry.source for entry in entries}
    posted = {
        (found.source, found.reason): (found.debit, found.credit, found.amount, found.currency)
        for found in Transfer.objects.filter(source__in=sources)
    }
    new: list[Entry] = []
    for entry in entries:
        moved = (entry.debit, entry.credit, entry.amount, entry.currency)
        before = posted.setdefault((entry.source, entry.reason), moved)
        if before is moved:
            new.append(entry)
        elif before != moved:
            raise Contradiction(f"{entry.reason} of {entry.source} was posted differently before")
    return new


def _insert(entries: Sequence[Entry]) -> None:
    Transfer.objects.bulk_create(
        Transfer(
            debit=entry.debit,
            credit=entry.credit,
            amount=entry.amount,
            currency=entry.currency,
            reason=entry.reason,
            source=entry.source,
        )
        for entry in entries
    )
