"""Proving who somebody is: one module for each way."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a provider is asked to prove: a check by its reference, and what its worker told."""

    ref: str
    holder: str
    birth_date: date
    document_kind: str
    document_country: str
    language: str


@dataclass(frozen=True, slots=True)
class Begun:
    """How it goes on: at once proven, or at an address elsewhere, or here (neither)."""

    verified: bool = False
    outside_ref: str = ""
    address: str = ""


class IdentityProvider(Protocol):
    """A way to prove who somebody is.

    `takes_pictures`: pictures are shown here and people look at them. `elsewhere`: the worker is
    sent to an address that the provider names.
    """

    name: str
    takes_pictures: bool
    elsewhere: bool

    def begin(self, wanted: Wanted) -> Begun:
        """Begin, or go on with, a check. Raises OSError where the provider cannot be reached."""
