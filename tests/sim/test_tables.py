import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairhand.sim import tables

WANTED = ("task", "worker", "label")
HEADER = b"task,worker,label\n"


def table(folder: Path, content: bytes) -> Path:
    path = folder / "answers.csv"
    path.write_bytes(content)
    return path


def values(path: Path) -> list[tuple[str, ...]]:
    columns = tables.read_columns(path, WANTED)
    return list(zip(*(column.values() for column in columns), strict=True))


@pytest.mark.parametrize(
    "content",
    [
        b"task,worker,label\na,b,c\nd,e,f\n",
        b"task,worker,label\r\na,b,c\r\nd,e,f",
        b"\xef\xbb\xbftask,worker,label\na,b,c\n\n\nd,e,f\n",
        b'"task","worker","label"\n"a","b","c"\n"d","e","f"\n',
        b"seconds,label,worker,task\n1,c,b,a\n,f,e,d\n",
    ],
)
def test_usual_ways_of_writing_a_table_are_read(content: bytes, tmp_path: Path) -> None:
    assert values(table(tmp_path, content)) == [("a", "b", "c"), ("d", "e", "f")]


def test_quoted_cells_may_hold_commas_quotes_and_lines(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + b'a,b,"one, ""two""\nthree"\n')
    assert values(path) == [("a", "b", 'one, "two"\nthree')]


def test_words_that_mean_nothing_elsewhere_are_labels_here(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + b"1,NA,null\n01,nan,None\n")
    assert values(path) == [("1", "NA", "null"), ("01", "nan", "None")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "answers.csv is empty"),
        (b"\n\n", "answers.csv is empty"),
        (HEADER, "no rows below it"),
        (
            b"task,who,label\na,b,c\n",
            "line 1: the column “worker” is missing; there are: task, who",
        ),
        (b"task;worker;label\na;b;c\n", "column “task” is missing; there are: task;worker;label"),
        (b"task,worker,label,task\n", "two columns named “task”"),
        (HEADER + b"a,b,c\nd,e\n", "line 3, column “label” is missing: the line has 2 columns"),
        (HEADER + b"a,b,c\nd,e,f,g\n", "line 3, column 4 has no name: the line has 4 columns"),
        (HEADER + b"a,b,c\n\nd,,f\n", "line 4, column “worker”: the cell is empty"),
        (HEADER + b'a,"",c\n', "line 2, column “worker”: the cell is empty"),
        (HEADER + b'a,b,"c\nd"\ne,f,"g\nh,i,j\n', "line 4, column 3: the quoted cell"),
        (HEADER + b'a,"b"x,c\n', "line 2, column 2: the quoted cell"),
        (HEADER + b"a,b,c\nd,\xff,f\n", "line 3, column 2: this is not UTF-8"),
        ("task,worker".encode("utf-16"), "line 1, column 1: this is not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_column(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(tables.BadTableError) as refused:
        tables.read_columns(table(tmp_path, content), WANTED)
    assert sentence in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(tables.BadTableError, match=r"nowhere.csv cannot be read: No such file"):
        tables.read_columns(tmp_path / "nowhere.csv", WANTED)


def test_rows_come_with_the_line_they_begin_on(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + b'a,b,"c\nc"\n\nd,e,f\n')
    assert [row.line for row in tables.rows(path, WANTED)] == [2, 5]


cells = st.text(
    st.characters(codec="utf-8", exclude_characters='"\r\n,', exclude_categories=["Cs"]),
    min_size=1,
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=20))
def test_the_fast_and_the_plain_reader_read_the_same(rows: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write("task,worker,label\n")
            file.writelines(",".join(row) + "\n" for row in rows)
        plain = tables._read_plainly(path, WANTED, "answers.csv")
        fast = tables._read_fast(path, WANTED)
        assert fast is not None
        assert [c.values() for c in fast] == [c.values() for c in plain]
        assert list(zip(*(c.values() for c in plain), strict=True)) == rows


@given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8"), min_size=1)] * 3), min_size=1))
def test_whatever_the_standard_writer_writes_is_read_back(rows: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerows([WANTED, *rows])
        assert values(path) == rows
