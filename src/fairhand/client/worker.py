"""A worker's program, as demonstrations and replays have them: one turn is one request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fairhand.client.models import Earnings, Offer, Offers
from fairhand.client.transport import Caller, Patience, Pool, shared_pool

JSON = {"Content-Type": "application/json"}


class Submitted(msgspec.Struct, frozen=True):
    """A page that was stored. `repeated`: it had been before, and counts once."""

    page: int
    answers: int
    earned_micros: int
    repeated: bool


class Item(msgspec.Struct, frozen=True):
    """One task of a page, by its number on the page."""

    item: int
    data: dict[str, Any]


class Page(msgspec.Struct, frozen=True):
    """The tasks that a worker holds, until `deadline`."""

    no: int
    deadline: datetime
    seconds_left: int
    pay_micros: int
    items: list[Item]


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no next page."""

    code: str
    message: str


class Turn(msgspec.Struct, frozen=True):
    """What a turn brought."""

    submitted: Submitted | None
    page: Page | None
    ahead: Page | None
    refusal: Refusal | None


_decode = msgspec.json.Decoder(Turn).decode
_encode = msgspec.json.Encoder().encode


class Worker:
    """What a worker's key can do. All workers of an address share their connections.

    pool: connections of one's own. patience, language: as for Client.
    """

    __slots__ = ("_caller",)

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        pool: Pool | None = None,
        language: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._caller = Caller(pool or shared_pool(base_url), key, language, patience or Patience())

    def offers(self) -> list[Offer]:
        """The open batches that this worker may see."""
        return Offers.model_validate_json(self._caller.send("GET", "offers").content).items

    def earnings(self, currency: str = "EUR") -> Earnings:
        """What is pending and payable."""
        answer = self._caller.send("GET", "earnings", params={"currency": currency})
        return Earnings.model_validate_json(answer.content)

    def turn(
        self,
        batch: str,
        page: int | None = None,
        answers: Sequence[Mapping[str, Any]] | None = None,
        *,
        ahead: bool = False,
        give_back: bool = False,
    ) -> Turn:
        """Hand in a page, if one is given, and take the next.

        answers: {"item", "value", "seconds"} for each item. ahead: fetch one page more while one
        is held. give_back: return the page without answers.
        Raises Problem when the request itself is refused; `refusal` only says why there is no page.
        """
        wish: dict[str, Any] = {"page": page, "answers": answers or []}
        if ahead or give_back:
            wish |= {"ahead": ahead, "give_back": give_back}
        body = _encode(wish)
        sent = self._caller.send("POST", f"work/{batch}", content=lambda: body, headers=JSON)
        return _decode(sent.content)
