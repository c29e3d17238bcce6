"""Passwords that are known to have leaked, looked up without asking anybody."""

import hashlib
import os
import string
from functools import cache
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

HEX = 40  # digits of a SHA-1
SHORT = 4096  # bytes that are read rather than halved
DECORATION = string.digits + string.punctuation + string.whitespace


class CommonPasswordValidator:
    """Refuse the 20,000 most common passwords, also with digits and signs at their end.

    The list is Django's own. "Dragon2026!" is guessed as soon as "dragon" is.
    """

    def validate(self, password: str, user: object = None) -> None:
        del user
        folded = password.strip().casefold()
        bare = folded.rstrip(DECORATION)
        twice = bare[: len(bare) // 2]
        if {folded, bare} & common() or (twice and twice * 2 == bare and twice in common()):
            raise ValidationError(
                _("Too many people use this password, or one like it. Choose a sentence."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return say("Not one that many people use, also with a year or signs added.")


class BreachedPasswordValidator:
    """Refuse a password from the operator's copy of Have I Been Pwned's list."""

    def validate(self, password: str, user: object = None) -> None:
        del user
        path = settings.BREACHED_PASSWORDS
        if path and is_breached(password, Path(path)):
            raise ValidationError(
                _("This password was found in leaked data, so it will be guessed. Choose another."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return say("Not one that was found in leaked data.") if settings.BREACHED_PASSWORDS else ""


def is_breached(password: str, path: Path) -> bool:
    """Whether a list has a password, by halving the file: about 35 reads in 40 gigabytes.

    The file is Have I Been Pwned's, ordered by hash: a line each of SHA-1 in hex, a colon, and how
    often it was found. Raises ImproperlyConfigured when it cannot be read.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with path.open("rb") as file:
            return _found(file, wanted)
    except OSError as error:
        raise ImproperlyConfigured(f"FAIRHAND_BREACHED_PASSWORDS cannot be read: {error}") from None


def _found(file: BinaryIO, wanted: bytes) -> bool:
    """Halve what may hold the line until it is short, then read that. `low` begins a line."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > SHORT:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()  # the rest of the line that the middle fell into
        start = file.tell()
        if start >= high:
            high = middle
        elif file.readline()[:HEX].upper() <= wanted:
            low = start
        else:
            high = start
    file.seek(low)
    while file.tell() < high and (line := file.readline()):
        if line[:HEX].upper() == wanted:
            return True
    return False


@cache
def common() -> frozenset[str]:
    """Django's list of common passwords."""
    return frozenset(password_validation.CommonPasswordValidator().passwords)
