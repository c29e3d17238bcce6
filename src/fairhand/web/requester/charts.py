"""The curve of a batch: answers so far, in at most sixty steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

STEPS = 60
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Step:
    """The answers that had come in by the end of a step."""

    label: str
    answers: int


def over_time(minutes: Sequence[tuple[datetime, int]]) -> list[Step]:
    """Add up answers per minute into steps of equal length, from the first answer to the last."""
    if not minutes:
        return []
    first, last = minutes[0][0], minutes[-1][0]
    length = MINUTE * max(1, ceil(((last - first) / MINUTE + 1) / STEPS))
    steps = int((last - first) / length) + 1
    counts = [0] * steps
    for at, answers in minutes:
        counts[int((at - first) / length)] += answers
    shape = "%d.%m. %H:%M" if last - first >= DAY else "%H:%M"
    total, found = 0, [Step((first.astimezone(UTC)).strftime(shape), 0)]
    for i, count in enumerate(counts):
        total += count
        ends = (first + length * (i + 1)).astimezone(UTC)
        found.append(Step(ends.strftime(shape), total))
    return found
