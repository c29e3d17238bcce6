"""What goes in and out, as JSON. These make the document at openapi.json."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fairhand.kit import money
from fairhand.projects.batches import MAX_PRICE


class Out(BaseModel):
    """What is answered; it is made by us, so it is not checked again."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """What is sent: no field too many, and no text where a number is asked for.

    Ranges are told here and enforced by the verbs, whose words are in the reader's language.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


def between(low: float, high: float) -> dict[str, Any]:
    return {"minimum": low, "maximum": high}


class Money(Out):
    """An amount in millionths of the currency's main unit: 1 EUR is 1000000."""

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: money.Money) -> "Money":
        return cls.model_construct(micros=amount.micros, currency=amount.currency)


class ProblemPlace(Out):
    """One place where the input is wrong."""

    message: str
    line: int | None = None
    field: str | None = None


class Problem(Out):
    """Problem details (RFC 9457). `code` is stable and for programs, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    problems: list[ProblemPlace] = []


class Person(Out):
    ref: str
    name: str


class Membership(Out):
    ref: str
    name: str
    role: Literal["owner", "manager", "designer", "reviewer", "billing", "viewer"]


class KeyView(Out):
    name: str
    tail: str = Field(description="the last four characters of the key")
    scopes: list[str]
    expires_at: datetime | None


class Me(Out):
    account: Person
    organisation: Membership | None = Field(description="null for a worker's key")
    worker: str | None = Field(description="the worker's reference, for a worker's key")
    key: KeyView


class Instruction(In):
    heading: str = ""
    text: str = ""


class ProjectIn(In):
    name: str = Field(json_schema_extra={"minLength": 1, "maxLength": 120})
    interface: dict[str, Any] = Field(description="views and fields; see the guide")
    instructions: list[Instruction] = []


class ProjectView(Out):
    ref: str
    name: str
    interface: dict[str, Any]
    instructions: list[dict[str, str]]
    created_at: datetime


class ProjectPage(Out):
    items: list[ProjectView]
    next: str | None


class BatchIn(In):
    """The terms of a batch. They are fixed once it is open."""

    project: str = Field(description="the project's reference")
    name: str = Field(json_schema_extra={"minLength": 1, "maxLength": 120})
    price_micros: int = Field(
        description="pay for one answer", json_schema_extra=between(1, MAX_PRICE)
    )
    currency: str = "EUR"
    overlap: int = Field(
        3, description="answers wanted for each task", json_schema_extra=between(1, 1000)
    )
    page_size: int = Field(
        10, description="tasks handed out together", json_schema_extra=between(1, 100)
    )
    gold_permille: int = Field(
        0, description="share of gold among what is handed out", json_schema_extra=between(0, 500)
    )
    bar_permille: int | None = Field(
        None,
        description="accuracy on gold below which a worker gets no more pages",
        json_schema_extra=between(1, 1000),
    )
    confidence_permille: int | None = Field(
        None,
        description="stop asking about a task when its label is this sure",
        json_schema_extra=between(501, 999),
    )
    review_hours: int = Field(
        0, description="0 accepts at once", json_schema_extra=between(0, 21 * 24)
    )
    deadline_seconds: int = Field(
        1800, description="time to hand in a page", json_schema_extra=between(10, 7 * 86_400)
    )
    reserved: bool = Field(False, description="tasks are kept for the workers they name")
    expected_seconds: float | None = Field(
        None, description="your guess for one answer", json_schema_extra=between(0.1, 86_400)
    )
    gates: list[str] = Field(
        default_factory=list,
        description="what workers do first, beside what their portal asks: identity, age:18, …",
    )
    portals: list[str] = Field(
        default_factory=list,
        description="the portals through which it is offered, by reference; none: everywhere",
    )


class BatchView(Out):
    """A batch and its terms."""

    ref: str
    project: str
    name: str
    state: Literal["draft", "open", "paused", "closed", "settled"]
    tasks: int
    price: Money
    fee: Money = Field(description="the platform's, on top, for one answer")
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


class ProgressView(Out):
    """Counted now. `wanted` and `answers` count ordinary and gold answers alike."""

    answers: int
    wanted: int
    workers: int
    restricted: int
    pages_held: int
    pages_in_review: int
    gold_seen: int
    gold_right: int


class BatchDetail(BatchView):
    """A batch with its progress and its money."""

    progress: ProgressView
    cost: Money = Field(description="what opening it will reserve; once open: spent and reserved")
    paid: Money = Field(description="earned by workers")
    fees: Money
    escrow: Money = Field(description="reserved and not spent")


class BatchPage(Out):
    items: list[BatchView]
    next: str | None


class Uploaded(Out):
    uploaded: int = Field(description="tasks of this file")
    tasks: int = Field(description="tasks of the batch now")


class TaskView(Out):
    position: int
    key: str
    data: dict[str, Any]
    gold: dict[str, Any] | None = Field(description="the known answer")
    reserved_for: list[str]


class TaskPage(Out):
    items: list[TaskView]
    next: str | None


class AcceptedPages(Out):
    accepted: int = Field(description="pages")


class ResultsIn(In):
    method: Literal["dawid-skene", "majority"] = "dawid-skene"


class Computed(Out):
    results: int
    method: str


class ResultView(Out):
    """The answer that the crowd gave to one task."""

    position: int
    key: str
    value: dict[str, Any]
    confidence: float
    method: str
    answers: int
    votes: dict[str, dict[str, int]] = Field(
        description="for each field, how many gave which value"
    )
    at: datetime


class ResultPage(Out):
    items: list[ResultView]
    next: str | None


class AnswerView(Out):
    """One worker's judgment of one task, with its evidence."""

    position: int
    key: str
    worker: str = Field(description="a pseudonym")
    page: int = Field(description="which of the worker's pages")
    value: dict[str, Any]
    seconds: float | None = Field(description="active time")
    gold_right: bool | None = Field(description="null for an ordinary task")
    at: datetime


