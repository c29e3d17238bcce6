"""What do many accounts hold together?"""

from django.db import connection

HELD = "select coalesce(sum(ledger_balance(id)), 0)::bigint from ledger_account where code like %s"


def held_by(ending: str) -> int:
    """Micro-units in all accounts whose code ends like this."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, ["%" + ending.replace("_", r"\_")])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
