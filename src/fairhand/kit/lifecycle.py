"""Lifecycles: a table of allowed moves, and one way to make a move.

A verb moves a row only from the state it expects, and writes one history row in the same
transaction. "Somebody was first" is a normal answer, not an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from fairhand.kit.models import History


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow of a lifecycle, and the sentence that explains it in docs/states.md."""

    source: str
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The arrows of one kind of thing. `name` is how history names the kind."""

    name: str
    states: type[models.TextChoices]
    moves: tuple[Move, ...]

    def allows(self, source: str, target: str) -> bool:
        return any(m.source == source and m.target == target for m in self.moves)


def move(
    lifecycle: Lifecycle,
    row: models.Model,
    target: str,
    *,
    actor: str,
    why: str,
    changes: Mapping[str, Any] | None = None,
) -> bool:
    """Move `row` from the state it was read in to `target`; False if somebody was first.

    `actor` is an account's reference or `system:<what>`; `changes` are further fields set with it.
    Raises ValueError on an arrow that the lifecycle does not have: that is a fault in the code.
    """
    source = row.state  # type: ignore[attr-defined]
    if not lifecycle.allows(source, target):
        raise ValueError(f"{lifecycle.name}: no move from {source} to {target}")
    updates = {"state": target, **(changes or {})}
    with transaction.atomic():
        manager = type(row)._default_manager  # noqa: SLF001 - Django's public spelling for any model
        if manager.filter(pk=row.pk, state=source).update(**updates) != 1:
            return False
        record(lifecycle.name, str(row.pk), source, target, actor=actor, why=why)
    for name, value in updates.items():
        setattr(row, name, value)
    return True


def record(kind: str, subject: str, source: str, target: str, *, actor: str, why: str) -> None:
    """Write one history row, for a move made by other means (such as a bulk statement)."""
    History.objects.create(
        kind=kind, subject=subject, source=source, target=target, actor=actor, why=why
    )
