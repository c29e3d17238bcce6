"""UP-1 for the other ways in: a portal's logo, what proves who somebody is, what goes with an appeal."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fairhand.people.accounts import make_operator
from fairhand.people.models import Appeal, Duty, Portal, Proof
from tests.appeals.test_appeals import suspended
from tests.identity.scene import begun, operators
from tests.media import hostile
from tests.media.cast import picture
from tests.media.conftest import SignIn
from tests.media.hostile import EVERYTHING, POLYGLOTS, payload_in
from tests.portals.scene import browser, portal
from tests.world import World

Way = Callable[[World, SignIn, SimpleUploadedFile], Any]


@pytest.fixture(autouse=True)
def _large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document has to be readable, so that its picture has a least size."""
    monkeypatch.setattr(hostile, "picture", lambda kind: picture(kind, size=(900, 640)))


def as_logo(world: World, _signed: SignIn, file: SimpleUploadedFile) -> Any:
    one = portal(world, "one")
    browser(None, world.olga).post(f"/operator/portals/{one.ref}/logo", {"logo": file})
    kept = bytes(Portal.objects.get(pk=one.pk).logo)
    return browser(one).get("/brand/logo.png") if kept else None


def as_document(world: World, signed: SignIn, file: SimpleUploadedFile) -> Any:
    check = begun(world.ada)
    signed(world.ada.account).post("/identity/show/front", {"photo": file})
    found = Proof.objects.filter(check_of=check).first()
    if found is None:
        return None
    looker = signed(operators(1)[0])
    return looker.get(f"/operator/identity/{check.ref}/{found.ref}")


def as_evidence(world: World, signed: SignIn, file: SimpleUploadedFile) -> Any:
    make_operator(world.oscar, {Duty.SUPPORT})
    kind, subject = suspended(world)
    values = {"words": "Please look again.", "proof": [file]}
    signed(world.ada.account).post(f"/appeals/contest/{kind}/{subject}", values)
    found = Proof.objects.exclude(appeal=None).first()
    if found is None:
        return None
    appeal = Appeal.objects.get()
    return signed(world.oscar).get(f"/operator/appeals/{appeal.ref}/proofs/{found.ref}")


@pytest.mark.parametrize("way", [as_logo, as_document, as_evidence])
@pytest.mark.parametrize("name", EVERYTHING)
def test_what_is_served_is_a_picture_of_ours_or_nothing(
    world: World, signed: SignIn, name: str, way: Way
) -> None:
    file = SimpleUploadedFile(name, EVERYTHING[name](), content_type="text/html")
    answer = way(world, signed, file)
    if answer is None:
        return
    assert name in POLYGLOTS
    assert answer.status_code == 200, answer.content
    wanted = {"image/png": "PNG", "image/jpeg": "JPEG"}[answer.headers["Content-Type"]]
    assert Image.open(io.BytesIO(answer.content)).format == wanted
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert not payload_in(answer.content)


@pytest.mark.parametrize("way", [as_logo, as_document, as_evidence])
def test_a_good_picture_is_taken_by_each_way(world: World, signed: SignIn, way: Way) -> None:
    """So that the test above does not pass because nothing is ever taken."""
    file = SimpleUploadedFile("robin.jpg", picture("JPEG", size=(900, 640)))
    answer = way(world, signed, file)
    assert answer is not None
    assert answer.headers["Content-Type"].startswith("image/")
