"""Pictures made here, so that no binary file lies about: good ones, and those that mean harm."""

import io
import struct
import zlib
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw


def drawn(size: tuple[int, int] = (900, 600), mode: str = "RGB") -> Image.Image:
    """A picture with something on it."""
    picture = Image.new("RGB", size, (240, 240, 250))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, size[0] // 3, size[1] - 20), fill=(90, 60, 40))
    pen.text((size[0] // 2, size[1] // 2), "ADA LOVELACE", fill=(0, 0, 0))
    return picture.convert(mode)


def saved(picture: Image.Image | None = None, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    (picture or drawn()).save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1, size: tuple[int, int] = (595, 842)) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(*size)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims to be huge."""
    tiny = saved(Image.new("RGB", (10, 10)), "PNG")
    head = struct.pack(">II", width, height) + tiny[24:29]
    return tiny[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + tiny[33:]


def sixteen_bits() -> bytes:
    """A grey picture of sixteen bits: dark on the left, light on the right."""
    wide = Image.frombytes(
        "I;16", (600, 600), b"".join(struct.pack("<H", x * 109) for x in range(600)) * 600
    )
    return saved(wide, "PNG")


def animated() -> bytes:
    frames = [Image.new("RGB", (600, 600), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def with_metadata() -> bytes:
    """A photo that lies on its side, with where it was taken and a word in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010E] = "SECRETPLACE"
    return saved(drawn(), exif=exif, comment=b"SECRETWORD")
