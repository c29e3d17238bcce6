"""Who plays in the demonstration and what they are asked, with every figure stated."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairhand.sim.asking import choice
from fairhand.sim.characters import CHEATING, HONEST, SLOPPY, Character
from fairhand.sim.items import Item
from fairhand.sim.items.pictures import pictures
from fairhand.sim.items.reviews import reviews

FIRST = "Ada Lindqvist"  # the worker whose sign-in link is printed
CROWD: tuple[tuple[str, Character], ...] = (
    (FIRST, HONEST),
    ("Bruno Ferri", HONEST),
    ("Carmen Ortega", HONEST),
    ("Dilan Kaya", HONEST),
    ("Eva Novak", HONEST),
    ("Farid Haddad", HONEST),
    ("Greta Vogel", HONEST),
    ("Henrik Dahl", HONEST),
    ("Ines Moreau", HONEST),
    ("Jonas Weber", HONEST),
    ("Kalina Petrova", HONEST),
    ("Luca Conti", HONEST),
    ("Mara Szabo", SLOPPY),
    ("Nils Bakker", SLOPPY),
    ("Olivia Grant", SLOPPY),
    ("Pavel Horak", SLOPPY),
    ("Rosa Delgado", SLOPPY),
    ("Stan Kowal", CHEATING),
    ("Tilda Berg", CHEATING),
    ("Ugo Sala", CHEATING),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One project with its batch.

    source: the part of a task's data that is shown. question: the field that is answered. golds:
    how many easy items serve as gold. pages: the most pages that each kind of worker does.
    """

    title: str
    view: str
    source: str
    question: str
    label: str
    options: Mapping[str, str]
    instructions: Sequence[dict[str, str]]
    items: Sequence[Item]
    golds: int
    terms: Mapping[str, Any]
    pages: Mapping[str, int | None] = field(default_factory=dict)

    def interface(self) -> dict[str, Any]:
        """The interface document."""
        return choice([(self.view, self.source)], self.question, self.label, self.options)

    def gold(self, seed: int) -> set[str]:
        """The keys of the items that serve as gold: clear ones, as a requester would choose."""
        easy = [item.key for item in self.items if not item.hard]
        return set(random.Random(seed).sample(easy, self.golds))

    def most_pages(self, name: str, character: Character) -> int | None:
        """How many pages this worker does at most; 0 for none, None for no limit."""
        return self.pages.get(name, self.pages.get(character.kind))

    @property
    def wanted(self) -> int:
        """The answers that a batch asks for when nobody stops early."""
        return len(self.items) * int(self.terms["overlap"])


MOODS = Task(
    title="Mood of short reviews",
    view="text",
    source="review",
    question="mood",
    label="How does the writer feel about it?",
    options={"good": "Pleased", "bad": "Displeased", "mixed": "Both or neither"},
    instructions=(
        {
            "heading": "What to do",
            "text": "Read the review and say how its writer feels about the thing or the place.",
        },
        {
            "heading": "When it is not clear",
            "text": "Praise and complaint side by side, or no feeling at all, is “Both or "
            "neither”. Take irony as it is meant.",
        },
    ),
    items=reviews(),
    golds=36,
    terms={
        "price_micros": 40_000,
        "overlap": 5,
        "page_size": 10,
        "gold_permille": 150,
        "bar_permille": 750,
        "expected_seconds": 8.0,
    },
)
SHAPES = Task(
    title="Which shape is there most often?",
    view="image",
    source="picture",
    question="shape",
    label="Which shape is there most often?",
    options={"circle": "Circles", "square": "Squares", "triangle": "Triangles"},
    instructions=(
        {
            "heading": "What to do",
            "text": "Count circles, squares and triangles. Colours and sizes do not matter.",
        },
    ),
    items=pictures(120),
    golds=12,
    terms={
        "price_micros": 25_000,
        "overlap": 3,
        "page_size": 6,
        "gold_permille": 100,
        "bar_permille": 700,
        "review_hours": 72,
        "expected_seconds": 10.0,
    },
    # About half of what is wanted, so that there is work left for whoever signs in.
    pages={"honest": 2, "sloppy": 1, "cheating": 0},
)
