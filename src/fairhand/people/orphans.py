"""The standing check that nobody has a right which nobody gave, or which should have ended."""

from dataclasses import dataclass

from django.db import connection

from fairhand.kit.sql import read


@dataclass(frozen=True, slots=True)
class Orphan:
    """A right without a holder: what it is, and the row's number."""

    what: str
    number: int


def orphans() -> list[Orphan]:
    """Everything that the check finds; nothing in an installation that is well."""
    with connection.cursor() as cursor:
        cursor.execute(read("people/orphans"))
        return [Orphan(what, number) for what, number in cursor.fetchall()]
