"""UP-1: files that are two things at once, and files that are not what they are called.

Each holds `MARK`, which stands for the script that an attacker wants a browser to run. All are made
here, by hand, from pictures that are good.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests.media.cast import picture

MARK = b"<script>alert(document.domain)</script>"
HTML = b"<!doctype html><html><body>" + MARK + b"</body></html>"
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    + MARK
    + b'<image href="http://169.254.169.254/"/></svg>'
)
Made = Callable[[], bytes]


def chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def png_with(kind: bytes, body: bytes, *, end: bool = False) -> bytes:
    """A PNG with one more chunk: behind its header, or after its end."""
    good = picture("PNG")
    extra = chunk(kind, body)
    return good + extra if end else good[:33] + extra + good[33:]


def jpeg_with(marker: int, body: bytes) -> bytes:
    good = picture("JPEG")
    return good[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + good[2:]


def gif(comment: bytes = b"", after: bytes = b"") -> bytes:
    good = picture("GIF")
    blocks = b"\x21\xfe" + bytes([len(comment)]) + comment + b"\x00" if comment else b""
    at = good.index(b"\x2c", 13 + 3 * 2 ** ((good[10] & 7) + 1))  # the first image's descriptor
    return good[:at] + blocks + good[at:] + after


def gif_that_is_a_script() -> bytes:
    """`GIF89a` is a name in JavaScript; what follows is put into a comment of it."""
    good = bytearray(gif(after=b"*/=1;" + b"alert(1);" + MARK))
    good[6:8] = b"/*"  # the width, as wide as two letters
    return bytes(good)


def webp_with(body: bytes) -> bytes:
    good = picture("WEBP")
    extra = b"XMP " + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(good) - 8 + len(extra)) + good[8:] + extra


def archive(before: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("index.html", HTML.decode())
        packed.writestr("../../escape.html", HTML.decode())
    return before + out.getvalue()


def pdf() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
        + HTML
        + b"\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def exif_with(body: bytes) -> bytes:
    out = io.BytesIO()
    found = Image.Exif()
    found[0x010E] = body.decode()
    Image.open(io.BytesIO(picture("JPEG"))).save(out, "JPEG", exif=found)
    return out.getvalue()


# Both a picture and something else: a reader of pictures opens them.
POLYGLOTS: dict[str, Made] = {
    "gif-and-script.js": gif_that_is_a_script,
    "gif-and-html.html": lambda: gif(comment=MARK),
    "gif-with-php-behind.php": lambda: gif(after=b"<?php system($_GET[0]); ?>" + MARK),
    "png-with-html-in-a-text.html": lambda: png_with(b"tEXt", b"Comment\0" + HTML),
    "png-with-html-in-a-private-chunk.htm": lambda: png_with(b"frHt", HTML),
    "png-with-svg-in-its-metadata.svg": lambda: png_with(b"iTXt", b"XML\0\0\0\0\0" + SVG),
    "png-with-html-behind.png": lambda: picture("PNG") + HTML,
    "png-with-an-archive-behind.jar": lambda: archive(picture("PNG")),
    "png-with-a-chunk-after-its-end.png": lambda: png_with(b"tEXt", HTML, end=True),
    "jpeg-with-html-in-a-comment.xhtml": lambda: jpeg_with(0xFE, HTML),
    "jpeg-with-script-in-its-exif.js": lambda: exif_with(MARK),
    "jpeg-with-a-profile-of-html.jpg": lambda: jpeg_with(0xE2, b"ICC_PROFILE\0\1\1" + HTML),
    "jpeg-with-html-behind.shtml": lambda: picture("JPEG") + HTML,
    "jpeg-with-pdf-behind.pdf": lambda: picture("JPEG") + pdf(),
    "webp-with-html-in-its-metadata.svgz": lambda: webp_with(HTML),
}
# No pictures, whatever they are called: they are refused.
IMPOSTORS: dict[str, Made] = {
    "page.html": lambda: HTML,
    "page-called-a-picture.png": lambda: HTML,
    "drawing.svg": lambda: SVG,
    "drawing-called-a-picture.png": lambda: SVG,
    "drawing-packed.svgz": lambda: gzip.compress(SVG),
    "script.js": lambda: b"alert(1);" + MARK,
    "sheet.xsl": lambda: b'<?xml version="1.0"?><xsl:stylesheet>' + MARK + b"</xsl:stylesheet>",
    "document.pdf": pdf,
    "archive.zip": archive,
    "postscript.eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" + MARK,
    "html-with-the-start-of-a-png.png": lambda: b"\x89PNG\r\n\x1a\n" + HTML,
    "html-with-the-start-of-a-gif.gif": lambda: b"GIF89a" + HTML,
    "html-with-the-start-of-a-jpeg.jpg": lambda: b"\xff\xd8\xff\xe0" + HTML,
    "icon.ico": lambda: b"\0\0\1\0\1\0" + HTML,
    "bitmap.bmp": lambda: b"BM" + struct.pack("<I", 99) + HTML,
    "nothing.png": lambda: b"",
}
EVERYTHING = POLYGLOTS | IMPOSTORS


def payload_in(data: bytes) -> bool:
    """Whether anything of what was smuggled in is still there."""
    signs = (MARK, b"<script", b"alert(", b"<?php", b"<svg", b"<html", b"PK\x03\x04", b"%PDF-")
    return any(sign in data for sign in signs)
