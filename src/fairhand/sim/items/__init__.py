"""What a demonstration asks about: items that a person can judge, each with its truth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be judged.

    shown: the text, or the address of the picture. truth: what a careful person answers. hard: a
    careful person may well answer something else.
    """

    key: str
    shown: str
    truth: str
    hard: bool
