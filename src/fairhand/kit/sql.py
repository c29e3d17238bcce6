"""SQL that lives in files beside the code, and the migration step that puts it into the database.

Functions and triggers are written once, in `<package>/sql/<name>.sql`, with `create or replace`.
A migration that brings a new version of such a file lists it again.
"""

from pathlib import Path

from django.db import migrations

PACKAGE = Path(__file__).resolve().parent.parent


def read(name: str) -> str:
    """Return the text of `<package>/sql/<name>.sql`, named as `work/next_page`."""
    package, _, stem = name.partition("/")
    return (PACKAGE / package / "sql" / f"{stem}.sql").read_text(encoding="utf-8")


def run_file(name: str) -> migrations.RunSQL:
    """Make the migration step that runs one such file. It has no way back: add a newer one."""
    # Bodies may name functions of files that come later; they are checked when first called.
    return migrations.RunSQL("set local check_function_bodies = off;\n" + read(name))
