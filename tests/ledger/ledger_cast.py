"""Accounts and movements for the ledger's own tests."""

import itertools

from fairhand.ledger.posting import Entry, open_account, post

_count = itertools.count(1)


def bank(currency: str = "EUR") -> int:
    """An account that stands for the world outside."""
    return open_account(f"bank:{next(_count)}:{currency}", currency, may_go_below_zero=True)


def purse(currency: str = "EUR", *, holding: int = 0) -> int:
    """An account that may not go below zero, with some money from a bank of its own."""
    account = open_account(f"purse:{next(_count)}:{currency}", currency)
    if holding:
        post([entry(bank(currency), account, holding, currency=currency)])
    return account


def entry(
    debit: int,
    credit: int,
    amount: int = 5,
    *,
    currency: str = "EUR",
    reason: str = "test",
    source: str | None = None,
) -> Entry:
    """A movement, of an event of its own unless `source` names one."""
    return Entry(debit, credit, amount, currency, reason, source or f"event/{next(_count)}")
