"""Rails: the ways by which money leaves the house, one folder each.

A rail takes plain values and gives back a file, or the problems that keep it from making one. It
knows no tables, no balances and no network: who is owed what, when a run may start and what
happens to the money in between belong to the payout run, not to the rail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from fairhand.kit.decision import Decision
from fairhand.kit.money import Money


@dataclass(frozen=True, slots=True)
class PayoutItem:
    """One payment of a run.

    `reference` is ours, unique in the run, and comes back with every status report. `name` is the
    account holder exactly as verified: banks compare it with the account.
    """

    reference: str
    name: str
    destination: str
    amount: Money
    remittance: str


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a rail must know of a run; the same header and items give the same file, to the byte.

    `reference` never changes once the run exists, so that a bank recognises a file sent twice.
    Without an `execution_date` the rail chooses the first that it can promise.
    """

    reference: str
    created_at: datetime
    execution_date: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file must not be sent.

    `code` is for programs; `place` says where in the file; `item` is the reference of the payment
    concerned, so that it can be set aside and the others paid; `message` is a sentence.
    """

    code: str
    place: str
    message: str | Promise
    params: dict[str, Any] = field(default_factory=dict)
    item: str | None = None

    def __str__(self) -> str:
        sentence = str(self.message) % self.params if self.params else str(self.message)
        return f"{self.place}: {sentence}"


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A checked file, ready for the bank; `total` is the sum of its `items` payments."""

    filename: str
    media_type: str
    content: bytes
    items: int
    total: Money
    execution_date: date


@dataclass(frozen=True, slots=True)
class Unfit:
    """No file: these problems stand in the way. False in a condition."""

    problems: tuple[Problem, ...]

    def __bool__(self) -> bool:
        return False

    def items(self) -> frozenset[str]:
        """Return the references of the payments that cannot be sent as they are."""
        return frozenset(problem.item for problem in self.problems if problem.item is not None)


class Rail(Protocol):
    """A way to pay."""

    @property
    def name(self) -> str:
        """What is stored with every run, such as `sepa`."""

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies that it carries."""

    @property
    def minimum(self) -> Money:
        """The least that one payment can carry; workers' thresholds are set elsewhere."""

    def check_destination(self, text: str) -> Decision:
        """Say whether money can be sent there, in a sentence for the person who typed it."""

    def prepare(self, run: RunHeader, items: Sequence[PayoutItem]) -> PreparedFile | Unfit:
        """Make and check the file of one run. Pure: nothing is sent or stored."""
