"""What happened on some accounts: for statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

# `matter` is the part of a source before its first slash: the batch or the payout run.
DAILY = """
select (t.at at time zone 'UTC')::date, t.reason, split_part(t.source, '/', 1),
       sum(t.amount * t.sign)::bigint, count(*), t.account, array_agg(t.source order by t.source)
  from (select at, reason, source, amount, 1 as sign, credit as account from ledger_transfer
         where credit = any(%(accounts)s) and not debit = any(%(accounts)s)
        union all
        select at, reason, source, amount, -1, debit from ledger_transfer
         where debit = any(%(accounts)s) and not credit = any(%(accounts)s)) t
 where t.at >= %(since)s and t.at < %(until)s
 group by 1, 2, 3, t.account order by 1, 2, 3, t.account
"""
HELD = """
select coalesce(sum(case when credit = any(%(accounts)s) then amount else 0 end)
              - sum(case when debit = any(%(accounts)s) then amount else 0 end), 0)::bigint
  from ledger_transfer
 where (credit = any(%(accounts)s) or debit = any(%(accounts)s)) and at < %(until)s
"""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day's transfers of one account, of one kind, in one matter.

    `amount` in micro-units, gains above zero; `sources` are the transfers' own.
    """

    day: date
    reason: str
    matter: str
    amount: int
    transfers: int
    account: int
    sources: list[str]


def daily(accounts: Sequence[int], since: datetime, until: datetime) -> list[DayLine]:
    """Transfers between these accounts and others, a day, reason, matter and account a line."""
    with connection.cursor() as cursor:
        cursor.execute(DAILY, {"accounts": list(accounts), "since": since, "until": until})
        return [DayLine(*row) for row in cursor.fetchall()]


def held_at(accounts: Sequence[int], until: datetime) -> int:
    """Micro-units that these accounts held together just before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"accounts": list(accounts), "until": until})
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
