"""Is every cent accounted for? A recount of the whole ledger from its transfers alone."""

from dataclasses import dataclass

from django.db import connection

RECOUNT = """
with entries as (
  select account, sum(amount) as total from (
    select credit as account, amount from ledger_transfer
    union all
    select debit, -amount from ledger_transfer
  ) e group by account
)
select a.code, a.currency, coalesce(e.total, 0)::bigint, ledger_balance(a.id), a.may_go_below_zero
  from ledger_account a left join entries e on e.account = a.id order by a.code
"""
STRAYS = """
select count(*) from ledger_transfer t
 where not exists (select from ledger_account a where a.id = t.debit and a.currency = t.currency)
    or not exists (select from ledger_account a where a.id = t.credit and a.currency = t.currency)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One account as recounted. Amounts in micro-units."""

    code: str
    currency: str
    recounted: int
    balance: int
    may_go_below_zero: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """The state of the whole ledger. `faults` are sentences; none means that it balances."""

    lines: list[Line]
    totals: dict[str, int]
    faults: list[str]

    @property
    def balanced(self) -> bool:
        return not self.faults


def audit() -> Audit:
    """Recount every account from the transfers and compare with what balances say."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        lines = [Line(*row) for row in cursor.fetchall()]
        cursor.execute(STRAYS)
        row = cursor.fetchone()
    assert row is not None
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, 0) + line.recounted
    faults = [f"The sum over {currency} is {t}, not zero." for currency, t in totals.items() if t]
    faults += [
        f"{line.code} holds {line.recounted} by its transfers and {line.balance} by its balance."
        for line in lines
        if line.recounted != line.balance
    ]
    faults += [
        f"{line.code} is below zero: {line.recounted}."
        for line in lines
        if line.recounted < 0 and not line.may_go_below_zero
    ]
    if row[0]:
        faults.append(f"{row[0]} transfers name an account that is not there or another currency.")
    return Audit(lines, totals, faults)
