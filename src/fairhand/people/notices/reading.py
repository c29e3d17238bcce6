"""What somebody was told, and that they have read it."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from fairhand.people.models import Account, Notice

MANY = 100  # a bell that says more says nothing more


def notices_of(account: Account) -> QuerySet[Notice]:
    """All that somebody was told, the newest first."""
    return Notice.objects.filter(account=account).order_by("-pk")


def unread(account: Account) -> int:
    """How many notices wait to be read, up to 100. It is asked on nearly every page, so one query
    looks at no more rows than that, in an index of unread ones.
    """
    return Notice.objects.filter(account=account, read_at=None)[:MANY].count()


def read(account: Account, pk: int) -> Notice | None:
    """Note that somebody opened a notice of theirs; None where it is not theirs or not there."""
    mine = Notice.objects.filter(account=account, pk=pk)
    mine.filter(read_at=None).update(read_at=timezone.now())
    return mine.first()


def read_all(account: Account, *, up_to: int) -> int:
    """Note that somebody saw all up to the newest that was on their screen; returns how many."""
    mine = Notice.objects.filter(account=account, read_at=None, pk__lte=up_to)
    return mine.update(read_at=timezone.now())


def forget_notices(days: int = 400) -> int:
    """Delete what was told so long ago; what happened stays in the audit trail."""
    before = timezone.now() - timedelta(days=days)
    return Notice.objects.filter(created_at__lt=before).delete()[0]
