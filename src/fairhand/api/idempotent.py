"""Writes that may be sent again: the header Idempotency-Key.

Stored, and given again with `Idempotent-Replayed: true`: success, and what the state of things
refused (402, 409, 410). Not stored, because nothing was tried: a missing right, input that cannot
be used, and a key that is in use. Nor a fault of ours, after which nothing is changed.
"""

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.http import HttpResponse
from pydantic import BaseModel

from fairhand.api import problems
from fairhand.api.auth import Request, owner_of
from fairhand.kit.decision import Refused
from fairhand.kit.idempotency import Answer, once

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
DECIDED = {402, 409, 410}


def fingerprint(request: Request, body: bytes) -> bytes:
    """What makes two requests the same: method, address, type of body, and the body's digest."""
    parts = (request.method or "", request.get_full_path(), request.content_type or "")
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + body).digest()


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def answered(
    request: Request, status: int, verb: Callable[[], BaseModel], body_digest: bytes
) -> HttpResponse:
    """Run a verb and send what it returns; once for each idempotency key, where there is one."""
    key = request.headers.get(HEADER)
    if key is None:
        return _send(_success(status, verb()))

    def execute() -> Answer:
        try:
            with transaction.atomic():
                return _success(status, verb())
        except Refused as error:
            if error.refusal.status not in DECIDED:
                raise
            body = problems.encode(problems.of_refusal(error.refusal))
            return Answer(error.refusal.status, problems.CONTENT_TYPE, body)

    return _send(once(owner_of(request), key, fingerprint(request, body_digest), execute))


def _success(status: int, value: BaseModel) -> Answer:
    return Answer(status, "application/json", value.model_dump_json().encode())


def _send(answer: Answer) -> HttpResponse:
    sent = HttpResponse(answer.body, content_type=answer.content_type, status=answer.status)
    sent.headers["Cache-Control"] = "no-store"
    if answer.replayed:
        sent.headers[REPLAYED] = "true"
    return sent
