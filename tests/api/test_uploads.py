"""Files of tasks over HTTP: all of a file is stored, or nothing and the reader is told where."""

import json
from typing import Any

import pytest

from tests.api.conftest import Program, refused
from tests.world import World, count

CSV = "text/csv"
JSONL = "application/x-ndjson"


def upload(program: Program, ref: str, body: bytes, kind: str = CSV) -> Any:
    return program.post(f"/batches/{ref}/tasks", body, kind=kind)


def draft(world: World, **terms: Any) -> str:
    return world.batch(tasks=1, opened=False, **terms).ref


def test_tasks_come_in_as_csv_and_as_json_lines(world: World, rita: Program) -> None:
    ref = draft(world)
    first = upload(rita, ref, b"key,text,gold\na,one,good\nb,two,\n")
    assert (first.status_code, first.json()) == (201, {"uploaded": 2, "tasks": 3})
    second = upload(rita, ref, b'{"key": "c", "data": {"text": "three"}}\n', JSONL)
    assert second.json() == {"uploaded": 1, "tasks": 4}
    tasks = rita.get(f"/batches/{ref}/tasks").json()["items"]
    assert [(t["key"], t["data"], t["gold"]) for t in tasks[1:]] == [
        ("a", {"text": "one"}, {"mood": "good"}),
        ("b", {"text": "two"}, None),
        ("c", {"text": "three"}, None),
    ]


def test_allow_lists_are_read_and_shown(world: World, rita: Program) -> None:
    ref = rita.post(
        "/batches",
        {"project": world.project.ref, "name": "Kept", "price_micros": 1, "reserved": True},
    ).json()["ref"]
    line = json.dumps({"text": "x", "reserved_for": [world.ada.ref, world.ben.ref]})
    assert upload(rita, ref, line.encode(), JSONL).status_code == 201
    (task,) = rita.get(f"/batches/{ref}/tasks").json()["items"]
    assert task["reserved_for"] == sorted([world.ada.ref, world.ben.ref])
    assert rita.get(f"/batches/{ref}").json()["cost"]["micros"] == 2


@pytest.mark.parametrize(
    ("body", "kind", "line", "field"),
    [
        (b'text\nok\n"open\n', CSV, 3, None),
        (b"text\nok\na,b\n", CSV, 3, None),
        (b"text\nok\n\xff\n", CSV, 3, None),
        (b"text\nok\n   \n", CSV, 3, "text"),
        (b"text,gold\nok,good\nx,ugly\n", CSV, 3, "gold.mood"),
        (b"key,text\na,ok\na,ok\n", CSV, 2, "key"),
        (b"words\nok\n", CSV, 2, "text"),
        (b'{"text": "ok"}\nnope\n', JSONL, 2, None),
        (b'{"text": "ok"}\n{"text": 7}\n', JSONL, 2, "text"),
        (b'{"text": "ok"}\n{"text": "x", "text": "y"}\n', JSONL, 2, "text"),
        (b'{"text": "x", "reserved_for": ["wrk_none"]}\n', JSONL, 1, "reserved_for"),
        (b"", CSV, None, None),
        (b"text\n", CSV, None, None),
    ],
)
def test_a_malformed_file_names_its_line_and_stores_nothing(
    world: World, rita: Program, body: bytes, kind: str, line: int | None, field: str | None
) -> None:
    ref = draft(world)
    problem = refused(upload(rita, ref, body, kind), 422, "unusable_input")
    assert (problem["problems"][0]["line"], problem["problems"][0]["field"]) == (line, field)
    assert count("projects_task") == 1
    assert rita.get(f"/batches/{ref}").json()["tasks"] == 1


def test_a_batch_that_was_opened_takes_no_more_tasks(world: World, rita: Program) -> None:
    ref = world.batch(tasks=1).ref
    refused(upload(rita, ref, b"text\nx\n"), 409, "batch_is_fixed")
    assert count("projects_task") == 1


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
def test_another_type_of_file_is_refused(world: World, rita: Program, kind: str) -> None:
    refused(upload(rita, draft(world), b"text\nx\n", kind), 415, "unknown_type")


def test_an_upload_that_was_cut_off_stores_nothing(world: World, rita: Program) -> None:
    """A CSV file that ends early at the end of a line looks whole; its length does not."""
    ref = draft(world)
    body = b"text\nx\ny\n"
    answer = rita.send("POST", f"/batches/{ref}/tasks", body, kind=CSV, arrives=body[:7])
    refused(answer, 400, "cut_off")
    assert count("projects_task") == 1


def test_an_upload_of_unknown_length_is_refused(world: World, rita: Program) -> None:
    """Where the length is not told, a connection that breaks looks like the end of the file."""
    answer = rita.send(
        "POST", f"/batches/{draft(world)}/tasks", b"text\nx\n", kind=CSV, Content_Length=""
    )
    refused(answer, 411, "length_required")


def test_an_upload_that_is_too_long_is_refused_before_it_is_read(
    world: World, rita: Program
) -> None:
    path = f"/batches/{draft(world)}/tasks"
    answer = rita.send("POST", path, b"x", kind=CSV, Content_Length="2000000001")
    refused(answer, 413, "too_large")


def test_tasks_are_walked_through_without_gap_or_repeat(world: World, rita: Program) -> None:
    ref = world.batch(tasks=7, opened=False).ref
    positions: list[int] = []
    cursor = ""
    while True:
        page = rita.get(f"/batches/{ref}/tasks?limit=3{cursor}").json()
        positions += [task["position"] for task in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert positions == list(range(7))
