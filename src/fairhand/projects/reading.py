"""Tasks out of files: CSV and JSON lines, one row at a time, each with the line where it stands.

Nothing is guessed and nothing is repaired. What is malformed is named by line and column, and then
no row of the file counts: whoever reads on past the first fault gets no more rows, only the faults.
Columns (or members) named `key`, `gold`, `gold.<field>` and `reserved_for` mean something here; all
others are the task's data.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem, UnusableInput

Kind = Literal["csv", "jsonl"]
MAX_LINE = 1_000_000  # bytes of a line
MAX_RECORD = 1_000_000  # characters of a CSV record, which may take many lines
MAX_COLUMNS = 1_000
MAX_DEPTH = 32  # objects and lists inside each other
BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
SPECIAL = ("key", "gold", "reserved_for")
# An escaped zero character, and not a backslash that is followed by u0000.
ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

csv.field_size_limit(MAX_LINE)  # the library's own limit would cut a page of text


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as it was read; `line` is where it starts in its file, the first line being 1."""

    line: int
    data: dict[str, Any]
    key: str = ""
    gold: dict[str, Any] | None = None
    reserved_for: list[str] = field(default_factory=list)


def read_tasks(stream: BinaryIO, kind: Kind, fields: Sequence[str]) -> Iterator[TaskRow]:
    """Yield the tasks of a file. `fields` are the names of the batch's answer fields.

    Raises UnusableInput, with up to a hundred places, when the file is malformed; rows that came
    before are then to be forgotten.
    """
    faults = _Faults()
    lines = _Lines(stream, faults)
    rows = _csv_rows(lines, fields, faults) if kind == "csv" else _jsonl_rows(lines, fields, faults)
    for row in rows:
        if not faults.problems:
            yield row
    if faults.problems:
        faults.give_up()


def strict_json(text: str) -> Any:
    """Parse JSON as its standard has it: no NaN, no name twice, nothing that cannot be stored.

    Raises UnusableInput with one problem, which names the column or the member.
    """
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        _refuse(_("This is not JSON: look at column %(column)s.") % {"column": error.pos + 1})
    except UnusableInput:
        raise
    except RecursionError:
        _refuse(_("Lists and objects are nested too deeply; 32 levels are the most."))
    except ValueError:
        _refuse(_("A number is too long to be read exactly."))
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        _refuse(_("Lists and objects are nested too deeply; 32 levels are the most."))
    if "\\u" in text:
        _check_characters(value)
    return value


class _Faults:
    """The places where a file is malformed."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, line: int, message: str | Promise, name: str | None = None) -> None:
        self.problems.append(Problem(message, line=line, field=name))
        if len(self.problems) >= UnusableInput.LIMIT:
            self.give_up()

    def give_up(self) -> NoReturn:
        raise UnusableInput(self.problems)


class _Lines:
    """The lines of a stream as text, one in memory at a time; `number` is that of the last one.

    `record` collects them until `begin`, for looking a broken CSV record over again.
    """

    def __init__(self, stream: BinaryIO, faults: _Faults) -> None:
        self.stream, self.faults = stream, faults
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """The next line begins a record."""
        self.start, self.size = self.number + 1, 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while raw := self.stream.readline(MAX_LINE + 1):
            self.number += 1
            if len(raw) > MAX_LINE:
                self.faults.add(self.number, _("This line is longer than a million bytes."))
                self.faults.give_up()
            if self.number == 1:
                raw = self._first(raw)
            text = self._text(raw)
            self.record.append(text)
            self.size += len(text)
            if self.size > MAX_RECORD:
                sentence = _("This record is longer than a million characters. Is a quote open?")
                self.faults.add(self.start, sentence)
                self.faults.give_up()
            yield text

    def _first(self, raw: bytes) -> bytes:
        if raw.startswith(WIDE_BOMS):
            self.faults.add(1, _("This file is UTF-16. Save it as UTF-8."))
            self.faults.give_up()
        return raw.removeprefix(BOM)

    def _text(self, raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode()) + 1
            self.faults.add(
                self.number,
                _("Column %(column)s is not UTF-8. Save the file as UTF-8.") % {"column": column},
            )
            return raw.decode(errors="replace").replace("\0", "?")
        if "\0" in text:
            self.faults.add(
                self.number,
                _("Column %(column)s holds the character with the number zero.")
                % {"column": text.index("\0") + 1},
            )
        return text.replace("\0", "?")


# --- CSV --------------------------------------------------------------------------------------


def _csv_rows(lines: _Lines, fields: Sequence[str], faults: _Faults) -> Iterator[TaskRow]:
    header: _Header | None = None
    for start, cells in _csv_records(lines, faults):
        if header is None:
            header = _Header(start, cells, fields, faults)
        elif len(cells) != len(header.names):
            faults.add(
                start,
                _("There are %(found)s cells, but the header has %(wanted)s.")
                % {"found": len(cells), "wanted": len(header.names)},
            )
        else:
            yield header.row(start, cells)


def _csv_records(lines: _Lines, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, with the physical line on which each one starts."""
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        start = lines.start
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            down, message = _broken_at("".join(lines.record))
            faults.add(start + down, message)
            faults.give_up()  # after a broken quote nobody can say where the next record starts
        if cells:
            yield start, cells


