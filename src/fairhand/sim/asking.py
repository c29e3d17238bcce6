"""What requesters of simulations do alike."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fairhand.client import Client, Problem


def choice(
    views: Sequence[tuple[str, str]], name: str, label: str, options: Mapping[str, str]
) -> dict[str, Any]:
    """The interface that asks one question: views as (kind, source), options as value and label."""
    return {
        "views": [{"kind": kind, "from": source} for kind, source in views],
        "fields": [
            {
                "kind": "choice",
                "name": name,
                "label": label,
                "options": [{"value": value, "label": text} for value, text in options.items()],
            }
        ],
    }


def end_batch(client: Client, ref: str) -> None:
    """Close a batch, unless the platform closed it first because nobody could go on."""
    if client.batch(ref).state not in {"open", "paused"}:
        return
    try:
        client.close(ref)
    except Problem as problem:
        if problem.status != HTTPStatus.CONFLICT:
            raise
