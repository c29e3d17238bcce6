"""Keeping somebody from work: the fact, their sessions, their keys, the pages they hold, at once.

What they handed in is reviewed and paid as if nothing had happened. Each verb is one that
`fairhand.people.standing` records, with all that follows from it, in one transaction.
"""

from django.db import transaction

from fairhand.kit.decision import Decision
from fairhand.people import standing
from fairhand.people.models import Account
from fairhand.work.access import revoke


@transaction.atomic
def suspend(account: Account, by: Account, *, days: int, why: str) -> Decision:
    """Keep somebody from work for some days, for a reason that they are told.

    Keys that they hold for an organisation go on: a suspension is about work. Raises Refused for
    whoever is no operator with the duty.
    """
    answer = standing.suspend(account, by, days=days, why=why)
    if answer:
        revoke(account, keys=False)
    return answer


@transaction.atomic
def expel(account: Account, by: Account, why: str) -> Decision:
    """Exclude an account for a reason that they are told; the pages they hold are free again.

    Raises Refused for whoever is no operator with the duty.
    """
    answer = standing.close_standing(account, by, why)
    if answer:
        revoke(account)
    return answer


@transaction.atomic
def close_own(account: Account) -> Decision:
    """Stop working here, as one's own choice: every browser, key and page ends."""
    answer = standing.close_own(account)
    if answer:
        revoke(account, keys=False)
    return answer
