"""Reading chosen columns of a CSV file: fast, and with the line and column of what is wrong.

A million rows go through Arrow's reader in a fraction of a second. Where it stumbles, or a value
is missing, the plain reader goes over the file again: it is the one that decides and explains, the
fast one only saves time. Both read UTF-8, commas, one header line, quotes as RFC 4180 has them.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from fairhand.host.refusal import gettext as _
from fairhand.quality.aggregation.labels import Codes, factorise

# A cell may be a text of any length; Python's own limit is 128 KiB.
csv.field_size_limit(2**30)

_CELL = re.compile(r'(?:"[^"]*(?:""[^"]*)*"|[^",\r\n][^,\r\n]*|)(?=[,\r\n]|$)')


class BadTableError(ValueError):
    """The file cannot be used; the message is a sentence that says where and why."""


class Column(NamedTuple):
    """One column: a code for each row, and the distinct strings that the codes stand for."""

    codes: Codes
    names: Sequence[str]

    def values(self) -> list[str]:
        return [self.names[code] for code in self.codes.tolist()]


class Row(NamedTuple):
    line: int
    values: tuple[str, ...]


def read_columns(path: Path, wanted: Sequence[str], where: str | None = None) -> list[Column]:
    """Read the wanted columns, in the order in which they were asked for.

    `where` is what messages call the file (its name, if not given). Raises BadTableError for a file
    that is missing, empty or malformed, lacks a wanted column, or has an empty cell in one.
    """
    where = where or path.name
    found = header(path, where)
    for name in wanted:
        if name not in found:
            raise BadTableError(_missing(where, name, found))
    columns = _read_fast(path, wanted) or _read_plainly(path, wanted, where)
    if not len(columns[0].codes):
        raise BadTableError(_("%(file)s has a header line but no rows below it.") % {"file": where})
    return columns


def header(path: Path, where: str | None = None) -> list[str]:
    """The names of the columns. Raises BadTableError as read_columns does."""
    where = where or path.name
    first = next(_records(path, where), None)
    if first is None:
        raise BadTableError(
            _("%(file)s is empty: its first line must name the columns.") % {"file": where}
        )
    found = first.values
    for name in found:
        if found.count(name) > 1:
            raise BadTableError(
                _("%(file)s, line 1: there are two columns named “%(column)s”.")
                % {"file": where, "column": name}
            )
    return list(found)


def rows(path: Path, wanted: Sequence[str], where: str | None = None) -> Iterator[Row]:
    """The rows one by one, each with the number of the line it begins on. The plain reader.

    Raises BadTableError at the first row that is malformed or has an empty cell.
    """
    where = where or path.name
    records = _records(path, where)
    found = next(records).values
    places = [found.index(name) for name in wanted]
    for line, values in records:
        if len(values) != len(found):
            raise BadTableError(_wrong_length(where, line, values, found))
        for name, place in zip(wanted, places, strict=True):
            if not values[place]:
                raise BadTableError(
                    _("%(file)s, line %(line)d, column “%(column)s”: the cell is empty.")
                    % {"file": where, "line": line, "column": name}
                )
        yield Row(line, tuple(values[place] for place in places))


def _read_fast(path: Path, wanted: Sequence[str]) -> list[Column] | None:
    """The columns, or None where the plain reader should have a look."""
    content = path.read_bytes()
    if b'"' in content:
        # Arrow takes a quote that is never closed for a cell that goes on to the end of the file.
        return None
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(wanted), column_types=dict.fromkeys(wanted, text)
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    columns = []
    for name in wanted:
        column = table.column(name).unify_dictionaries().combine_chunks()
        names = column.dictionary.to_pylist()
        if "" in names:
            return None
        columns.append(Column(np.asarray(column.indices, dtype=np.int32), names))
    return columns


def _read_plainly(path: Path, wanted: Sequence[str], where: str) -> list[Column]:
    """All at once while nothing is wrong; otherwise row by row, to say what is."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found, *records = filter(None, csv.reader(file, strict=True))
        places = [found.index(name) for name in wanted]
        columns = [Column(*factorise(values)) for values in _pick(records, places, len(found))]
    except (csv.Error, UnicodeDecodeError, _OddRowError):
        columns = []
    if not columns or any("" in column.names for column in columns):
        read = [row.values for row in rows(path, wanted, where)]
        columns = [Column(*factorise(row[place] for row in read)) for place in range(len(wanted))]
    return columns


class _OddRowError(ValueError):
    """Some row has more or fewer columns than the header."""


def _pick(
    records: Sequence[Sequence[str]], places: Sequence[int], width: int
) -> Iterator[Sequence[str]]:
    if any(len(record) != width for record in records):
        raise _OddRowError
    for place in places:
        yield [record[place] for record in records]


def _records(path: Path, where: str) -> Iterator[Row]:
    """Every record that is not a blank line, the header among them, and the line it begins on."""
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for values in reader:
                if values:
                    yield Row(line, tuple(values))
                line = reader.line_num + 1
    except OSError as error:
        raise BadTableError(_unreadable(where, error)) from error
    except csv.Error as error:
        raise BadTableError(
            _("%(file)s, line %(line)d, column %(column)d: the quoted cell is not closed properly.")
            % {"file": where, "line": line, "column": _bad_quote(path, line)}
        ) from error
    except UnicodeDecodeError as error:
        raise BadTableError(_not_utf8(path, where)) from error


def _bad_quote(path: Path, line: int) -> int:
    """The number of the first column of this record that is neither plain nor quoted properly."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = "".join(islice(file, line - 1, None))
    column, position = 1, 0
    while cell := _CELL.match(text, position):
        column, position = column + 1, cell.end() + 1
    return column


def _not_utf8(path: Path, where: str) -> str:
    """Name the first line that is not UTF-8."""
    with path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            try:
                content.decode()
            except UnicodeDecodeError as error:
                column = content[: error.start].decode().count(",") + 1
                return _("%(file)s, line %(line)d, column %(column)d: this is not UTF-8.") % {
                    "file": where,
                    "line": line,
                    "column": column,
                }
    return _("%(file)s is not UTF-8.") % {"file": where}


def _unreadable(where: str, error: OSError) -> str:
    return _("%(file)s cannot be read: %(reason)s.") % {
        "file": where,
        "reason": error.strerror or str(error),
    }


def _missing(where: str, name: str, found: Sequence[str]) -> str:
    return _("%(file)s, line 1: the column “%(column)s” is missing; there are: %(found)s.") % {
        "file": where,
        "column": name,
        "found": ", ".join(found),
    }


def _wrong_length(where: str, line: int, values: Sequence[str], found: Sequence[str]) -> str:
    if len(values) < len(found):
        sentence = _(
            "%(file)s, line %(line)d, column “%(column)s” is missing: "
            "the line has %(count)d columns, the header %(wanted)d."
        )
    else:
        sentence = _(
            "%(file)s, line %(line)d, column %(column)s has no name: "
            "the line has %(count)d columns, the header %(wanted)d."
        )
    short = len(values) < len(found)
    return sentence % {
        "file": where,
        "line": line,
        "column": found[len(values)] if short else len(found) + 1,
        "count": len(values),
        "wanted": len(found),
    }
