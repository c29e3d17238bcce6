"""One effect for one key, however often and from however many connections a request comes.

Stripe's semantics (version 1 of its API): the first answer is stored and given again to whoever
repeats the request with the same key; another request with the same key is refused, and so is one
that comes while the first is still at work. Unlike there, the answer is stored in the transaction
of the effect, so that a crash in between leaves neither and the next try starts afresh.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.models import IdempotencyKey

MAX_KEY = 255
KEPT = timedelta(days=3)

MISMATCH = Refusal(
    "idempotency_mismatch",
    _("This idempotency key was used for another request. Take a new key for a new request."),
    status=422,
)
IN_PROGRESS = Refusal(
    "in_progress", _("The same request is still being worked on. Try again in a moment.")
)
UNUSABLE_KEY = Refusal(
    "unusable_idempotency_key", _("An idempotency key has 1 to 255 characters."), status=422
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    content_type: str
    body: bytes
    replayed: bool = False


def once(owner: str, key: str, fingerprint: bytes, execute: Callable[[], Answer]) -> Answer:
    """Run `execute` unless this owner's key has an answer already; then give that one again.

    owner: whose key it is; nobody else's key of the same name has to do with it.
    fingerprint: what makes two requests the same, a digest of 32 bytes.
    Raises Refused on misuse of the key; whatever `execute` raises leaves the key unused.
    """
    if not 0 < len(key) <= MAX_KEY:
        UNUSABLE_KEY.fail()
    with transaction.atomic():
        if not _have_lock(owner, key):
            IN_PROGRESS.fail()
        known = IdempotencyKey.objects.filter(owner=owner, key=key).first()
        if known is not None:
            if bytes(known.fingerprint) != fingerprint:
                MISMATCH.fail()
            assert known.status is not None
            return Answer(known.status, known.content_type, bytes(known.body), replayed=True)
        answer = execute()
        IdempotencyKey.objects.create(
            owner=owner,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            content_type=answer.content_type,
            body=answer.body,
        )
    return answer


def forget() -> int:
    """Drop the answers that are older than three days; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _have_lock(owner: str, key: str) -> bool:
    """Take the key for the rest of the transaction, unless somebody has it right now.

    A lock that is given back by the commit shows the answer of that commit to the next statement.
    """
    digest = hashlib.sha256(f"{owner}\0{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)]
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])
