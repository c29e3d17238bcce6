"""Pictures of ours, drawn over: somebody's name across it, or the whole of it small.

Only what `kit.pictures` drew before is opened here, never a file as a stranger sent it.
"""

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
QUALITY = 86
SEEN = 80  # of 255: the name is read, and so is what lies below it
ANGLE = 24.0
SMALLEST, LARGEST = 12, 34  # points
SPREAD = 24  # letters of the longer side: a part that is cut out still has the name on it
LINES = 3.2  # between one row of names and the next
QUALITY_SMALL = 80


def stamped(data: bytes, kind: str, words: str) -> bytes:
    """The picture with these words all over it, as what it was (image/jpeg or image/png)."""
    with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as found:
        drawn = found.convert("RGBA" if found.mode in {"LA", "PA", "RGBA"} else "RGB")
    size = min(max(max(drawn.size) // SPREAD, SMALLEST), LARGEST)
    light, dark = _tile(words, size)
    for y in range(0, drawn.height, light.height):
        for x in range(0, drawn.width, light.width):
            # Light on dark and dark on light: one of them is seen on any ground.
            drawn.paste("black", (x + 1, y + 1), dark)
            drawn.paste("white", (x, y), light)
    return _encoded(drawn, kind, QUALITY)


def shrunk(data: bytes, kind: str, edge: int) -> bytes:
    """The whole picture, at most `edge` pixels wide and high, as a JPEG on white."""
    with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as found:
        found.draft("RGB", (edge, edge))  # of a JPEG only as much is read as is needed
        found.thumbnail((edge, edge))
        drawn = found.convert("RGBA")
    ground = Image.new("RGB", drawn.size, "white")
    ground.paste(drawn, mask=drawn)
    return _encoded(ground, "image/jpeg", QUALITY_SMALL)


@lru_cache(maxsize=256)
def _tile(words: str, size: int) -> tuple[Image.Image, Image.Image]:
    """One cell of the pattern, as the mask of its light and of its dark letters."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words)
    flat = Image.new("L", (int(right - left) + size, int(bottom - top) + size))
    ImageDraw.Draw(flat).text((size // 2 - left, size // 2 - top), words, fill=SEEN, font=font)
    turned = flat.rotate(ANGLE, expand=True, resample=Image.Resampling.BICUBIC)
    height = max(turned.height, int(size * LINES))
    cell = Image.new("L", (turned.width, height))
    cell.paste(turned, (0, (height - turned.height) // 2))
    return cell, cell.point(lambda value: value * 9 // 10)


def _encoded(drawn: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    drawn.save(out, FORMATS[kind], quality=quality)
    return out.getvalue()
