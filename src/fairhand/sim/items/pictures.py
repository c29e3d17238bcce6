"""Pictures of circles, squares and triangles: which of them is there most often?

Drawn as SVG from a seed, so that the same pictures come out everywhere, and small enough to travel
inside a task as a `data:` address.
"""

import base64
import random
from collections.abc import Sequence

from fairhand.sim.items import Item

SHAPES = ("circle", "square", "triangle")
COLUMNS, ROWS = 7, 5
CELL = 60  # units of the drawing
COLOURS = ("#2f6f8f", "#b5532d", "#4f7a3a", "#7a4f8a", "#a8862b")
HARD_EVERY = 4  # one picture in four is nearly even


def pictures(count: int, seed: int = 1) -> list[Item]:
    """Draw `count` pictures; the same ones for the same seed."""
    lot = random.Random(seed)
    return [_picture(number, lot) for number in range(1, count + 1)]


def _picture(number: int, lot: random.Random) -> Item:
    truth = lot.choice(SHAPES)
    hard = number % HARD_EVERY == 0
    fewer = lot.randint(8, 10) if hard else lot.randint(3, 6)
    most = fewer + (1 if hard else lot.randint(3, 5))
    second, third = lot.sample([shape for shape in SHAPES if shape != truth], 2)
    shapes = [truth] * most + [second] * fewer + [third] * (fewer - lot.randint(0, 1))
    return Item(f"picture-{number:03d}", _address(_draw(shapes, lot)), truth, hard)


def _draw(shapes: Sequence[str], lot: random.Random) -> str:
    cells = lot.sample(range(COLUMNS * ROWS), len(shapes))
    drawn = "".join(_shape(shape, cell, lot) for shape, cell in zip(shapes, cells, strict=True))
    width, height = COLUMNS * CELL, ROWS * CELL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#f6f4ef"/>{drawn}</svg>'
    )


def _shape(shape: str, cell: int, lot: random.Random) -> str:
    """One shape in its cell of the grid, off its middle but never over its edge."""
    size = lot.randint(13, 19)  # half of its width
    x = cell % COLUMNS * CELL + CELL // 2 + lot.randint(-9, 9)
    y = cell // COLUMNS * CELL + CELL // 2 + lot.randint(-9, 9)
    colour = lot.choice(COLOURS)
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{size}" fill="{colour}"/>'
    if shape == "square":
        side = 2 * size - 4
        return (
            f'<rect x="{x - size + 2}" y="{y - size + 2}" width="{side}" height="{side}" '
            f'fill="{colour}"/>'
        )
    corners = f"{x},{y - size} {x + size},{y + size} {x - size},{y + size}"
    return f'<polygon points="{corners}" fill="{colour}"/>'


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
