"""Rows into files, piece by piece: JSON lines and Parquet for programs, CSV for spreadsheets.

A spreadsheet runs a cell that begins like a formula. So CSV gets an apostrophe before such a text,
and before a text that begins with an apostrophe itself: taking one apostrophe off the front of
every cell that has one gives back exactly what was there. Numbers are never touched. JSON lines and
Parquet hold the text as it is.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

Kind = Literal["text", "integer", "number", "flag", "time", "json"]
PIECE = 64 * 1024  # bytes that are handed on together
ROW_GROUP = 20_000  # rows of a Parquet file that are in memory at a time
# What a spreadsheet may take for a formula: a sign, also in its full-width form, also behind
# spaces, quotes or control characters that some of them skip.
FORMULA = re.compile(r"""[\s"\x00-\x1f]*[=+\-@＝＋－＠\t\r]|[\n\x00']""")  # noqa: RUF001
PARQUET_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `json` is an object, which CSV and Parquet hold as its text."""

    name: str
    kind: Kind = "text"


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `original_cell` is its inverse."""
    return "'" + text if FORMULA.match(text) else text


def original_cell(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell.removeprefix("'")


def jsonl(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One JSON object a line."""
    encode = msgspec.json.Encoder().encode
    return _in_pieces(encode(record) + b"\n" for record in records)


def csv_table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A header and a line for each row (RFC 4180: CRLF, UTF-8), safe in spreadsheets."""
    line = _Line()
    writer = csv.writer(line)
    kinds = [column.kind for column in columns]

    def lines() -> Iterator[bytes]:
        writer.writerow([safe_cell(column.name) for column in columns])
        yield line.text.encode()
        for row in rows:
            writer.writerow([_cell(kind, value) for kind, value in zip(kinds, row, strict=True)])
            yield line.text.encode()

    return _in_pieces(lines())


def parquet_table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A Parquet file with one row group for every 20,000 rows."""
    schema = pa.schema([(column.name, PARQUET_TYPES[column.kind]) for column in columns])
    texts = [i for i, column in enumerate(columns) if column.kind == "json"]
    sink = _Sink()
    remaining = iter(rows)
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        while group := list(islice(remaining, ROW_GROUP)):
            values = [list(column) for column in zip(*group, strict=True)]
            for i in texts:
                values[i] = [None if value is None else _json(value) for value in values[i]]
            writer.write_table(pa.table(values, schema=schema))
            yield sink.take()
    yield sink.take()


def _cell(kind: Kind, value: Any) -> Any:
    if value is None:
        return ""
    match kind:
        case "text":
            return safe_cell(value)
        case "json":
            return safe_cell(_json(value))
        case "flag":
            return "true" if value else "false"
        case "time":
            return iso(value)
        case _:
            return value


def iso(moment: datetime) -> str:
    """A moment as `2026-11-22T06:30:00.123456Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece, size = [], 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= PIECE:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)


class _Line:
    """What csv writes one line to."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


class _Sink:
    """What Parquet is written to: it remembers how far it is and gives away what it got."""

    closed = False

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def tell(self) -> int:
        return self.size

    def take(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self.closed = True
