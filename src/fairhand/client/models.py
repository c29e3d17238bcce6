"""What the API answers, as typed values. Members that a newer server adds are left aside."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Money(Answered):
    """Millionths of the currency's main unit: 1 EUR is 1_000_000."""

    micros: int
    currency: str


class Place(Answered):
    """One place where input is wrong."""

    message: str
    line: int | None = None
    field: str | None = None


class Person(Answered):
    ref: str
    name: str


class Membership(Person):
    role: Literal["owner", "manager", "designer", "reviewer", "billing", "viewer"]


class Key(Answered):
    name: str
    tail: str
    scopes: list[str]
    expires_at: datetime | None


class Me(Answered):
    """Whose key this is and what it may do."""

    account: Person
    organisation: Membership | None
    worker: str | None
    key: Key


class Project(Answered):
    ref: str
    name: str
    interface: dict[str, Any]
    instructions: list[dict[str, str]]
    created_at: datetime


class Progress(Answered):
    answers: int
    wanted: int
    workers: int
    restricted: int
    pages_held: int
    pages_in_review: int
    gold_seen: int
    gold_right: int


class Batch(Answered):
    """A batch and its terms; the last five are there where one batch was asked for."""

    ref: str
    project: str
    name: str
    state: Literal["draft", "open", "paused", "closed", "settled"]
    tasks: int
    price: Money
    fee: Money
    overlap: int
    page_size: int
    gold_permille: int
    bar_permille: int | None
    confidence_permille: int | None
    review_hours: int
    deadline_seconds: int
    reserved: bool
    expected_seconds: float | None
    gates: list[str]
    portals: list[str]
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    progress: Progress | None = None
    cost: Money | None = None
    paid: Money | None = None
    fees: Money | None = None
    escrow: Money | None = None


class Uploaded(Answered):
    """How many tasks came in, and how many the batch has now."""

    uploaded: int
    tasks: int


class Task(Answered):
    position: int
    key: str
    data: dict[str, Any]
    gold: dict[str, Any] | None
    reserved_for: list[str]


class Accepted(Answered):
    accepted: int


class Computed(Answered):
    results: int
    method: str


class Result(Answered):
    """The answer that the crowd gave to one task."""

    position: int
    key: str
    value: dict[str, Any]
    confidence: float
    method: str
    answers: int
    votes: dict[str, dict[str, int]]
    at: datetime


class Answer(Answered):
    """One worker's judgment of one task, with its evidence."""

    position: int
    key: str
    worker: str
    page: int
    value: dict[str, Any]
    seconds: float | None
    gold_right: bool | None
    at: datetime


class Balance(Answered):
    available: Money


class Restriction(Answered):
    code: str
    message: str


class Offer(Answered):
    """An open batch as a worker sees it."""

    batch: str
    name: str
    project: str
    organisation: str
    price: Money
    requester_pays: Money
    portal_keeps: Money
    page_size: int
    deadline_seconds: int
    hourly: Money | None
    hourly_sample: int
    answers: int
    earned: Money
    restriction: Restriction | None


class Offers(Answered):
    items: list[Offer]


class Purse(Answered):
    """What was earned through one portal (None: the installation's own site)."""

    portal: str | None
    pending: Money
    payable: Money
    minimum: Money | None
    next_payday: date | None


class Earnings(Answered):
    pending: Money
    payable: Money
    purses: list[Purse]