class AnswerPage(Out):
    items: list[AnswerView]
    next: str | None


class Balance(Out):
    available: Money = Field(description="deposited and not reserved by a batch")


class RestrictionView(Out):
    code: str
    message: str


class OfferView(Out):
    """An open batch as a worker sees it."""

    batch: str
    name: str
    project: str
    organisation: str
    price: Money = Field(description="what you get for one answer at least")
    requester_pays: Money = Field(description="for one answer; `price` and `portal_keeps` make it")
    portal_keeps: Money = Field(description="of one answer; nothing on the installation's own site")
    page_size: int
    deadline_seconds: int
    hourly: Money | None = Field(description="pay an hour at the usual speed")
    hourly_sample: int = Field(description="answers measured; 0: the requester's guess")
    answers: int = Field(description="yours so far")
    earned: Money = Field(description="yours so far")
    restriction: RestrictionView | None


class Offers(Out):
    items: list[OfferView]


class PurseView(Out):
    """What was earned through one portal; it is paid out apart."""

    portal: str | None = Field(description="null: the installation's own site")
    pending: Money
    payable: Money
    minimum: Money | None = Field(description="what is paid out at least")
    next_payday: date | None


class EarningsView(Out):
    """All of a worker's money in one currency; `purses` says where it was earned."""

    pending: Money
    payable: Money
    purses: list[PurseView]


class ItemAnswerIn(In):
    item: int = Field(description="the item's number on the page", json_schema_extra={"minimum": 0})
    value: dict[str, Any]
    seconds: float | None = Field(None, description="active time")


class TurnIn(In):
    """A page to hand in (`page` and `answers`), or a wish. `{}` asks for a page."""

    page: int | None = Field(None, description="the page's number")
    answers: list[ItemAnswerIn] = []
    ahead: bool = Field(False, description="fetch the next page while one is held")
    give_back: bool = Field(False, description="return `page` without answers")


class Submitted(Out):
    page: int
    answers: int
    earned_micros: int
    repeated: bool = Field(description="it had been handed in before, with the same answers")


class Item(Out):
    item: int
    data: dict[str, Any]


class WorkPage(Out):
    no: int
    deadline: datetime
    seconds_left: int
    pay_micros: int
    items: list[Item]


class NoPage(Out):
    """Why there is no next page."""

    code: str
    message: str


class TurnOut(Out):
    submitted: Submitted | None
    page: WorkPage | None
    ahead: WorkPage | None
    refusal: NoPage | None
