"""Files on the way up and down: which kind, and whether all of it is there."""

from pathlib import Path
from typing import Literal

import httpx2

from fairhand.client.problem import CutOffError

Form = Literal["jsonl", "csv", "parquet"]
CSV, JSONL = "text/csv", "application/x-ndjson"
KINDS = {".csv": CSV, ".jsonl": JSONL, ".ndjson": JSONL}
PARQUET_END = b"PAR1"


def kind_of(path: Path) -> str:
    """The type of a file of tasks by its name. Raises ValueError for another one."""
    try:
        return KINDS[path.suffix.lower()]
    except KeyError:
        raise ValueError(f"{path.name}: a file of tasks ends in .csv, .jsonl or .ndjson") from None


def save(response: httpx2.Response, path: Path, form: Form) -> int:
    """Write a download to a file; returns its number of records.

    Raises CutOffError unless all are there: a connection that breaks between two pieces can look
    like the end of the file.
    """
    promised = int(response.headers["Fairhand-Rows"])
    counter = Counter(form)
    with path.open("wb") as file:
        for piece in response.iter_bytes():
            counter.see(piece)
            file.write(piece)
    if not counter.is_whole(promised):
        raise CutOffError(f"the file ended before its {promised} records were there")
    return promised


class Counter:
    """Counts the records of a file that goes by in pieces."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.lines = 0
        self.quoted = False
        self.end = b""

    def see(self, piece: bytes) -> None:
        self.end = (self.end + piece)[-len(PARQUET_END) :]
        if self.form == "jsonl":
            self.lines += piece.count(b"\n")
        elif self.form == "csv":
            # A line break between quotes belongs to a cell.
            for i, stretch in enumerate(piece.split(b'"')):
                self.quoted ^= i > 0
                self.lines += 0 if self.quoted else stretch.count(b"\n")

    def is_whole(self, promised: int) -> bool:
        """Whether so many records went by, all of them to their end."""
        if self.form == "parquet":
            return self.end == PARQUET_END
        return self.lines == promised + (self.form == "csv")
