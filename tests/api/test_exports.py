"""Answers and results go home: page by page, or as a file, with their evidence."""

import csv
import io
import json
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection

from fairhand.projects.models import Batch
from fairhand.work import exporting
from fairhand.work.exporting import Export
from tests.api.conftest import Program, refused
from tests.world import BAD, GOOD, World, caller, work_through


@pytest.fixture
def batch(world: World) -> Batch:
    """Ten tasks, two of them gold; Ada says good, Ben bad; aggregated by majority."""
    batch = world.batch(tasks=10, gold=2, gold_permille=200, page_size=5)
    work_through(caller(world.ada), batch, GOOD)
    work_through(caller(world.ben), batch, BAD)
    return batch


def whole(program: Program, path: str) -> tuple[bytes, int]:
    answer = program.get(path)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)
    return body, int(answer.headers["Fairhand-Rows"])


def walk(program: Program, path: str, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = program.get(f"{path}?limit={limit}{cursor}").json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


def test_each_answer_comes_with_its_evidence(world: World, rita: Program, batch: Batch) -> None:
    items = walk(rita, f"/batches/{batch.ref}/answers", 1000)
    assert len(items) == 20
    first = next(i for i in items if i["worker"] == world.ada.ref and i["position"] == 0)
    assert first["value"] == GOOD
    assert first["gold_right"] is True
    assert first["seconds"] == 2.0
    assert first["key"] == "k0"
    assert first["page"] >= 1
    assert first["at"].endswith("Z")
    assert {i["gold_right"] for i in items if i["position"] >= 2} == {None}
    assert [i["gold_right"] for i in items if i["position"] < 2].count(False) == 2
    assert {i["worker"] for i in items} == {world.ada.ref, world.ben.ref}


@pytest.mark.parametrize("limit", [1, 3, 20, 1000])
def test_walking_gives_every_answer_once_and_the_same_as_the_file(
    rita: Program, batch: Batch, limit: int
) -> None:
    path = f"/batches/{batch.ref}/answers"
    items = walk(rita, path, limit)
    body, rows = whole(rita, f"{path}?format=jsonl")
    assert [json.loads(line) for line in body.splitlines()] == items
    assert rows == len(items) == 20


def test_results_come_with_confidence_votes_and_method(rita: Program, batch: Batch) -> None:
    path = f"/batches/{batch.ref}/results"
    assert walk(rita, path, 3) == []
    rita.post(path, {"method": "majority"})
    items = walk(rita, path, 3)
    assert [item["position"] for item in items] == list(range(2, 10))
    assert items[0]["votes"] == {"mood": {"good": 1, "bad": 1}}
    assert (items[0]["method"], items[0]["answers"]) == ("majority", 2)
    assert 0 < items[0]["confidence"] <= 1
    body, rows = whole(rita, f"{path}?format=jsonl")
    assert [json.loads(line) for line in body.splitlines()] == items
    assert rows == len(items)


def test_csv_has_a_column_for_each_field(rita: Program, batch: Batch) -> None:
    body, rows = whole(rita, f"/batches/{batch.ref}/answers?format=csv")
    records = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    assert list(records[0]) == [
        *("position", "key", "worker", "page", "value.mood", "seconds", "gold_right", "at")
    ]
    assert len(records) == rows
    assert {record["value.mood"] for record in records} == {"good", "bad"}
    assert {record["gold_right"] for record in records} == {"", "true", "false"}


def test_parquet_has_types(rita: Program, batch: Batch) -> None:
    rita.post(f"/batches/{batch.ref}/results", {"method": "majority"})
    body, rows = whole(rita, f"/batches/{batch.ref}/results?format=parquet")
    table = pq.read_table(io.BytesIO(body))
    assert table.num_rows == rows == 8
    assert str(table.schema.field("confidence").type) == "double"
    assert str(table.schema.field("at").type) == "timestamp[us, tz=UTC]"
    assert json.loads(table.to_pylist()[0]["votes"]) == {"mood": {"good": 1, "bad": 1}}


def test_a_key_that_looks_like_a_formula_is_text_in_csv_and_itself_elsewhere(
    world: World, rita: Program
) -> None:
    ref = world.batch(tasks=1, opened=False).ref
    line = json.dumps({"key": '=cmd|" /C calc"!A0', "text": "x"}).encode()
    rita.post(f"/batches/{ref}/tasks", line, kind="application/x-ndjson")
    world.fund()
    rita.post(f"/batches/{ref}/open")
    work_through(caller(world.ada), Batch.objects.get(ref=ref))
    table = whole(rita, f"/batches/{ref}/answers?format=csv")[0].decode()
    keys = [record["key"] for record in csv.DictReader(io.StringIO(table, newline=""))]
    assert keys == ["k0", '\'=cmd|" /C calc"!A0']
    lines = whole(rita, f"/batches/{ref}/answers?format=jsonl")[0].splitlines()
    assert json.loads(lines[1])["key"] == '=cmd|" /C calc"!A0'


def test_a_file_is_named_after_its_batch(rita: Program, batch: Batch) -> None:
    answer = rita.get(f"/batches/{batch.ref}/answers?format=parquet")
    name = f"{batch.ref}-answers.parquet"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"


def test_an_export_takes_the_rows_in_small_bites(
    rita: Program, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "FETCHED", 3)
    assert whole(rita, f"/batches/{batch.ref}/answers?format=jsonl")[1] == 20


def test_a_reader_who_leaves_early_leaves_nothing_open(batch: Batch) -> None:
    begun, untouched = (Export(batch, "answers", "csv") for _ in "12")
    next(iter(begun))
    for export in (begun, untouched, untouched):
        export.close()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_cursors where name like 'export%%'")
        assert cursor.fetchone() == (0,)


def test_a_connection_that_was_lost_needs_no_closing(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export(batch, "results", "csv")
    monkeypatch.setattr(exporting, "connection", SimpleNamespace(connection=None))
    export.close()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xml", "format"),
        ("cursor=!", "cursor"),
        ("cursor=eA", "cursor"),
        ("limit=0", "limit"),
    ],
)
def test_a_faulty_export_is_refused_by_name(
    rita: Program, batch: Batch, query: str, field: str
) -> None:
    for what in ("answers", "results"):
        problem = refused(rita.get(f"/batches/{batch.ref}/{what}?{query}"), 422, "unusable_input")
        assert problem["problems"][0]["field"] == field


def test_an_export_of_nothing_is_an_empty_file(world: World, rita: Program) -> None:
    ref = world.batch(tasks=1).ref
    assert whole(rita, f"/batches/{ref}/answers?format=jsonl") == (b"", 0)
    assert whole(rita, f"/batches/{ref}/results?format=csv")[0].count(b"\r\n") == 1
    body, _rows = whole(rita, f"/batches/{ref}/answers?format=parquet")
    assert pq.read_table(io.BytesIO(body)).num_rows == 0
