"""Texts handed to an operator's own address, signed, which sends them by whatever they pay for.

The body is JSON with `phone`, `text` and `sent_at` (seconds since 1970). The header
`Fairhand-Signature` is `t=<sent_at>,v1=<hex>`: HMAC-SHA256 under the shared secret over
`<sent_at>.<body>`, as Stripe signs its webhooks, so that a text cannot be forged and an old one
cannot be sent again.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping

Post = Callable[[str, bytes, Mapping[str, str]], int]


class Webhook:
    """Posts each text to one address. `post` sends the bytes and returns the status."""

    def __init__(self, url: str, secret: str, post: Post) -> None:
        self.url, self.secret, self.post = url, secret, post

    def send(self, phone: str, text: str) -> None:
        at = int(time.time())
        body = json.dumps({"phone": phone, "text": text, "sent_at": at}).encode()
        headers = {
            "Content-Type": "application/json",
            "Fairhand-Signature": f"t={at},v1={signature(self.secret, at, body)}",
        }
        status = self.post(self.url, body, headers)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's success
            raise OSError(f"the address for texts answered {status}")


def signature(secret: str, at: int, body: bytes) -> str:
    """The signature of a body sent at that second."""
    signed = str(at).encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
