"""Pictures and documents of strangers: never kept as they came, always drawn anew.

What is kept is a new picture of what was seen: no metadata (where a photo was taken), nothing
active, nothing hidden behind the picture. Decoders are old C and strangers' files are their enemy,
so that they run in a process of their own with limits (`drawing.py`).
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal

PROGRAM = Path(__file__).with_name("drawing.py")
MOST_BYTES = 10_000_000
MOST_PIXELS = 60_000_000
SECONDS = 40  # of the clock; the program's own limit of processor time is lower
PATIENCE = 30.0  # seconds that somebody waits for their turn
AT_ONCE = threading.BoundedSemaphore(2)  # in this process: each may take much memory

NO_PICTURE = Refusal(
    "no_picture",
    _("This is not a picture that can be read here. Take a JPEG, PNG or WebP."),
    status=422,
)
NO_PICTURE_NOR_PDF = Refusal(
    "no_picture",
    _("This is not a picture, nor a PDF, that can be read here. Take a JPEG, PNG, WebP or PDF."),
    status=422,
)
BROKEN = Refusal(
    "picture_broken",
    _("This picture is damaged or not complete. Take it again, or choose another one."),
    status=422,
)
NO_PDF = Refusal(
    "no_pdf",
    _("This document is no PDF that can be read here. Save it again, or take a photo of it."),
    status=422,
)
BUSY = Refusal(
    "pictures_busy",
    _("Too many pictures are being looked at just now. Try again in a minute."),
    status=503,
)
LOCKED = Refusal(
    "pdf_locked",
    _("This document opens with a password only. Take one without, or a photo of it."),
    status=422,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that we drew: `kind` as in image/jpeg, sizes in pixels."""

    data: bytes
    kind: str
    width: int
    height: int


def redraw(
    data: bytes,
    *,
    most_bytes: int = MOST_BYTES,
    most_pixels: int = MOST_PIXELS,
    fit: int = 2400,
    kind: str = "image/jpeg",
) -> Picture:
    """The first frame of a JPEG, PNG, WebP or GIF, upright, at most `fit` pixels wide and high.

    `kind` is what comes out: image/jpeg (on white), image/png or image/webp. Raises Refused with a
    sentence that names what was found and what is allowed; sizes are known before pixels are read.
    Others' pictures may have to be waited for; where that takes too long, it is refused with 503.
    """
    wish = {"most_pixels": most_pixels, "fit": fit, "kind": kind, "most_pages": 0}
    return _drawn(data, most_bytes, wish)[0]


def pages_of(
    data: bytes,
    *,
    most_pages: int = 4,
    most_bytes: int = MOST_BYTES,
    most_pixels: int = MOST_PIXELS,
    fit: int = 2400,
    kind: str = "image/jpeg",
) -> list[Picture]:
    """A picture, or each page of a PDF, as `redraw` makes it. Raises Refused as it does."""
    wish = {"most_pixels": most_pixels, "fit": fit, "kind": kind, "most_pages": most_pages}
    return _drawn(data, most_bytes, wish)


def _drawn(data: bytes, most_bytes: int, wish: dict[str, Any]) -> list[Picture]:
    if len(data) > most_bytes:
        too_heavy(len(data), most_bytes).fail()
    told, _newline, rest = _run(data, wish).partition(b"\n")
    answer: dict[str, Any] = json.loads(told) if told else {"refused": ["broken", {}]}
    if "refused" in answer:
        word, numbers = answer["refused"]
        _refusal(word, numbers, wish).fail()
    found, at = [], 0
    for width, height, length in answer["drawn"]:
        found.append(Picture(rest[at : at + length], wish["kind"], width, height))
        at += length
    return found


def _run(data: bytes, wish: dict[str, Any]) -> bytes:
    """What the program answers; nothing where the file broke it or took too long."""
    command = [sys.executable, "-I", str(PROGRAM), json.dumps(wish)]
    if not AT_ONCE.acquire(timeout=PATIENCE):
        BUSY.fail()
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=data, capture_output=True, timeout=SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        return b""
    finally:
        AT_ONCE.release()
    return done.stdout if done.returncode == 0 else b""


def _refusal(word: str, numbers: dict[str, int], wish: dict[str, Any]) -> Refusal:
    if word == "too_large":
        size = {"width": numbers["width"], "height": numbers["height"]}
        found = _tenths(size["width"] * size["height"])
        return Refusal(
            "picture_too_large",
            _(
                "This picture has %(found)s megapixels (%(width)s by %(height)s); "
                "at most %(most)s are taken. Make it smaller and try again."
            ),
            {"found": found, "most": _tenths(wish["most_pixels"]), **size},
            422,
        )
    if word == "too_many":
        return Refusal(
            "too_many_pages",
            _("This document has %(found)s pages; at most %(most)s are taken."),
            {"found": numbers["found"], "most": wish["most_pages"]},
            422,
        )
    none = NO_PICTURE_NOR_PDF if wish["most_pages"] else NO_PICTURE
    return {"no_picture": none, "no_pdf": NO_PDF, "locked": LOCKED}.get(word, BROKEN)


def too_heavy(found: int, most: int = MOST_BYTES) -> Refusal:
    """What is said about a file of so many bytes; for surfaces, before they read it."""
    return Refusal(
        "picture_too_heavy",
        _("This file has %(found)s MB; at most %(most)s MB are taken. Make it smaller."),
        {"found": _tenths(found), "most": _tenths(most)},
        413,
    )


def _tenths(count: int) -> str:
    """Millions with one digit, without a trailing zero."""
    return f"{count / 1_000_000:.1f}".removesuffix(".0")
