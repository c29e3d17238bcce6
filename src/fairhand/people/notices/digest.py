"""The daily mail: everything that waited for it, in one letter, and none where nothing did."""

from django.conf import settings
from django.db import transaction

from fairhand.people.mail import queue_mail
from fairhand.people.models import Account, Mail, Notice
from fairhand.people.notices.stopping import DIGEST, stop_address
from fairhand.people.notices.words import address, digest_of, in_language_of, said

MOST = 100  # notices in one letter; the page has the others


def send_digests() -> int:
    """Queue today's letters; returns how many. Whoever has read a notice here is not mailed it."""
    waiting = Notice.objects.filter(awaits_digest=True)
    accounts = list(waiting.order_by("account").distinct("account").values_list("account_id"))
    return sum(_digest(account) is not None for (account,) in accounts)


@transaction.atomic
def _digest(account_id: int) -> Mail | None:
    """One person's letter; whoever comes second finds nothing left to tell."""
    held = Notice.objects.select_for_update().filter(account=account_id, awaits_digest=True)
    notices = list(held.order_by("-pk"))
    held.update(awaits_digest=False)
    unread = [notice for notice in notices if notice.read_at is None][:MOST]
    account = Account.objects.get(pk=account_id)
    if not unread or not settings.SENDS_MAIL or not account.is_active:
        return None
    stop = stop_address(account, DIGEST)
    with in_language_of(account):
        told = [(said(n.kind, n.params, n.created_at), address(n.link)) for n in unread]
        letter = digest_of(told, name=account.name, stop=stop)
    return queue_mail(
        to=account.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        stop=stop,
        kind=DIGEST,
        account=account,
    )
