"""Strangers' pictures are drawn anew, whatever they were made to do (UP-1)."""

import io
import json
import re
import resource
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from tests.identity.pictures import (
    animated,
    claiming,
    drawn,
    pdf,
    saved,
    sixteen_bits,
    with_metadata,
)

from fairhand.kit import pictures
from fairhand.kit.decision import Refused
from fairhand.kit.pictures import PROGRAM, pages_of, redraw

SCRIPT = b"<script>alert(document.domain)</script>"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew(kind: str) -> None:
    made = redraw(saved(kind=kind))
    assert (made.kind, made.width, made.height) == ("image/jpeg", 900, 600)
    again = opened(made.data)
    assert again.format == "JPEG"
    assert again.size == (900, 600)


def test_what_a_camera_wrote_is_gone_and_the_picture_stands_upright() -> None:
    made = redraw(with_metadata())
    assert (made.width, made.height) == (600, 900)
    assert b"SECRET" not in made.data
    assert not opened(made.data).getexif()


def test_a_large_picture_is_made_smaller() -> None:
    made = redraw(saved(drawn((5000, 1000))), fit=1000)
    assert (made.width, made.height) == (1000, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr"])
def test_any_way_to_write_colours_comes_out_plain(mode: str) -> None:
    picture = Image.new(mode, (500, 500))
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    assert opened(redraw(saved(picture, kind)).data).mode in {"RGB", "L"}


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    made = opened(redraw(sixteen_bits()).data).convert("L")
    shades = [made.getpixel((x, 300)) for x in (5, 300, 595)]
    assert shades[0] < 20  # type: ignore[operator]
    assert 110 < shades[1] < 145  # type: ignore[operator]
    assert shades[2] > 240  # type: ignore[operator]


def test_what_is_clear_lies_on_white_or_stays_clear() -> None:
    clear = saved(Image.new("RGBA", (500, 500), (0, 0, 0, 0)), "PNG")
    assert opened(redraw(clear).data).getpixel((9, 9)) == (255, 255, 255)
    kept = opened(redraw(clear, kind="image/png").data)
    assert kept.format == "PNG"
    assert kept.getpixel((9, 9))[3] == 0  # type: ignore[index]
    assert opened(redraw(clear, kind="image/webp").data).format == "WEBP"


def test_of_an_animation_the_first_frame_stays() -> None:
    made = opened(redraw(animated()).data)
    assert getattr(made, "n_frames", 1) == 1
    red, green, blue = made.getpixel((300, 300))  # type: ignore[misc]
    assert red > 200
    assert green < 60
    assert blue < 60


@pytest.mark.parametrize(
    "polyglot",
    [
        pytest.param(lambda: saved() + SCRIPT, id="after a JPEG"),
        pytest.param(lambda: saved(kind="PNG") + SCRIPT, id="after a PNG"),
        pytest.param(lambda: saved(kind="GIF", comment=SCRIPT), id="in a GIF's comment"),
        pytest.param(lambda: saved(comment=SCRIPT), id="in a JPEG's comment"),
        pytest.param(lambda: saved(kind="WEBP", exif=b"Exif\0\0" + SCRIPT), id="in a WebP"),
        pytest.param(lambda: saved() + b"PK\x03\x04" + SCRIPT, id="with an archive"),
        pytest.param(lambda: pdf() + SCRIPT, id="after a PDF"),
        pytest.param(lambda: SCRIPT + pdf(), id="before a PDF"),
        pytest.param(lambda: saved() + pdf() + SCRIPT, id="a JPEG and a PDF"),
    ],
)
def test_what_is_hidden_in_a_file_does_not_come_through(polyglot: Callable[[], bytes]) -> None:
    for made in pages_of(polyglot()):
        assert b"script" not in made.data
        assert b"PK\x03\x04" not in made.data
        assert b"%PDF" not in made.data
        assert opened(made.data).format == "JPEG"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not a picture"),
        (b"%PDF-1.7 and nothing", "no PDF that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "not a picture"),
        (b"P6 10 10 255 " + b"x" * 300, "not a picture"),
        (b"\xff\xd8\xff\xe0" + b"x" * 500, "not a picture"),
    ],
)
def test_what_is_none_is_told_so(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        pages_of(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_ends_in_the_middle_is_told_so(kind: str) -> None:
    whole = saved(drawn((1500, 1500)), kind)
    with pytest.raises(Refused, match=r"damaged|not a picture"):
        redraw(whole[: len(whole) // 2])


def test_twelve_megabytes_are_too_many_and_not_even_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(Refused, match=r"12 MB; at most 10 MB"):
        redraw(b"\xff\xd8" + b"x" * 11_999_998)


def test_two_hundred_megapixels_are_too_many_however_small_the_file() -> None:
    with pytest.raises(Refused, match=r"200 megapixels \(20000 by 10000\); at most 60"):
        redraw(claiming(20_000, 10_000))


def test_a_pdf_is_drawn_page_by_page() -> None:
    first, second = pages_of(pdf(2))
    assert (first.width, first.height) == (second.width, second.height) == (1696, 2400)
    assert opened(first.data).format == "JPEG"


def test_a_pdf_of_many_pages_is_told_how_many() -> None:
    with pytest.raises(Refused, match="5 pages; at most 4"):
        pages_of(pdf(5))


def test_a_page_as_wide_as_a_house_is_drawn_small() -> None:
    (made,) = pages_of(pdf(size=(14_000, 14_000)))
    assert (made.width, made.height) == (2400, 2400)


def test_a_pdf_is_no_picture_where_only_a_picture_is_wanted() -> None:
    with pytest.raises(Refused, match="not a picture"):
        redraw(pdf())


def test_a_photo_that_is_walked_over_a_thousand_times_is_refused_at_once() -> None:
    scans = saved(progressive=True).replace(b"\xff\xd9", b"\xff\xda\x00\x08" * 1000 + b"\xff\xd9")
    began = time.monotonic()
    with pytest.raises(Refused, match="damaged"):
        redraw(scans)
    assert time.monotonic() - began < 10


def test_a_file_that_is_neither_is_told_that_a_pdf_would_do() -> None:
    with pytest.raises(Refused, match="nor a PDF"):
        pages_of(b"Dear operators,\nthis is a text that was named .pdf.\n")
    with pytest.raises(Refused, match="Take a JPEG, PNG or WebP"):
        redraw(b"hello")


def test_nobody_waits_for_ever_for_others_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.05)
    monkeypatch.setattr(pictures, "AT_ONCE", threading.BoundedSemaphore(1))
    with pictures.AT_ONCE, pytest.raises(Refused, match="Try again in a minute") as error:
        redraw(saved())
    assert error.value.refusal.status == 503
    assert redraw(saved()).kind == "image/jpeg"


def endless_pdf() -> bytes:
    """A few kilobytes that paint a whole page three hundred thousand times."""
    painted = zlib.compress(b"0 0 595 842 re f\n" * 300_000)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(painted), painted),
    ]
    found = b"".join(b"%d 0 obj%s endobj\n" % (n, part) for n, part in enumerate(parts, 1))
    return b"%PDF-1.4\n" + found + b"trailer<</Root 1 0 R>>\n%%EOF"


@pytest.mark.slow
def test_a_small_pdf_that_draws_for_ever_costs_a_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(Refused, match="damaged"):
        pages_of(endless_pdf())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 12


def test_a_decoder_that_breaks_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PROGRAM", "/nowhere/at-all.py")
    with pytest.raises(Refused, match="damaged"):
        redraw(saved())


def test_a_decoder_that_never_ends_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n", encoding="ascii")
    monkeypatch.setattr(pictures, "PROGRAM", sleeper)
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    with pytest.raises(Refused, match="damaged"):
        redraw(saved())


MEASURED = """
import runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
sys.stderr.write(open("/proc/self/status").read())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process once held")
@pytest.mark.parametrize(("kind", "most"), [("JPEG", 500), ("PNG", 500), ("WEBP", 1000)])
def test_the_largest_that_is_taken_stays_within_its_memory(kind: str, most: int) -> None:
    """Sixty megapixels, in megabytes; of photos, a progressive one is the worst."""
    wish = {"most_pixels": 60e6, "fit": 2400, "kind": "image/jpeg", "most_pages": 4}
    more = {"progressive": True} if kind == "JPEG" else {}
    done = subprocess.run(
        [sys.executable, "-I", "-c", MEASURED, str(PROGRAM), json.dumps(wish)],
        input=saved(drawn((8900, 6700)), kind, **more),
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b'{"drawn"')
    held = re.search(rb"VmHWM:\s+(\d+) kB", done.stderr)
    assert held is not None
    assert int(held[1]) < most * 1000
