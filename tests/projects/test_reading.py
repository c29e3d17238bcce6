"""Files of tasks: what is read, and how each malformed place is named."""

import io
import json

import pytest

from fairhand.kit.decision import UnusableInput
from fairhand.projects.reading import Kind, TaskRow, read_tasks, strict_json


def rows(
    text: str | bytes, kind: Kind = "csv", fields: tuple[str, ...] = ("mood",)
) -> list[TaskRow]:
    raw = text.encode() if isinstance(text, str) else text
    return list(read_tasks(io.BytesIO(raw), kind, fields))


def faults(
    text: str | bytes, kind: Kind = "csv", fields: tuple[str, ...] = ("mood",)
) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(UnusableInput) as caught:
        rows(text, kind, fields)
    return [(p.line, p.field, str(p.message)) for p in caught.value.problems]


def test_a_csv_row_is_read_with_its_key_gold_and_allow_list() -> None:
    assert rows("key,text,gold.mood,reserved_for\na,hello,good,wrk_1 wrk_2\n") == [
        TaskRow(2, {"text": "hello"}, "a", {"mood": "good"}, ["wrk_1", "wrk_2"])
    ]


def test_a_csv_row_without_key_and_gold_is_only_data() -> None:
    assert rows("text,gold\nhello,\n") == [TaskRow(2, {"text": "hello"})]


def test_a_gold_column_belongs_to_the_only_field() -> None:
    assert rows("text,gold\nhello,bad\n")[0].gold == {"mood": "bad"}


def test_a_csv_record_stands_on_the_line_where_it_starts() -> None:
    text = 'text\r\n"one\r\ntwo"\r\n\r\nthree\r\n'
    assert [(row.line, row.data["text"]) for row in rows(text)] == [(2, "one\r\ntwo"), (5, "three")]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert rows(b"\xef\xbb\xbftext\nx\n")[0].data == {"text": "x"}
    assert rows(b'\xef\xbb\xbf{"text": "x"}\n', "jsonl")[0].data == {"text": "x"}


def test_the_last_line_needs_no_line_end() -> None:
    assert rows("text\nx")[0].data == {"text": "x"}
    assert rows('{"text":"x"}', "jsonl")[0].data == {"text": "x"}


def test_a_file_without_lines_holds_no_rows() -> None:
    assert rows("") == rows("\n\n") == rows("", "jsonl") == rows("text\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('text\nok\n"open\nmore\n', (3, None, "The quote that opens in column 1 is not closed.")),
        (
            'a,text\n1,"x\ny"z\n',
            (3, None, "Column 3: a closing quote must be followed by a comma."),
        ),
        ("text\nok\na,b\n", (3, None, "There are 2 cells, but the header has 1.")),
        ("a,text\nok\n", (2, None, "There are 1 cells, but the header has 2.")),
        ("text,,b\n1,2,3\n", (1, None, "Column 2 has no name.")),
        ("text,b,text\n1,2,3\n", (1, "text", "There are two columns of this name.")),
        ("text;b\n1;2\n", (1, None, "The columns must be separated by commas.")),
        ("text\nab\0c\n", (2, None, "Column 3 holds the character with the number zero.")),
        ("text\na\rb\n", (2, None, "Column 2 holds a line break without quotes around its cell.")),
        (b"text\n\xc3\xa4\xff\n", (2, None, "Column 2 is not UTF-8. Save the file as UTF-8.")),
        (b"\xff\xfet\0e\0", (1, None, "This file is UTF-16. Save it as UTF-8.")),
        ("text,gold.size\nx,y\n", (1, "gold.size", "This batch has no such answer field.")),
        (
            "text,gold,gold.mood\nx,y,z\n",
            (1, "gold", "Use either `gold` or `gold.<field>`."),
        ),
        ("text\n" + "x" * 1_000_001, (2, None, "This line is longer than a million bytes.")),
        (
            'text\n"' + "x\n" * 400_000,
            (2, None, "The quote that opens in column 1 is not closed."),
        ),
        (
            'text\nok\n"' + "x\n" * 600_000,
            (3, None, "This record is longer than a million characters. Is a quote open?"),
        ),
        ("a," * 100_000 + "b\n", (1, None, "There are more than a thousand columns.")),
    ],
)
def test_a_malformed_csv_file_is_refused_by_line_and_column(
    text: str | bytes, expected: tuple[int, str | None, str]
) -> None:
    assert faults(text) == [expected]


def test_a_quote_left_open_is_noticed_long_before_the_end_of_the_file() -> None:
    stream = io.BytesIO(b'text\n"' + b"x\n" * 5_000_000)
    with pytest.raises(UnusableInput):
        list(read_tasks(stream, "csv", ("mood",)))
    assert stream.tell() < 1_100_000