def _broken_at(text: str) -> tuple[int, str]:
    """Where a record that the CSV reader refused is broken: lines down, and a sentence."""
    down = column = 0
    opened = (0, 0)
    state = "start"  # of a cell; then plain, quoted, or closed (just behind a closing quote)
    for i, character in enumerate(text):
        column += 1
        if state == "quoted":
            state = "closed" if character == '"' else "quoted"
        elif character == '"' and state in {"start", "closed"}:
            opened, state = (down, column) if state == "start" else opened, "quoted"
        elif state == "closed" and character not in ",\r\n":
            sentence = _("Column %(column)s: a closing quote must be followed by a comma.")
            return down, sentence % {"column": column}
        elif character == "\r" and text[i + 1 : i + 2] != "\n":
            break
        else:
            state = "start" if character == "," else "plain" if state == "start" else state
        if character == "\n":
            down, column = down + 1, 0
    if state == "quoted":
        sentence = _("The quote that opens in column %(column)s is not closed.")
        return opened[0], sentence % {"column": opened[1]}
    sentence = _("Column %(column)s holds a line break without quotes around its cell.")
    return down, sentence % {"column": column}


class _Header:
    """The first record of a CSV file: which column means what."""

    def __init__(self, line: int, cells: list[str], fields: Sequence[str], faults: _Faults) -> None:
        if len(cells) > MAX_COLUMNS:
            faults.add(line, _("There are more than a thousand columns."))
            faults.give_up()
        self.names = [cell.strip() for cell in cells]
        self.fields = fields
        if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
            faults.add(line, _("The columns must be separated by commas."))
        for i, name in enumerate(self.names):
            if not name:
                faults.add(line, _("Column %(column)s has no name.") % {"column": i + 1})
            elif name in self.names[:i]:
                faults.add(line, _("There are two columns of this name."), name)
            elif (fault := _gold_fault(name, fields, self.names)) is not None:
                faults.add(line, fault, name)
        if faults.problems:
            faults.give_up()

    def row(self, line: int, cells: list[str]) -> TaskRow:
        named = dict(zip(self.names, cells, strict=True))
        key = named.pop("key", "")
        reserved_for = named.pop("reserved_for", "").split()
        gold = _take_gold(named, self.fields)
        return TaskRow(line, named, key, gold, reserved_for)


