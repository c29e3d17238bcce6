"""What a bank would refuse: first the official schema, then the rules that no schema holds."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from itertools import islice
from typing import Any, Final
from xml.etree import ElementTree as ET

from django.utils.translation import gettext_lazy as _
from xmlschema import XMLSchema

from fairhand.pay.providers import Problem
from fairhand.pay.providers.sepa.rules import find_problems
from fairhand.pay.providers.sepa.writer import NAMESPACE

LIMIT: Final = (
    100  # of problems named from the schema: one wrong line may repeat ten thousand times
)
_DEPTH: Final = 32  # the deepest path of the schema has 13 elements


def check(payment_file: bytes, today: date) -> list[Problem]:
    """Return everything that keeps `payment_file` from being sent; an empty list is a "yes".

    `today` is the day on which it would be handed in. Never raises on any bytes.
    """
    try:
        document = _read(payment_file)
    except _Refused as refused:
        return [refused.problem]
    return [*islice(_schema_problems(document), LIMIT), *find_problems(document, today)]


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Builder(ET.TreeBuilder):
    """Refuses a document type, and with it every entity, before anything of it is expanded."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, *_declared: str | None) -> None:
        message = _("The file declares a document type or entities, which no payment file needs.")
        raise _Refused(Problem("xml.doctype", "DOCTYPE", message))

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> ET.Element:
        self._depth += 1
        if self._depth > _DEPTH:
            message = _("The file is nested deeper than any payment file.")
            raise _Refused(Problem("xml.depth", "Document", message))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def _read(payment_file: bytes) -> ET.Element:
    try:
        parser = ET.XMLParser(target=_Builder())  # noqa: S314 - the builder refuses entities
        parser.feed(payment_file)
        document: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError) as fault:
        message = _("The file is not readable XML: %(fault)s.")
        problem = Problem("xml.unreadable", "Document", message, {"fault": str(fault)})
        raise _Refused(problem) from None
    if document.tag != f"{{{NAMESPACE}}}Document":
        message = _("The file is not a pain.001.001.09 document.")
        raise _Refused(Problem("xml.namespace", "Document", message))
    return document


def _schema_problems(document: ET.Element) -> Iterator[Problem]:
    inside = {
        id(element): transfer
        for transfer in document.iter(f"{{{NAMESPACE}}}CdtTrfTxInf")
        for element in transfer.iter()
    }
    reference = f"{{{NAMESPACE}}}PmtId/{{{NAMESPACE}}}EndToEndId"
    for error in _schema().iter_errors(document):
        transfer = inside.get(id(error.elem))
        item = None if transfer is None else transfer.findtext(reference)
        params = {"reason": error.reason or error.message}
        message = _("The schema of pain.001.001.09 is not met: %(reason)s")
        yield Problem("schema", item or error.path or "Document", message, params, item)


@cache
def _schema() -> XMLSchema:
    """Load the official schema, which the sepaxml package carries; 0.1 s, once a process."""
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        return XMLSchema(path)
