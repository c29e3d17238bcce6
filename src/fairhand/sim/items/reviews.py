"""Short reviews, written for this demonstration, and what their writers felt."""

import csv
from pathlib import Path

from fairhand.sim.items import Item

FILE = Path(__file__).with_name("reviews.csv")


def reviews() -> list[Item]:
    """All reviews in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            Item(f"review-{number:03d}", row["text"], row["mood"], row["hard"] == "yes")
            for number, row in enumerate(csv.DictReader(file), start=1)
        ]