def _gold_fault(name: str, fields: Sequence[str], names: Sequence[str]) -> str | Promise | None:
    if name == "gold" and any(other.startswith("gold.") for other in names):
        return _("Use either `gold` or `gold.<field>`.")
    if name == "gold" and len(fields) != 1:
        return _("This batch asks for several fields: name them, as in `gold.<field>`.")
    if name.startswith("gold.") and name.removeprefix("gold.") not in fields:
        return _("This batch has no such answer field.")
    return None


def _take_gold(named: dict[str, Any], fields: Sequence[str]) -> dict[str, Any] | None:
    """Take the known answer out of a row; an empty cell leaves its field open."""
    gold = {}
    for name in [name for name in named if name == "gold" or name.startswith("gold.")]:
        value = named.pop(name)
        if value not in {"", None}:
            gold[fields[0] if name == "gold" else name.removeprefix("gold.")] = value
    return gold or None


# --- JSON lines -------------------------------------------------------------------------------


def _jsonl_rows(lines: _Lines, fields: Sequence[str], faults: _Faults) -> Iterator[TaskRow]:
    for text in lines:
        lines.begin()
        before = len(faults.problems)
        try:
            value = strict_json(text.rstrip()) if text.strip() else None
        except UnusableInput as error:
            if len(faults.problems) == before:  # else the line's bytes were at fault already
                faults.add(lines.number, error.problems[0].message, error.problems[0].field)
            continue
        if isinstance(value, dict):
            row = _object_row(lines.number, value, fields, faults)
            if len(faults.problems) == before:
                yield row
        elif text.strip():
            faults.add(lines.number, _("Each line holds one object: {…}."))


def _object_row(
    line: int, value: dict[str, Any], fields: Sequence[str], faults: _Faults
) -> TaskRow:
    """A line's object: either {"key", "data", "gold", "reserved_for"} or the data itself."""
    rest = dict(value)
    key = rest.pop("key", None)
    reserved_for = rest.pop("reserved_for", None)
    gold = rest.pop("gold", None)
    if isinstance(rest.get("data"), dict):
        data = rest.pop("data")
        for name in rest:
            faults.add(line, _("Put this into `data`."), name)
    else:
        data = rest
        for name in rest:
            if name.startswith("gold.") and gold is not None:
                faults.add(line, _("Use either `gold` or `gold.<field>`."), name)
            elif (fault := _gold_fault(name, fields, ())) is not None:
                faults.add(line, fault, name)
        gold = gold if gold is not None else _take_gold(data, fields)
    if isinstance(gold, str) and len(fields) == 1:
        gold = {fields[0]: gold}
    if gold is not None and not isinstance(gold, dict):
        faults.add(line, _("A known answer is an object with a value for each field."), "gold")
    return TaskRow(line, data, _key(line, key, faults), gold, _workers(line, reserved_for, faults))


def _key(line: int, value: object, faults: _Faults) -> str:
    if value is None:
        return ""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    faults.add(line, _("A key is a text or a whole number."), "key")
    return ""


def _workers(line: int, value: object, faults: _Faults) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list) and all(isinstance(ref, str) for ref in value):
        return list(value)
    faults.add(line, _("List the references of workers."), "reserved_for")
    return []


def _refuse(message: str | Promise, name: str | None = None) -> NoReturn:
    raise UnusableInput([Problem(message, field=name)])


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        _refuse(_("This name stands twice in one object."), twice[:60])
    return value


def _no_constant(name: str) -> NoReturn:
    _refuse(_("%(name)s is not a number in JSON.") % {"name": name})


def _finite(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        _refuse(_("The number %(number)s is too large.") % {"number": text[:40]})
    return value


_decoder = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_finite
)


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level = [item for item in inner if isinstance(item, dict | list)]
    return depth


def _check_characters(value: object) -> None:
    """Refuse what escapes can smuggle in and no text column can hold."""
    text = json.dumps(value, ensure_ascii=False)
    if ESCAPED_NUL.search(text):
        _refuse(_("The text holds the character with the number zero."))
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(_("The text holds half a character (a surrogate without its other half)."))
