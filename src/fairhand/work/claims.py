"""How is a task handed to a worker? One call, one round trip: hand in a page and take the next.

The rules are in sql/turn.sql. Here its answer is put into words and its rare consequences are
drawn: enrolling on the first visit, recording a restriction, and stopping early where overlap is
adaptive.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
import psycopg
from django.db.models import Q

from fairhand.kit.decision import Decision, Problem, Refusal, UnusableInput
from fairhand.people.models import Worker
from fairhand.people.portals import portal_numbered
from fairhand.projects.interface import Interface, parse
from fairhand.projects.models import Batch
from fairhand.work.access import enter, look_again, restrict_halted, restriction_numbers
from fairhand.work.overlap import stop_where_sure
from fairhand.work.refusals import refusal

Verb = Literal["work", "ahead", "give_back"]
STATEMENT = """
select code, hard, worker, submitted, page
  from work_turn(%s::text, %s::text, %s::text, %s::int, %s::jsonb, %s::text, %s::text,
                 %s::bigint)
"""
AFTER_A_LOOK = {"not_enrolled", "look_again"}
MOST_LOOKS = 5
MAX_ITEM = 1000  # more than a page holds
MAX_PAGE = 2**31 - 1


class ItemAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """One answer of a page: the item's place, the value, active seconds."""

    item: Annotated[int, msgspec.Meta(ge=0, le=MAX_ITEM)]
    value: dict[str, Any]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `kind` is key or session; `secret` the key's digest or the session's key."""

    kind: Literal["key", "session"]
    secret: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What a worker gets. Both texts are JSON, ready to be sent.

    `refusal` with `hard` means that the request itself was refused; otherwise it only says why
    there is no next page.
    """

    submitted: str | None
    page: str | None
    refusal: Refusal | None
    hard: bool


def take_turn(
    connection: psycopg.Connection,
    caller: Caller,
    batch_ref: str,
    *,
    verb: Verb = "work",
    page: int | None = None,
    answers: Sequence[ItemAnswer] = (),
    portal: int = 0,
) -> Turn:
    """Do one turn for a worker, who comes through the portal of this number (0: none).

    Raises UnusableInput when an answer does not fit the interface.
    """
    if (code := _impossible(caller, batch_ref, page)) is not None:
        return Turn(None, None, refusal(code), hard=True)
    if answers:
        _check(batch_ref, answers)
    encoded = msgspec.json.encode(answers).decode() if page is not None else None
    digest = hashlib.md5((encoded or "").encode(), usedforsecurity=False).hexdigest()
    values = (caller.kind, caller.secret, batch_ref, page, encoded, digest, verb, portal)
    with connection.cursor() as cursor:
        row, refused = _asked(cursor, values), None
        if row[0] in AFTER_A_LOOK:
            row, refused = _after_looks(cursor, values, row, batch_ref, portal)
    code, hard, worker, submitted, next_page = row
    if submitted is not None and page is not None and stops_early(batch_ref):
        stop_where_sure(batch_ref, worker, page)
    if refused is not None:
        return Turn(submitted, None, refused, hard=hard)
    if code == "not_signed_in":
        return Turn(None, None, _why_nobody(caller), hard=True)
    return Turn(
        submitted, next_page, _in_words(code, worker, batch_ref), hard=hard and code is not None
    )


def _impossible(caller: Caller, batch_ref: str, page: int | None) -> str | None:
    """Why what was sent can name nothing at all: values that the database cannot even look up."""
    if "\0" in caller.secret:
        return "not_signed_in"
    if "\0" in batch_ref or not batch_ref.isascii():
        return "no_such_batch"
    if page is not None and not 0 < page <= MAX_PAGE:
        return "no_such_page"
    return None


def _check(batch_ref: str, answers: Sequence[ItemAnswer]) -> None:
    interface = _interface(batch_ref)
    if interface is None:
        return  # no such batch: the database says so in its own words
    problems = [
        Problem(problem.message, line=answer.item + 1, field=problem.field)
        for answer in answers
        for problem in interface.answer_problems(answer.value)
    ]
    if problems:
        raise UnusableInput(problems)


@lru_cache(maxsize=1000)
def _interface(batch_ref: str) -> Interface | None:
    """The interface of a batch, which never changes once there are pages of it."""
    document = Batch.objects.filter(ref=batch_ref).values_list("interface", flat=True).first()
    return None if document is None else parse(document)


@lru_cache(maxsize=1000)
def stops_early(batch_ref: str) -> bool:
    """Whether a batch stops asking where it is sure; fixed when it opens."""
    return Batch.objects.filter(ref=batch_ref, confidence_permille__isnull=False).exists()


def _asked(cursor: psycopg.Cursor[Any], values: Sequence[object]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.execute(STATEMENT, values).fetchone()
    assert row is not None
    return row


def _after_looks(
    cursor: psycopg.Cursor[Any],
    values: tuple[object, ...],
    row: tuple[Any, ...],
    batch_ref: str,
    portal: int,
) -> tuple[tuple[Any, ...], Refusal | None]:
    """Let somebody in, or look at them again, then ask anew; what was handed in stays told.

    Somebody at two portals at once may be let in at the other one in between: then once more.
    """
    submitted = None
    for _look in range(MOST_LOOKS):
        if row[0] == "not_enrolled":
            answer, hard = _enter(row[2], batch_ref, portal), True
        elif row[0] == "look_again":
            answer, hard = _look_again(row[2], batch_ref, portal), False
            submitted = submitted or row[3]
            values = (*values[:3], None, None, *values[5:])  # the page was handed in, once
        else:
            return (*row[:3], submitted or row[3], row[4]), None
        if isinstance(answer, Refusal):
            return (None, hard, row[2], submitted, None), answer
        row = _asked(cursor, values)
    if row[0] in AFTER_A_LOOK:
        return (None, False, row[2], submitted, None), refusal("changing")
    return (*row[:3], submitted or row[3], row[4]), None


def _enter(worker: int, batch_ref: str, portal: int) -> Decision:
    return enter(Worker.objects.get(pk=worker), _batch(batch_ref), portal_numbered(portal))


def _look_again(worker: int, batch_ref: str, portal: int) -> Decision:
    # By the portal's rules of this moment.
    who = Worker.objects.get(pk=worker)
    return look_again(who, _batch(batch_ref), portal_numbered(portal))


def _batch(batch_ref: str) -> Batch:
    return Batch.objects.select_related("project").get(ref=batch_ref)


def _why_nobody(caller: Caller) -> Refusal:
    """Who asks is no active worker: not signed in, or suspended, which they are told."""
    by_key = Q(account__api_keys__digest=caller.secret)
    by_session = Q(account__sessions__session_key=caller.secret)
    suspended = Worker.objects.filter(
        by_key if caller.kind == "key" else by_session, standing=Worker.Standing.SUSPENDED
    ).exists()
    return refusal("suspended" if suspended else "not_signed_in")


def _in_words(code: str | None, worker: int | None, batch_ref: str) -> Refusal | None:
    if code is None:
        return None
    if code != "restricted" or worker is None:
        return refusal(code)
    batch = Batch.objects.get(ref=batch_ref)
    restriction = restrict_halted(Worker.objects.get(pk=worker), batch)
    return refusal(code, restriction_numbers(restriction))
