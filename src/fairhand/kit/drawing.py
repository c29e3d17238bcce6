"""Draws strangers' pictures and documents anew, in a process of its own with limits.

`kit.pictures` starts this file as a program: what breaks a decoder, fills the memory or never ends
takes nothing of the server with it. It needs no more than Pillow and pdfium. The file comes by the
standard input, the wishes as JSON by the first argument; the answer is one line of JSON (`drawn`:
width, height and length of each picture, or `refused`: a word and its numbers), then the bytes.
"""

import contextlib
import io
import json
import resource
import struct
import sys
import zlib
from typing import Any, NoReturn

import pypdfium2
from PIL import Image, ImageOps

MOST_MEMORY = 1_500_000_000  # bytes of address space
MOST_SECONDS = 20  # of the processor
PDF_SECONDS = 8  # a few bytes of a PDF can draw for ever, and scanned pages take far less
MOST_SCANS = 200  # of one JPEG: each is a walk over all of it
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MODERN = ("HEIF", "AVIF")  # where this Pillow can
NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(ArithmeticError, EOFError, MemoryError, struct.error, zlib.error, Warning),
)
QUALITY = 88
SHARPEST = 4.0  # times the 72 dots an inch that a PDF counts in


class Unusable(Exception):  # noqa: N818 - it is an answer, not a fault
    """Refused, with a word for `kit.pictures` and the numbers of its sentence."""

    def __init__(self, word: str, **numbers: int) -> None:
        super().__init__(word)
        self.word, self.numbers = word, numbers


def picture(data: bytes, wish: dict[str, Any]) -> Image.Image:
    """The first frame of a picture, upright, no larger than wished, without anything around it."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # it only warns; the size is looked at below
    able = [name for name in (*FORMATS, *MODERN) if name in Image.OPEN]
    try:
        found = Image.open(io.BytesIO(data), formats=able)
    except BROKEN:
        raise Unusable("no_picture") from None
    width, height = found.size
    if width * height > wish["most_pixels"]:
        _too_large(width, height)
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MOST_SCANS:
        raise Unusable("broken")
    try:
        found.seek(0)
        found.load() if found.mode.startswith("P") else None
        plain = _plain(found, wish["fit"])
    except BROKEN:
        raise Unusable("broken") from None
    return plain


def _plain(found: Image.Image, fit: int) -> Image.Image:
    """In plain colours, turned as its camera was held."""
    if found.mode in {"P", "PA", "1"}:
        found = found.convert("RGBA")
    if found.mode.startswith(("I", "F")):  # sixteen bits of grey: take the upper eight
        found = found.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    found.thumbnail((fit, fit), reducing_gap=2.0)
    found.load()
    with contextlib.suppress(*BROKEN):  # where the note of which way is up is damaged
        found = ImageOps.exif_transpose(found)
    return found if found.mode in {"L", "RGB", "RGBA"} else found.convert(_colours(found))


def _colours(found: Image.Image) -> str:
    return "RGBA" if found.mode in {"LA", "La", "RGBa"} or "transparency" in found.info else "RGB"


def pages(data: bytes, wish: dict[str, Any]) -> list[Image.Image]:
    """The pages of a PDF, drawn."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Unusable("locked" if "password" in str(error).lower() else "no_pdf") from None
    with contextlib.closing(document):
        return _pages(document, wish)


def _pages(document: pypdfium2.PdfDocument, wish: dict[str, Any]) -> list[Image.Image]:
    count = len(document)
    if count > wish["most_pages"]:
        raise Unusable("too_many", found=count)
    if not count:
        raise Unusable("no_pdf")
    try:
        return [_page(document[n], wish["fit"]) for n in range(count)]
    except (pypdfium2.PdfiumError, *BROKEN):
        raise Unusable("no_pdf") from None


def _page(page: pypdfium2.PdfPage, fit: int) -> Image.Image:
    scale = min(SHARPEST, fit / max(*page.get_size(), 1))
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    drawn.thumbnail((fit, fit))
    return drawn.convert("RGB")


def encoded(drawn: Image.Image, kind: str) -> bytes:
    """A picture's new bytes: nothing but what is seen."""
    drawn.info.clear()
    if kind == "image/jpeg" and drawn.mode == "RGBA":
        ground = Image.new("RGB", drawn.size, "white")
        ground.paste(drawn, mask=drawn.getchannel("A"))
        drawn = ground
    out = io.BytesIO()
    drawn.save(out, NAMES[kind], quality=QUALITY, optimize=kind == "image/png")
    return out.getvalue()


def drawn_anew(data: bytes, wish: dict[str, Any]) -> list[tuple[int, int, bytes]]:
    """Width, height and bytes of each picture in a file."""
    is_pdf = wish["most_pages"] > 0 and b"%PDF-" in data[:1024]
    if is_pdf:
        resource.setrlimit(resource.RLIMIT_CPU, (PDF_SECONDS, PDF_SECONDS))
    found = pages(data, wish) if is_pdf else [picture(data, wish)]
    return [(*one.size, encoded(one, wish["kind"])) for one in found]


def _too_large(width: int, height: int) -> NoReturn:
    raise Unusable("too_large", width=width, height=height)


def main() -> None:
    """Read, draw, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    out = sys.stdout.buffer
    try:
        found = drawn_anew(sys.stdin.buffer.read(), json.loads(sys.argv[1]))
    except Unusable as error:
        out.write(json.dumps({"refused": [error.word, error.numbers]}).encode() + b"\n")
        return
    except MemoryError:
        out.write(json.dumps({"refused": ["broken", {}]}).encode() + b"\n")
        return
    told = {"drawn": [[width, height, len(body)] for width, height, body in found]}
    out.write(json.dumps(told).encode() + b"\n")
    out.writelines(body for _width, _height, body in found)


if __name__ == "__main__":
    main()
