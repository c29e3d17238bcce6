"""Rows into files: whole, in small pieces, and harmless in a spreadsheet."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairhand.projects.writing import (
    Column,
    csv_table,
    jsonl,
    original_cell,
    parquet_table,
    safe_cell,
)

COLUMNS = [
    Column("=name"),
    Column("count", "integer"),
    Column("sure", "number"),
    Column("right", "flag"),
    Column("at", "time"),
    Column("votes", "json"),
]
AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
ROWS = [("-1", -1, 0.5, True, AT, {"a": 1}), ("ä", None, None, None, None, None)]

# What spreadsheets have been seen to run, plain and behind what they skip.
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"]  # noqa: RUF001
BEFORE = ["", " ", '"', "'", "\n", "\t", "\x00", '" ']


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_formula_becomes_text_and_can_be_had_back(sign: str, before: str) -> None:
    text = f'{before}{sign}cmd|" /C calc"!A0'
    assert safe_cell(text).startswith("'")
    assert original_cell(safe_cell(text)) == text


@given(st.text())
def test_every_text_comes_back_from_its_cell(text: str) -> None:
    assert original_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "a=b", "3.5", "ä"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert safe_cell(text) == text


def test_csv_quotes_text_and_names_but_no_numbers() -> None:
    text = b"".join(csv_table(COLUMNS, ROWS)).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["'=name", "count", "sure", "right", "at", "votes"],
        ["'-1", "-1", "0.5", "true", "2026-11-22T06:30:00Z", '{"a": 1}'],
        ["ä", "", "", "", "", ""],
    ]


def test_parquet_keeps_types_and_gaps() -> None:
    table = pq.read_table(io.BytesIO(b"".join(parquet_table(COLUMNS, ROWS))))
    assert table.to_pylist() == [
        {"=name": "-1", "count": -1, "sure": 0.5, "right": True, "at": AT, "votes": '{"a": 1}'},
        {"=name": "ä", "count": None, "sure": None, "right": None, "at": None, "votes": None},
    ]


def test_a_parquet_file_without_rows_can_be_read() -> None:
    table = pq.read_table(io.BytesIO(b"".join(parquet_table(COLUMNS, []))))
    assert table.num_rows == 0
    assert table.column_names == [column.name for column in COLUMNS]


def test_a_long_table_comes_in_small_pieces() -> None:
    many: Any = ((f"{i}", i, 0.1, False, AT, {}) for i in range(50_000))
    pieces = list(csv_table(COLUMNS, many))
    assert max(map(len, pieces)) < 70_000
    assert b"".join(pieces).count(b"\r\n") == 50_001
    many = ((f"{i}", i, 0.1, False, AT, {}) for i in range(50_000))
    assert len(list(parquet_table(COLUMNS, many))) == 4  # three row groups and the footer


def test_json_lines_hold_one_object_each() -> None:
    text = b"".join(jsonl([{"a": "=1", "at": AT}, {"b": None}])).decode()
    assert [json.loads(line) for line in text.splitlines()] == [
        {"a": "=1", "at": "2026-11-22T06:30:00Z"},
        {"b": None},
    ]
