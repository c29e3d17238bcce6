"""Walking through a list: `?limit=` and `?cursor=`, and in the answer where to go on."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from fairhand.kit.decision import Problem, UnusableInput
from fairhand.work.exporting import Place

MAX_LIMIT = 1000
MAX_POSITION = 2**31 - 1
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="entries on a page")]
Cursor = Annotated[
    str | None,
    Query(description="`next` of the page before; leave it out for the first page"),
    Field(max_length=200),
]
Row = TypeVar("Row", bound=Model)


def make_cursor(*parts: object) -> str:
    """An opaque text that says behind what the next page begins."""
    return urlsafe_b64encode(" ".join(map(str, parts)).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> list[str]:
    """What make_cursor was given, as texts; empty without a cursor. Raises UnusableInput."""
    if cursor is None:
        return []
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return raw.decode("ascii").split(" ")
    except (binascii.Error, UnicodeError):
        raise bad_cursor() from None


def bad_cursor() -> UnusableInput:
    return UnusableInput(
        [Problem(_("Use the `next` of an earlier answer as it was given."), field="cursor")]
    )


def place_of(cursor: str | None) -> Place:
    """The place in a batch's tasks, answers or results that a cursor names."""
    match read_cursor(cursor):
        case []:
            return Place()
        case [position] if _is_position(position):
            return Place(int(position))
        case [position, worker] if _is_position(position) and worker.isidentifier():
            return Place(int(position), worker)
    raise bad_cursor()


def newest_first(
    rows: QuerySet[Row], cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """A page of rows that have a `ref`, newest first, and the cursor of the next page.

    The cursor names the last row by its reference: numbers of rows would tell how many there are.
    """
    match read_cursor(cursor):
        case []:
            pass
        case [ref] if ref.isidentifier() and (last := rows.filter(ref=ref).first()) is not None:
            rows = rows.filter(Q(pk__lt=last.pk))
        case _:
            raise bad_cursor()
    page = list(rows.order_by("-pk")[: limit + 1])
    more = len(page) > limit
    return page[:limit], make_cursor(page[limit - 1].ref) if more else None  # type: ignore[attr-defined]


def following(records: Sequence[dict[str, Any]], limit: int, *names: str) -> str | None:
    """The cursor behind the last of `limit` records, None when they were the last."""
    if len(records) <= limit:
        return None
    return make_cursor(*(records[limit - 1][name] for name in names))


def _is_position(text: str) -> bool:
    return text.isdecimal() and text.isascii() and int(text) <= MAX_POSITION
