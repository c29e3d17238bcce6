"""AP-1: every action on security or money leaves exactly one event, which nothing can change."""

import ast
import csv
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from fairhand.kit.sql import PACKAGE
from fairhand.people import audit
from fairhand.people.audit import ACTIONS, also_from, coming_from, note
from fairhand.people.models import Account, Event
from fairhand.people.privacy.records import PERSONAL
from tests.people.every_action import BACKEND, BARE, DO, IN_ORGANISATION
from tests.world import World, count

WHERE = {"ip": "192.0.2.7", "agent": "Test/1"}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
REACHED = re.compile(r"[^\s/]@[a-z]|\+[0-9]{6}")  # an e-mail address, a phone number
EVIL = "x\r\n2026-11-22 sign_in acc_0 forged\u2028\0\x1b[2J"


def ref_of(who: Account | str | None) -> str:
    if isinstance(who, Account):
        return who.ref
    return who or ""


def check(action: str, world: World) -> None:
    """Do it once, and look for its one event: who, whom, when, from where, before and after."""
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    begun = timezone.now()
    with coming_from(**WHERE):
        by, whom = DO[action](world)
    found = list(Event.objects.filter(pk__gt=last, action=action))
    assert len(found) == 1, f"{action} left {len(found)} events"
    event = found[0]
    assert (event.actor, event.account) == (ref_of(by), ref_of(whom))
    assert event.origin["ip"] in {WHERE["ip"], "127.0.0.1"}
    assert begun - timedelta(minutes=1) < event.at < timezone.now() + timedelta(minutes=1)
    assert event.before != event.after or action in BARE
    told = [*event.before.items(), *event.after.items()]
    reached = {key for key, value in told if REACHED.search(str(value))}
    assert reached <= set(PERSONAL), "deletion would leave where somebody is reached"
    expected = world.organisation.ref if action in IN_ORGANISATION else event.organisation
    assert event.organisation == expected


@pytest.mark.parametrize("action", sorted(DO))
def test_an_action_leaves_exactly_one_event(action: str, world: World) -> None:
    check(action, world)


@pytest.mark.parametrize("action", sorted(DO))
def test_an_event_that_is_dropped_is_missed(
    action: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: were this action's event left out, the test above would see it."""
    kept = audit._add

    def drop(event: Event) -> None:
        if event.action != action:
            kept(event)

    monkeypatch.setattr(audit, "_add", drop)
    with pytest.raises(AssertionError, match="left 0 events"):
        check(action, world)


def test_every_action_of_the_list_is_tried() -> None:
    assert set(DO) == set(ACTIONS)


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def noted(path: Path) -> Iterator[str]:
    """The actions that a file names when it calls `note`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note":
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)


def test_the_list_is_what_the_code_notes() -> None:
    here = PACKAGE / "people" / "audit.py"
    files = [path for path in PACKAGE.rglob("*.py") if path != here]
    said = {text for path in files for text in literals(path)}
    assert ACTIONS.keys() - said == set(), "nothing notes these"
    assert {text for path in files for text in noted(path)} - ACTIONS.keys() == set()


def test_an_action_that_is_not_on_the_list_is_a_fault(world: World) -> None:
    with pytest.raises(ValueError, match="no action of the audit trail"):
        note("made.up", actor=world.rita)
    assert not Event.objects.filter(action="made.up").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update people_event set actor = 'acc_forged'",
        "delete from people_event",
        "truncate people_event",
    ],
)
def test_the_database_refuses_to_change_what_happened(world: World, statement: str) -> None:
    note("sign_in", actor=world.rita, account=world.rita)
    before = count("people_event")
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert count("people_event") == before


def test_nobody_writes_a_second_line_into_an_event(world: World) -> None:
    with coming_from(ip="192.0.2.7", agent=EVIL):
        event = note(
            "sign_in", actor=world.rita, account=world.rita, subject=EVIL, after={EVIL: [EVIL]}
        )
    texts = [
        event.subject,
        event.origin["agent"],
        *event.after,
        event.after[next(iter(event.after))][0],
    ]
    assert all(text.isprintable() and "forged" in text for text in texts)
    client = Client()
    client.force_login(world.rita, backend=BACKEND)
    lines = client.get("/account/trail.jsonl").getvalue().decode().splitlines()
    assert len(lines) == Event.objects.filter(account=world.rita.ref).count()
    assert all(json.loads(line)["action"] for line in lines)
    text = client.get("/account/trail.csv").getvalue().decode()
    assert len(list(csv.reader(io.StringIO(text)))) == len(lines) + 1
    assert len(text.splitlines()) == len(lines) + 1


def test_an_action_that_fails_leaves_no_event(world: World) -> None:
    before = count("people_event")
    with transaction.atomic():
        note("sign_in", actor=world.rita, account=world.rita)
        transaction.set_rollback(True)
    assert count("people_event") == before


def test_where_from_is_said_once_and_added_to(world: World) -> None:
    with coming_from(ip="192.0.2.7"):
        also_from(key="ab12")
        inner = note("sign_in", actor=world.rita)
    outer = note("sign_in", actor=world.rita)
    assert inner.origin == {"ip": "192.0.2.7", "key": "ab12"}
    assert outer.origin == {}


def page() -> str:
    """docs/audit.md as the code has it."""
    parts = [DOCS_HEAD]
    for topic in audit.TOPICS:
        rows = [f"| `{action}` | {sentence} |" for action, sentence in topic.actions.items()]
        parts.append(
            "\n".join(
                [f"## {topic.label}", "", "| action | what it says |", "| --- | --- |", *rows, ""]
            )
        )
    return "\n".join(parts)


DOCS_HEAD = """# The audit trail

Every action on security or money leaves one event: who did it, to whom, when, from where, and what was before and
after. Events are written in the transaction of what they tell of, so that there is neither without the other; the
database refuses to change or remove them. This list is written by `tests/people/test_audit.py`, which also does each
action, counts its events, and checks that a missing one would be seen.

The person concerned reads their events under *What happened to your account*, owners those of their organisation,
administrators all of them; each list can be taken home as CSV or JSON lines.
"""


def test_the_documentation_lists_every_action() -> None:
    """To mend it, run this with FAIRHAND_WRITE_DOCS=1."""
    if os.environ.get("FAIRHAND_WRITE_DOCS"):
        DOCS.write_text(page(), encoding="utf-8")
    assert DOCS.read_text(encoding="utf-8") == page()


def test_an_action_belongs_to_one_topic() -> None:
    actions = [action for topic in audit.TOPICS for action in topic.actions]
    assert len(actions) == len(set(actions))
