"""Long lists: one part at a time, with the words and addresses of the pager below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fairhand.web.templatetags.figures import number

Row = TypeVar("Row")
LENGTH = 50
LAST = 1_000_000  # pages: an address with more is a mistake


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list is asked for: `?page=3`."""

    request: HttpRequest
    page: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Place":
        """Read the address bar; what is no page number is the first page."""
        text = request.GET.get("page", "1")
        page = int(text) if text.isascii() and text.isdigit() else 1
        return cls(request, min(max(page, 1), LAST))

    @property
    def offset(self) -> int:
        return (self.page - 1) * LENGTH

    def address(self, page: int) -> str:
        """The same address with another page."""
        query = self.request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """Some rows of a list, and what its pager says."""

    rows: Sequence[Row]
    total: int
    text: str
    previous: str
    next: str

    @property
    def several(self) -> bool:
        """Whether there is more than this part."""
        return bool(self.previous or self.next)


def part(place: Place, rows: Sequence[Row], total: int) -> Part[Row]:
    """Wrap the rows found at a place."""
    first, last = place.offset + 1, place.offset + len(rows)
    words = _("%(first)s to %(last)s of %(total)s") % {
        "first": number(first),
        "last": number(last),
        "total": number(total),
    }
    return Part(
        rows,
        total,
        words if rows else "",
        place.address(place.page - 1) if place.page > 1 else "",
        place.address(place.page + 1) if last < total else "",
    )


def part_of(request: HttpRequest, everything: Sequence[Row]) -> Part[Row]:
    """The part of a list that is at hand as a whole."""
    place = Place.of(request)
    rows = everything[place.offset : place.offset + LENGTH]
    return part(place, rows, len(everything))
