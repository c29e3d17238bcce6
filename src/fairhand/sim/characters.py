"""Who works in a demonstration: honest, sloppy and cheating workers, made up but stated.

A character is two chances of answering right (an easy item, a hard one) and a median of seconds an
answer. A cheat does not look at all: one always gives the same answer, another guesses. Wrong
answers fall evenly on the other classes. Seconds are lognormal, as reading times are.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Literal

from fairhand.sim.items import Item

Kind = Literal["honest", "sloppy", "cheating"]
KINDS: tuple[Kind, ...] = ("honest", "sloppy", "cheating")
SPREAD = 0.45  # of the logarithm of the seconds
LEAST_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Character:
    """How somebody works. `easy` and `hard`: chances of answering right, between 0 and 1."""

    kind: Kind
    easy: float
    hard: float
    seconds: float


HONEST = Character("honest", 0.97, 0.82, 8.0)
SLOPPY = Character("sloppy", 0.82, 0.55, 5.0)
CHEATING = Character("cheating", 0.0, 0.0, 1.3)


class Mind:
    """What one simulated person answers; the same answers for the same seed."""

    def __init__(self, character: Character, seed: str) -> None:
        self.character = character
        self.lot = random.Random(seed)
        self.same = self.lot.random() < 0.5  # noqa: PLR2004 - every second cheat

    def answer(self, item: Item, classes: Sequence[str]) -> str:
        """Judge one item."""
        if self.character.kind == "cheating":
            return classes[0] if self.same else self.lot.choice(classes)
        chance = self.character.hard if item.hard else self.character.easy
        if self.lot.random() < chance:
            return item.truth
        return self.lot.choice([name for name in classes if name != item.truth])

    def seconds(self) -> float:
        """How long this person looks at one item."""
        taken = exp(self.lot.gauss(log(self.character.seconds), SPREAD))
        return round(max(LEAST_SECONDS, taken), 1)
