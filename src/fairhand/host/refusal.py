"""Refusals of the host, as sentences an operator can act on, in the terminal's language."""

import functools
import gettext as catalogues
from collections.abc import Callable
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


class HostError(Exception):
    """Something on this machine stands in the way; the text says what, and what to do."""


@functools.cache
def _catalogue() -> catalogues.NullTranslations:
    return catalogues.translation("django", LOCALE, fallback=True)


def gettext(text: str) -> str:
    """Translate `text` by the same catalogues as the pages, without loading Django."""
    return _catalogue().gettext(text)


Say = Callable[[str], None]  # how a long step tells what it is doing


def silent(_text: str) -> None:
    """Say nothing."""