def test_records_of_many_lines_are_counted_one_by_one() -> None:
    record = '"' + "x\n" * 300_000 + '"\n'
    assert [row.line for row in rows("text\n" + record * 3)] == [2, 300_003, 600_004]


def test_gold_without_a_field_is_refused_where_there_are_several() -> None:
    (fault,) = faults("text,gold\nx,y\n", fields=("mood", "size"))
    assert fault[:2] == (1, "gold")


def test_every_malformed_line_is_named_and_none_of_the_good_ones_counts() -> None:
    text = "a,b\n1\n1,2\n1,2,3\n"
    assert [fault[0] for fault in faults(text)] == [2, 4]
    found = faults('{"text":"x"}\nnope\n{"text":"y"}\n[1]\n', "jsonl")
    assert [fault[0] for fault in found] == [2, 4]


def test_no_more_than_a_hundred_places_are_named() -> None:
    assert len(faults("a,b\n" + "1\n" * 1000)) == 100
    assert len(faults("nope\n" * 1000, "jsonl")) == 100


def test_a_json_line_is_either_a_task_or_its_data() -> None:
    text = (
        '{"key": "a", "data": {"text": "x"}, "gold": {"mood": "good"}, "reserved_for": ["wrk_1"]}\n'
        "\n"
        '{"text": "y", "gold.mood": "bad", "reserved_for": "wrk_1 wrk_2", "data": "z"}\n'
        '{"key": 7, "text": "y", "gold": "bad"}\n'
    )
    assert rows(text, "jsonl") == [
        TaskRow(1, {"text": "x"}, "a", {"mood": "good"}, ["wrk_1"]),
        TaskRow(3, {"text": "y", "data": "z"}, "", {"mood": "bad"}, ["wrk_1", "wrk_2"]),
        TaskRow(4, {"text": "y"}, "7", {"mood": "bad"}),
    ]


@pytest.mark.parametrize(
    ("line", "name", "sentence"),
    [
        ('{"text": "x",}', None, "This is not JSON: look at column 14."),
        ("  nope", None, "This is not JSON: look at column 3."),
        ('["x"]', None, "Each line holds one object: {…}."),
        ("null", None, "Each line holds one object: {…}."),
        ('{"a": 1, "a": 2}', "a", "This name stands twice in one object."),
        ('{"a": NaN}', None, "NaN is not a number in JSON."),
        ('{"a": -Infinity}', None, "-Infinity is not a number in JSON."),
        ('{"a": 1e999}', None, "The number 1e999 is too large."),
        ('{"a": ' + "1" * 5000 + "}", None, "A number is too long to be read exactly."),
        (
            '{"a": ' + "[" * 40 + "]" * 40 + "}",
            None,
            "Lists and objects are nested too deeply; 32 levels are the most.",
        ),
        (
            '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
            None,
            "Lists and objects are nested too deeply; 32 levels are the most.",
        ),
        ('{"a": "\\u0000"}', None, "The text holds the character with the number zero."),
        (
            '{"a": "\\ud800"}',
            None,
            "The text holds half a character (a surrogate without its other half).",
        ),
        ('{"data": {}, "extra": 1}', "extra", "Put this into `data`."),
        ('{"text": "x", "key": 1.5}', "key", "A key is a text or a whole number."),
        ('{"text": "x", "key": true}', "key", "A key is a text or a whole number."),
        ('{"text": "x", "reserved_for": [1]}', "reserved_for", "List the references of workers."),
        (
            '{"text": "x", "gold": 1}',
            "gold",
            "A known answer is an object with a value for each field.",
        ),
        ('{"text": "x", "gold.size": "y"}', "gold.size", "This batch has no such answer field."),
        (
            '{"text": "x", "gold": "y", "gold.mood": "z"}',
            "gold.mood",
            "Use either `gold` or `gold.<field>`.",
        ),
        ('{"text": "' + "x" * 1_000_000 + '"}', None, "This line is longer than a million bytes."),
        ('{"text": "\0"}', None, "Column 11 holds the character with the number zero."),
    ],
)
def test_a_malformed_json_line_is_refused_by_line_and_place(
    line: str, name: str | None, sentence: str
) -> None:
    assert faults('{"text": "ok"}\n' + line + "\n", "jsonl") == [(2, name, sentence)]


def test_a_written_out_escape_is_no_zero_character() -> None:
    assert strict_json(json.dumps({"a": "\\u0000"})) == {"a": "\\u0000"}


def test_many_lists_side_by_side_are_not_deep() -> None:
    assert len(strict_json(json.dumps([[1]] * 1000))) == 1000
