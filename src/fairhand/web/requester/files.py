"""A file out of a form, read by its ending."""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Problem, UnusableInput
from fairhand.projects.interface import parse
from fairhand.projects.reading import Kind, TaskRow, read_tasks

ENDINGS: dict[str, Kind] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
ACCEPT = ",".join(ENDINGS)


def read_upload(file: File | None, interface: dict[str, Any]) -> Iterator[TaskRow]:  # type: ignore[type-arg]
    """The tasks of an uploaded file. Raises UnusableInput, at the latest while they are read."""
    if file is None:
        raise UnusableInput([Problem(_("Choose a file first."), field="file")])
    name = (file.name or "").lower()
    kind = next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)
    if kind is None or file.file is None:
        message = _("Choose a file that ends in .csv or .jsonl.")
        raise UnusableInput([Problem(message, field="file")])
    fields = [field.name for field in parse(interface).fields]
    return read_tasks(cast("BinaryIO", file.file), kind, fields)
