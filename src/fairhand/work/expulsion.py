"""Excluding somebody from work: the fact, their sessions, their keys, the pages they hold, at once.

What they handed in is reviewed and paid as if nothing had happened.
"""

from django.db import connection, transaction

from fairhand.kit.decision import Decision
from fairhand.people.models import Account
from fairhand.people.standing import close_standing


@transaction.atomic
def expel(account: Account, by: Account, why: str) -> Decision:
    """Exclude an account for a reason that they are told; the pages they hold are free again."""
    answer = close_standing(account, by, why)
    if answer:
        with connection.cursor() as cursor:
            cursor.execute("select work_give_back_all(%s)", [account.pk])
    return answer
