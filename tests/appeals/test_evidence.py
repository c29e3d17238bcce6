"""What somebody sends with an appeal: drawn anew, sealed, seen only by who answers, gone with it."""

import io
from collections.abc import Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from fairhand.kit.decision import Refused
from fairhand.people import appeals
from fairhand.people.accounts import make_operator
from fairhand.people.models import Appeal, Duty, Event, Proof
from fairhand.work import appeals as deciding
from tests.appeals.test_appeals import WORDS, fingerprint, suspended
from tests.people.standing_actions import another_operator, picture
from tests.web.conftest import SignIn, signed
from tests.world import World

__all__ = ["signed"]
PAYLOAD = b"<script>alert('evidence')</script>"
HOSTILE = {
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing with a script": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a PDF that is none": b"%PDF-1.7\nnothing of the sort",
    "half a picture": picture()[:60],
    "nothing": b"",
    "too much": b"\xff\xd8\xff" + bytes(12_000_000),
}


def contest(world: World, proofs: Sequence[bytes]) -> Appeal:
    kind, subject = suspended(world)
    return deciding.contest(world.ada.account, kind, subject, WORDS, proofs)


def send(client: Client, address: str, files: Sequence[bytes]) -> str:
    proofs = [SimpleUploadedFile(f"{n}.png", file) for n, file in enumerate(files)]
    answer = client.post(address, {"words": WORDS, "proof": proofs}, follow=True)
    return answer.content.decode()


def test_what_is_kept_is_sealed_and_holds_nothing_but_the_picture(world: World) -> None:
    appeal = contest(world, [picture() + PAYLOAD])
    proof = appeal.proofs.get()
    sealed = bytes(proof.sealed)
    assert PAYLOAD not in sealed
    assert b"JFIF" not in sealed
    assert (proof.width, proof.height, proof.kind) == (40, 30, "other")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_used_is_told_and_nothing_is_kept(world: World, name: str) -> None:
    kind, subject = suspended(world)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        deciding.contest(world.ada.account, kind, subject, WORDS, [picture(), HOSTILE[name]])
    assert refused.value.refusal.status in {413, 422}
    assert fingerprint() == before


def test_three_files_are_the_most(world: World) -> None:
    kind, subject = suspended(world)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        deciding.contest(world.ada.account, kind, subject, WORDS, [picture()] * 4)
    assert refused.value.refusal is appeals.TOO_MANY
    assert fingerprint() == before


def test_they_are_sent_by_the_page_and_shown_as_pictures_only(world: World, signed: SignIn) -> None:
    petra = another_operator(world)
    kind, subject = suspended(world)
    ada = signed(world.ada.account)
    address = f"/appeals/contest/{kind}/{subject}"
    assert "once" not in send(ada, address, [HOSTILE["a page"]])
    assert not Appeal.objects.exists()
    page = send(ada, address, [picture(), picture("JPEG") + PAYLOAD])
    assert "Picture 2" in page
    appeal = Appeal.objects.get()
    for proof in appeal.proofs.all():
        for client, way in ((ada, "appeals"), (signed(petra), "operator/appeals")):
            answer = client.get(f"/{way}/{appeal.ref}/proofs/{proof.ref}")
            assert answer["Content-Type"] == "image/jpeg"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "no-store" in answer["Cache-Control"]
            assert "sandbox" in answer["Content-Security-Policy"]
            assert PAYLOAD not in answer.content
            assert Image.open(io.BytesIO(answer.content)).size == (40, 30)
    assert Event.objects.filter(action="appeal.seen", actor=petra.ref).count() == 2


def test_nobody_else_sees_them(world: World, signed: SignIn) -> None:
    appeal = contest(world, [picture()])
    end = f"{appeal.ref}/proofs/{appeal.proofs.get().ref}"
    make_operator(world.oscar, set(Duty) - {Duty.SUPPORT})
    for account in (world.ben.account, world.rita, world.oscar):
        client = signed(account)
        assert client.get(f"/appeals/{end}").status_code == 404
        assert client.get(f"/operator/appeals/{end}").status_code == 403
    assert Client().get(f"/appeals/{end}").status_code == 302
    assert not Event.objects.filter(action="appeal.seen").exists()


def test_they_go_when_the_appeal_is_taken_back(world: World) -> None:
    appeal = contest(world, [picture(), picture()])
    assert Proof.objects.count() == 2
    assert appeals.withdraw(appeal, world.ada.account)
    assert not Proof.objects.exists()
