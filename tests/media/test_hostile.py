"""UP-1: whatever is uploaded where, what is served is a picture that we drew, or nothing."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fairhand.kit.decision import Refused
from fairhand.kit.pictures import redraw
from fairhand.projects.models import Media
from tests.api.conftest import Program, program_of
from tests.media.conftest import SignIn, stored
from tests.media.hostile import EVERYTHING, IMPOSTORS, POLYGLOTS, payload_in
from tests.world import World

TYPES = {"image/png": "PNG", "image/jpeg": "JPEG"}
every_file = pytest.mark.parametrize("name", EVERYTHING)
Send = Callable[[World, SignIn, str, bytes], None]


def by_program(world: World, _signed: SignIn, name: str, data: bytes) -> None:
    program: Program = program_of(world.rita, world.organisation)
    path = f"/projects/{world.project.ref}/media/{quote(name)}"
    program.send("PUT", path, data, kind="text/html")


def by_page(world: World, signed: SignIn, name: str, data: bytes) -> None:
    file = SimpleUploadedFile(name, data, content_type="text/html")
    address = f"/requester/projects/{world.project.ref}/media/add"
    signed(world.rita).post(address, {"pictures": [file]})


def test_the_corpus_is_as_long_as_it_has_to_be() -> None:
    assert len(POLYGLOTS) >= 12
    assert 2 * len(EVERYTHING) >= 60  # by both ways in
    assert all(payload_in(make()) for name, make in POLYGLOTS.items())


@every_file
def test_nothing_of_a_payload_is_left_in_what_we_draw(name: str) -> None:
    for kind in ("image/jpeg", "image/png"):
        try:
            drawn = redraw(EVERYTHING[name](), kind=kind)
        except Refused:
            assert name in IMPOSTORS or name.startswith("webp"), name
            continue
        assert name in POLYGLOTS
        assert not payload_in(drawn.data)
        assert Image.open(io.BytesIO(drawn.data)).format == TYPES[kind]


@pytest.mark.parametrize("way", [by_program, by_page])
@every_file
def test_what_is_served_is_a_picture_of_ours_or_nothing(
    world: World, signed: SignIn, store: Path, name: str, way: Send
) -> None:
    way(world, signed, name, EVERYTHING[name]())
    found: Any = Media.objects.first()
    assert (found is not None) == (name in POLYGLOTS)
    assert stored(store) == (name in POLYGLOTS)
    assert not any(payload_in(path.read_bytes()) for path in store.rglob("*") if path.is_file())
    if found is None:
        return
    address = f"/requester/projects/{world.project.ref}/media/picture"
    for small in ({}, {"small": "1"}):
        answer = signed(world.rita).get(address, {"name": found.name, **small})
        kind = answer.headers["Content-Type"]
        assert (answer.status_code, kind in TYPES) == (200, True)
        assert Image.open(io.BytesIO(answer.content)).format == TYPES[kind]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert not payload_in(answer.content)
