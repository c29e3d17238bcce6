"""docs/privacy.md is made from the tables that the code runs by."""

import os
from pathlib import Path

from django.utils.translation import override

from fairhand.people.privacy.held import Fate, Part
from fairhand.work.privacy.tables import HELD, NOBODYS
from fairhand.work.privacy.timetable import TIMETABLE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
HEAD = """\
# What is kept about people

Made from the code by `tests/privacy/test_docs.py`, which compares it, and writes it anew with
FAIRHAND_WRITE_DOCS=1. The [guide](guides/privacy.md) says what people, operators and developers do with it.

A test walks every table and column of the database and fails where one is on none of these lists. The
archive that people get of their data, and the deletion of their account, walk the same table: a table
that is on it is in the archive and meets its fate, without a line of code beside it.

The laws are Germany's and the Union's: AO is the Abgabenordnung as of 1 January 2025 (vouchers eight
years, books ten, from the end of the year), BGB the Bürgerliches Gesetzbuch (claims end three years after
the end of the year in which they arose), GDPR the Regulation (EU) 2016/679. Whoever operates elsewhere
looks up their own, and changes `src/fairhand/people/privacy/periods.py`."""


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["", *("| " + " | ".join(line) + " |" for line in lines), ""]


def fate(name: str) -> str:
    held = next(each for each in HELD if each.name == name)
    words = str(Fate(held.fate).label)
    if held.emptied:
        words += ": " + ", ".join(f"`{column}`" for column in held.emptied)
    return words + ("; of the excluded it is kept" if held.spared else "")


def page() -> str:
    """The page as the code has it now, in English."""
    lines = [HEAD]
    for part in Part:
        rows = [
            [
                f"`{held.name}`",
                f"`{held.model._meta.db_table}`",
                f"{held.what} {held.why}",
                f"{held.period.words} {held.period.law}".strip(),
                fate(held.name),
                ", ".join(f"`{name}`" for name in held.hidden) or "-",
            ]
            for held in HELD
            if held.part == part
        ]
        head = ["file of the archive", "table", "what and why", "how long", "on deletion"]
        lines += ["", f"## {part.label}", *table([*head, "not in the archive"], rows)]
    lines += [
        "## When it is forgotten",
        "",
        "By jobs, in parts, each line tested with a clock moved.",
    ]
    rows = [[line.what, line.after, line.law, f"`{line.job}`"] for line in TIMETABLE]
    lines += table(["what", "when", "law", "job"], rows)
    lines += ["## Tables that are about nobody"]
    lines += table(["table", "why"], [[f"`{name}`", why] for name, why in NOBODYS.items()])
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip() + "\n"


def test_the_page_of_privacy_holds_what_the_code_holds() -> None:
    """To mend it, run this with FAIRHAND_WRITE_DOCS=1."""
    with override("en"):
        made = page()
    if os.environ.get("FAIRHAND_WRITE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made
