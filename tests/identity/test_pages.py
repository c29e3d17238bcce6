"""The pages of identity checks: where am I, what is next, and what operators see."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fairhand.kit import vault
from fairhand.people.accounts import make_operator
from fairhand.people.identity import sameness
from fairhand.people.identity.votes import vote
from fairhand.people.models import (
    Account,
    Consent,
    Duty,
    Event,
    IdentityCheck,
    IdentityVote,
    Operator,
    Proof,
    SameCase,
)
from tests.fakes.identity_vendor import SECRET, identity_vendor
from tests.identity.pictures import claiming, pdf, saved
from tests.identity.scene import NO, YES, begun, in_days, sent, verified
from tests.web.conftest import SignIn, signed
from tests.world import World, count

__all__ = ["signed"]


def told(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def form(client: Client, **other: Any) -> dict[str, Any]:
    words = re.search(r'name="words" value="([0-9a-f]{64})"', begin(client))
    values = {
        "holder": "Ada Lovelace",
        "birth_date": "1990-12-10",
        "document_kind": "id_card",
        "document_country": "IT",
        "number": "CA12345AB",
        "expires": in_days(900).isoformat(),
        "agreed": "on",
        "words": words[1] if words else "",
    }
    return {**values, **other}


def begin(client: Client) -> str:
    return client.get("/identity/begin").content.decode()


def show(client: Client, kind: str, data: bytes, name: str = "photo") -> str:
    file = SimpleUploadedFile("x.jpg", data)
    return told(client.post(f"/identity/show/{kind}", {name: file}, follow=True))


def test_from_beginning_to_sending(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    page = told(client.get("/identity"))
    assert "We never ask for money" in page
    assert "Begin" in page
    assert client.post("/identity/begin", form(client)).status_code == 302
    assert "0 of 3" in told(client.get("/identity"))
    assert "We have the picture" in show(client, "front", saved())
    assert "2 of 3" in show(client, "back", pdf(), "file")
    page = show(client, "selfie", saved())
    assert "All is there" in page
    elsewhere = signed(world.ada.account)
    assert "All is there" in told(elsewhere.get("/identity"))
    page = told(elsewhere.post("/identity/send", follow=True))
    assert "Two people look at it" in page
    assert "about 48 hours" in page or "about 2 days" in page
    assert IdentityCheck.objects.get().state == "pending"
    assert Consent.objects.filter(purpose="identity", withdrawn_at=None).count() == 1


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"agreed": ""}, "This field is required"),
        ({"words": "0" * 64}, "The text was changed"),
        ({"expires": in_days(-1).isoformat()}, "ran out on"),
        ({"birth_date": "tomorrow"}, "Enter a valid date"),
        ({"birth_date": "0001-01-01"}, "cannot be a date of birth"),
        ({"birth_date": in_days(-4000).isoformat()}, "from the age of 18"),
        ({"document_country": "Atlantis"}, "Choose the country"),
        ({"number": "?"}, "4 to 30 letters"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_nothing_is_kept(
    world: World, signed: SignIn, other: dict[str, str], sentence: str
) -> None:
    client = signed(world.ada.account)
    answer = client.post("/identity/begin", form(client, **other))
    assert answer.status_code == 422
    assert sentence in told(answer)
    assert 'value="Ada Lovelace"' in answer.content.decode()
    assert not Consent.objects.exists()
    assert not IdentityCheck.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4 none", "no PDF that can be read"),
        (b"\xff\xd8" + b"x" * 11_999_998, "12 MB; at most 10 MB"),
        (claiming(20_000, 10_000), "200 megapixels"),
        (b"", "Choose a picture first"),
    ],
)
def test_a_bad_file_is_told_in_a_sentence(
    world: World, signed: SignIn, data: bytes, sentence: str
) -> None:
    begun(world.ada)
    client = signed(world.ada.account)
    assert sentence in show(client, "front", data)
    assert not Proof.objects.exists()
    assert "0 of 3" in told(client.get("/identity"))


def test_a_forged_kind_and_no_check_are_told(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    assert "nothing to send" in show(client, "front", saved())
    begun(world.ada)
    assert "Nobody asks for this picture" in show(client, "passport", saved())
    assert not Proof.objects.exists()


def test_a_rejection_says_why_and_what_comes_next(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    page = signed(world.ada.account).get("/identity")
    assert "could not be read well enough" in told(page)
    assert "Too dark: take it by a window." in told(page)
    assert "Try again" in told(page)
    assert f"/appeals/contest/identity/{check.ref}" in page.content.decode()


def test_what_is_proven_and_what_has_ended(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = verified(world.ada, ops)
    client = signed(world.ada.account)
    page = told(client.get("/identity"))
    assert "Your identity is proven" in page
    assert "Begin" not in page
    assert client.get("/identity/begin").status_code == 302
    IdentityCheck.objects.filter(pk=check.pk).update(state="expired")
    assert "Your proof has ended" in told(client.get("/identity"))


def test_stopping_deletes(world: World, signed: SignIn) -> None:
    sent(world.ada)
    page = told(signed(world.ada.account).post("/identity/stop", follow=True))
    assert "deleted" in page
    assert not Proof.objects.exists()


def test_a_vendors_address_is_a_link_that_names_its_host(
    world: World, signed: SignIn, settings: Any
) -> None:
    with identity_vendor() as vendor:
        settings.IDENTITY, settings.IDENTITY_URL = "webhook", vendor.url
        settings.IDENTITY_SECRET = SECRET
        client = signed(world.ada.account)
        answer = client.post("/identity/begin", form(client))
        assert "It goes on at vendor.example" in told(answer)
        assert 'href="https://vendor.example/s/' in answer.content.decode()
        vendor.answers = [503]
        page = told(client.post("/identity/go", follow=True))
        assert "cannot be reached just now" in page
        assert "It goes on at vendor.example" in told(client.post("/identity/go"))


def test_an_operator_sees_the_queue_the_check_and_the_pictures(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    client = signed(ops[0])
    queue = told(client.get("/operator/identity"))
    assert "waits for you" in queue
    assert "Ada" not in queue
    page = client.get(f"/operator/identity/{check.ref}")
    assert "Ada Lovelace" in told(page)
    address = re.search(r'<img src="([^"]+)"', page.content.decode())
    assert address is not None
    picture = client.get(address[1])
    assert picture.content.startswith(b"\xff\xd8")
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["Cache-Control"] == "no-store"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert picture["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert Event.objects.filter(action="identity.looked", actor=ops[0].ref).count() == 1


def test_nobody_sees_what_another_said_before_it_is_decided(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    values = {"verdict": "rejected", "reason": "altered", "words": "A scratched date."}
    page = signed(ops[0]).post(f"/operator/identity/{check.ref}/vote", values, follow=True)
    assert "Another operator looks at it, too" in told(page)
    second = signed(ops[1])
    page = second.get(f"/operator/identity/{check.ref}")
    assert "1 operator has looked at it" in told(page)
    assert "scratched" not in told(page)
    assert "scratched" not in told(second.get("/operator/identity"))
    page = second.post(f"/operator/identity/{check.ref}/vote", values, follow=True)
    assert "Decided, and told" in told(page)
    after = told(second.get(f"/operator/identity/{check.ref}"))
    assert "A scratched date." in after
    assert "Op0" in after


def test_who_comes_second_reads_that_somebody_was_first(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    vote(check, ops[0], YES)
    late = signed(ops[2])
    late.get(f"/operator/identity/{check.ref}")
    vote(check, ops[1], YES)
    values = {"verdict": "verified"}
    page = late.post(f"/operator/identity/{check.ref}/vote", values, follow=True)
    assert "Somebody was first" in told(page)
    assert IdentityVote.objects.count() == 2


def test_pictures_and_checks_open_to_operators_with_the_duty_alone(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check, proof = sent(world.ada), Proof.objects.all()[0]
    other = sent(world.ben, number="BEN123")
    addresses = [
        "/operator/identity",
        f"/operator/identity/{check.ref}",
        f"/operator/identity/{check.ref}/{proof.ref}",
        "/operator/sames",
    ]
    sofia = Account.objects.create_user("sofia@example.org", name="Sofia")
    make_operator(sofia, [Duty.SUPPORT])
    for one in (sofia, world.rita, world.ben.account, world.ada.account):
        client = signed(one)
        assert [client.get(address).status_code for address in addresses] == [403] * 4
    make_operator(world.ada.account, [Duty.IDENTITY])
    mine = signed(world.ada.account)
    assert mine.get(addresses[1]).status_code == 404
    assert mine.get(addresses[2]).status_code == 403
    assert mine.get(f"/operator/identity/{other.ref}/{proof.ref}").status_code == 404
    assert not Event.objects.filter(action="identity.looked").exists()


def test_a_check_that_was_not_sent_is_nobodys_to_see(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = begun(world.ada)
    assert signed(ops[0]).get(f"/operator/identity/{check.ref}").status_code == 404


def test_the_last_who_votes_reads_that_nobody_is_left_for_an_appeal(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    Operator.objects.exclude(account__in=ops).delete()
    address = f"/operator/identity/{check.ref}"
    assert "nobody is left" not in told(signed(ops[0]).get(address))
    vote(check, ops[0], YES)
    assert "nobody is left" not in told(signed(ops[1]).get(address))
    Operator.objects.filter(account=ops[2]).delete()
    assert "nobody is left" in told(signed(ops[1]).get(address))


def test_one_operator_alone_is_told_that_it_takes_two(world: World, signed: SignIn) -> None:
    sent(world.ada)
    page = told(signed(world.olga).get("/operator/identity"))
    assert "It takes two" in page
    assert "--duty identity" in page


def test_the_same_document_is_told_to_who_looks(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    verified(world.ada, ops)
    check = sent(world.ben)
    client = signed(ops[0])
    page = client.get(f"/operator/identity/{check.ref}")
    assert "The same document proves another account" in told(page)
    assert "Shares traces with another account" in told(page)
    values = {"verdict": "verified"}
    client.post(f"/operator/identity/{check.ref}/vote", values)
    page = signed(ops[1]).post(f"/operator/identity/{check.ref}/vote", values, follow=True)
    assert "one document proves one person" in told(page)


def test_two_accounts_are_looked_at_side_by_side(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    for one in (world.ada, world.ben):
        sameness.observe(one.account, "device", "a café's")
    case = SameCase.objects.get()
    client = signed(ops[0])
    assert "device" in told(client.get("/operator/sames"))
    page = told(client.get(f"/operator/sames/{case.ref}"))
    assert world.ada.account.email in page
    assert world.ben.account.email in page
    assert "weak, since families, flats and cafés share them" in page
    assert "This changes nothing by itself" in page
    values = {"verdict": "different", "why": "A flat."}
    page = told(client.post(f"/operator/sames/{case.ref}/decide", values, follow=True))
    assert "Written down. Nothing else was changed." in page
    assert "A flat." in page
    again = client.post(f"/operator/sames/{case.ref}/decide", values, follow=True)
    assert "Somebody was first" in told(again)


def test_pages_work_after_a_key_was_changed(
    world: World, ops: list[Account], signed: SignIn
) -> None:
    check = sent(world.ada)
    before = count("people_proof")
    assert vault.rotate() == before == 3
    proof = Proof.objects.all()[0]
    answer = signed(ops[0]).get(f"/operator/identity/{check.ref}/{proof.ref}")
    assert answer.content.startswith(b"\xff\xd8")
