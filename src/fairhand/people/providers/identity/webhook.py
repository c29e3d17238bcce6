"""A vendor's service, or an operator's own, that proves who somebody is; each side signs.

Asked: a JSON body with `reference`, `holder`, `birth_date`, `document_kind`, `document_country`,
`language`, `return_to`, `callback` and `sent_at` (seconds since 1970). It answers with `session`,
its own name for the check, and `address`, where the worker goes (https). Asked again for the same
reference it may give the same session or a new one.

Told later, at the callback: `reference`, `session`, `result` (pending, verified, rejected), and
where it was verified `document` with `country`, `kind`, `number`, `expires` (or null) and
`birth_date`. Both bodies carry `Fairhand-Signature: t=<second>,v1=<hex>`: HMAC-SHA256 under the
shared secret over `<second>.<body>`, as Stripe signs its webhooks.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from fairhand.people.providers.identity import Begun, Wanted

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]
HEADER = "Fairhand-Signature"
TOLERANCE = 300  # seconds that clocks may differ, and a message may take
SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
LONGEST_REF = 120


class Webhook:
    """Asks one address. `post` sends the bytes and returns status and body."""

    name = "webhook"
    takes_pictures = False
    elsewhere = True

    def __init__(self, url: str, secret: str, post: Post, *, base: str) -> None:
        self.url, self.secret, self.post, self.base = url, secret, post, base

    def begin(self, wanted: Wanted) -> Begun:
        """Have the vendor open a session. Raises OSError where it does not do so properly."""
        at = int(time.time())
        body = json.dumps(
            {
                "reference": wanted.ref,
                "holder": wanted.holder,
                "birth_date": wanted.birth_date.isoformat(),
                "document_kind": wanted.document_kind,
                "document_country": wanted.document_country,
                "language": wanted.language,
                "return_to": f"{self.base}/identity",
                "callback": f"{self.base}/identity/callback",
                "sent_at": at,
            }
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": wanted.ref,
            HEADER: f"t={at},v1={signature(self.secret, at, body)}",
        }
        status, told = self.post(self.url, body, headers)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's success
            raise OSError(f"the identity service answered {status}")
        return _session(told)


def _session(told: bytes) -> Begun:
    """What the vendor answered; an address that is not https leads nowhere."""
    answer = _object(told)
    session, address = answer.get("session"), answer.get("address")
    if not isinstance(session, str) or not 0 < len(session) <= LONGEST_REF:
        raise OSError("the identity service named no session")
    if not isinstance(address, str) or not _is_https(address):
        raise OSError("the identity service named no https address")
    return Begun(outside_ref=session, address=address)


def _object(told: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(told)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise OSError("the identity service answered no JSON object")
    return answer


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    return plain and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def signature(secret: str, at: int, body: bytes) -> str:
    """The signature of a body sent at that second."""
    signed = str(at).encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(secret: str, header: str, body: bytes) -> bool:
    """Whether a body was signed with our secret within the last minutes."""
    found = SIGNED.fullmatch(header)
    if found is None or abs(time.time() - int(found[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(signature(secret, int(found[1]), body), found[2])
