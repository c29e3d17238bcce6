"""Errors as problem details (RFC 9457), the same everywhere: type, title, status, detail, code."""

from http import HTTPStatus
from typing import Any

import msgspec

from fairhand.kit.decision import Refusal, UnusableInput

CONTENT_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as an object. `code` is stable, `detail` is for people, in their language."""
    return {
        "type": f"/docs/problems#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    return problem(refusal.status, refusal.code, str(refusal))


def of_unusable(error: UnusableInput) -> dict[str, Any]:
    """Every place that is wrong, each with its line and field where it has them."""
    places = [
        {"message": str(found.message), "line": found.line, "field": found.field}
        for found in error.problems
    ]
    return problem(422, "unusable_input", str(error.problems[0]), problems=places)


def encode(body: dict[str, Any]) -> bytes:
    return msgspec.json.encode(body)
