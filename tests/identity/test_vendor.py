"""A vendor behind a signed address: what it says has one effect, whatever it does."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from fairhand.kit.decision import Refused
from fairhand.kit.models import History, Installation
from fairhand.people.gates import GATES, birth_date_of
from fairhand.people.identity import providers
from fairhand.people.identity.providers import go_on, hear, provider
from fairhand.people.models import IdentityCheck, Notice, SameCase, Signal
from tests.fakes.identity_vendor import DOCUMENT, SECRET, Vendor, identity_vendor, signed
from tests.identity.scene import begun, in_days
from tests.world import World, count

STORED = ("people_identitycheck", "kit_history", "people_event", "people_notice", "people_signal")


@pytest.fixture
def vendor(settings: Any) -> Iterator[Vendor]:
    with identity_vendor() as found:
        settings.IDENTITY = "webhook"
        settings.IDENTITY_URL, settings.IDENTITY_SECRET = found.url, SECRET
        yield found
        assert found.complaints == []


def stored() -> tuple[Any, ...]:
    rows = IdentityCheck.objects.order_by("pk").values_list("state", "decided_at", "valid_until")
    return (*map(count, STORED), *rows)


def heard(message: tuple[bytes, str]) -> None:
    hear(message[1], message[0])


def post(body: bytes, header: str, **more: Any) -> Any:
    client = Client(headers={"accept-language": "en", "Fairhand-Signature": header})
    return client.post("/identity/callback", body, content_type="application/json", **more)


def test_the_worker_is_sent_to_the_vendors_address(world: World, vendor: Vendor) -> None:
    check = begun(world.ada)
    assert go_on(check) == f"https://vendor.example/s/{check.ref}"
    assert vendor.asked[0]["holder"] == "Ada Lovelace"
    assert vendor.asked[0]["callback"].endswith("/identity/callback")
    assert "12345" not in str(vendor.asked)
    check.refresh_from_db()
    assert (check.state, check.outside_ref) == ("started", f"s-{check.ref}")


@pytest.mark.parametrize("answer", [500, 302, 404, "garbage", "no session", "http address", "long"])
def test_a_vendor_that_misbehaves_is_tried_again_later(
    world: World, vendor: Vendor, answer: int | str
) -> None:
    check = begun(world.ada)
    before = stored()
    vendor.answers = [answer]
    with pytest.raises(Refused, match="cannot be reached just now"):
        go_on(check)
    assert stored() == before
    assert go_on(check)


def test_a_vendor_that_hangs_is_left(
    world: World, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "GATEWAY", replace(providers.GATEWAY, seconds=0.3))
    check = begun(world.ada)
    vendor.answers = ["slow"]
    began = time.monotonic()
    with pytest.raises(Refused, match="cannot be reached"):
        go_on(check)
    assert time.monotonic() - began < 5


def test_a_vendor_that_is_not_there_is_told_so(world: World, vendor: Vendor, settings: Any) -> None:
    settings.IDENTITY_URL = "http://127.0.0.1:1/none"
    with pytest.raises(Refused, match="cannot be reached"):
        go_on(begun(world.ada))


def test_what_the_vendor_saw_counts(world: World, vendor: Vendor) -> None:
    check = begun(world.ada, number="MISTYPED1", expires=in_days(100))
    go_on(check)
    assert post(*vendor.says(check.ref, "verified")).json() == {"received": True}
    check.refresh_from_db()
    assert check.state == "verified"
    assert str(check.document_expires) == DOCUMENT["expires"]
    assert GATES["identity"].ask(world.ada, "").met
    assert str(birth_date_of(world.ada)) == "1990-12-10"
    assert Notice.objects.get(account=world.ada.account).kind == "decision.identity_verified"


def test_told_twice_or_in_the_wrong_order_it_has_one_effect(world: World, vendor: Vendor) -> None:
    check = begun(world.ada)
    go_on(check)
    post(*vendor.says(check.ref, "pending"))
    assert GATES["identity"].ask(world.ada, "").waiting
    message = vendor.says(check.ref, "verified")
    assert post(*message).status_code == 200
    before = stored()
    for late in (
        message,
        vendor.says(check.ref, "pending"),
        vendor.says(check.ref, "rejected"),
        vendor.says(check.ref, "verified"),
    ):
        assert post(*late).status_code == 200
    assert stored() == before
    rows = History.objects.filter(kind="identity check", subject=str(check.pk)).order_by("pk")
    assert list(rows.values_list("target", flat=True)) == ["started", "pending", "verified"]


def test_a_rejection_is_told_and_can_be_contested(world: World, vendor: Vendor) -> None:
    check = begun(world.ada)
    go_on(check)
    post(*vendor.says(check.ref, "rejected"))
    check.refresh_from_db()
    assert (check.state, check.reason) == ("rejected", "vendor")
    notice = Notice.objects.get(account=world.ada.account)
    assert "contest" in str(notice.params) or notice.kind == "decision.identity_rejected"


def test_unknown_checks_are_answered_like_known_ones(world: World, vendor: Vendor) -> None:
    check = begun(world.ada)
    go_on(check)
    before = stored()
    unknown = post(*vendor.says("idc_0000000000000000", "verified"))
    another = post(*vendor.says(check.ref, "verified", session="s-another"))
    assert stored() == before
    known = post(*vendor.says(check.ref, "verified"))
    for other in (unknown, another):
        assert (other.status_code, other.content) == (known.status_code, known.content)


def test_a_manual_check_is_not_the_vendors_to_decide(
    world: World, vendor: Vendor, settings: Any
) -> None:
    settings.IDENTITY = "manual"
    check = begun(world.ada)
    settings.IDENTITY = "webhook"
    before = stored()
    assert post(*vendor.says(check.ref, "verified")).status_code == 200
    assert stored() == before
    with pytest.raises(Refused, match="does not go on"):
        go_on(check)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: "",
        lambda body: "t=1,v1=00",
        lambda body: signed(body, secret="x" * 32),
        lambda body: signed(body, at=time.time() - 301),
        lambda body: signed(body, at=time.time() + 301),
        lambda body: signed(body + b" "),
        lambda body: signed(body).replace("v1=", "v0="),
        lambda body: signed(body).upper(),
    ],
)
def test_what_is_not_signed_by_the_vendor_just_now_changes_nothing(
    world: World, vendor: Vendor, spoil: Any
) -> None:
    check = begun(world.ada)
    go_on(check)
    before = stored()
    body, _header = vendor.says(check.ref, "verified")
    answer = post(body, spoil(body))
    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed")
    assert stored() == before
    on_the_edge = signed(body, at=time.time() - 290)
    assert post(body, on_the_edge).status_code == 200


@pytest.mark.parametrize(
    "garbage",
    [
        b" ",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"reference": 1, "session": 2, "result": "verified"}',
        b'{"reference": "a", "session": "b", "result": "maybe"}',
        b'{"reference": "a", "session": "b", "result": ["verified"]}',
        b'{"reference": "a", "session": "b", "result": "verified"}',
        b'{"reference": "a\\u0000", "session": "b", "result": "rejected"}',
        b'{"reference": "a", "session": "b", "result": "verified", "document": 5}',
        json.dumps(
            {
                "reference": "a",
                "session": "b",
                "result": "verified",
                "document": {**DOCUMENT, "expires": "soon"},
            }
        ).encode(),
        json.dumps(
            {
                "reference": "a",
                "session": "b",
                "result": "verified",
                "document": {**DOCUMENT, "kind": ["x"]},
            }
        ).encode(),
    ],
)
def test_garbage_is_told_so_and_changes_nothing(vendor: Vendor, db: None, garbage: bytes) -> None:
    before = stored()
    answer = post(garbage, signed(garbage))
    assert (answer.status_code, answer.json()["error"]) == (422, "garbled")
    assert stored() == before


def test_a_long_message_and_another_type_are_not_read(vendor: Vendor, db: None) -> None:
    long = b" " * 100_001
    assert post(long, signed(long)).status_code == 413
    client = Client(headers={"Fairhand-Signature": signed(b"a=b")})
    answer = client.post("/identity/callback", "a=b", content_type="text/plain")
    assert answer.status_code == 415
    assert client.get("/identity/callback").status_code == 405


def test_without_a_vendor_nobody_is_heard(world: World, settings: Any) -> None:
    """An empty secret signs nothing."""
    check = begun(world.ada)
    body = json.dumps({"reference": check.ref, "session": "", "result": "rejected"}).encode()
    assert post(body, signed(body, secret="")).status_code == 401
    check.refresh_from_db()
    assert check.state == "started"


def test_a_document_that_ran_out_is_rejected_whatever_the_vendor_says(
    world: World, vendor: Vendor
) -> None:
    check = begun(world.ada)
    old = {**DOCUMENT, "expires": "2020-01-01"}
    heard(vendor.says(check.ref, "verified", document=old))
    check.refresh_from_db()
    assert (check.state, check.reason) == ("rejected", "expired")


@pytest.mark.parametrize(
    ("born", "words"), [(-17 * 365, "from the age of 18"), (400, "cannot be a date of birth")]
)
def test_a_birth_that_cannot_be_is_rejected_whatever_the_vendor_says(
    world: World, vendor: Vendor, born: int, words: str
) -> None:
    check = begun(world.ada)
    young = {**DOCUMENT, "birth_date": in_days(born).isoformat()}
    heard(vendor.says(check.ref, "verified", document=young))
    check.refresh_from_db()
    assert (check.state, check.reason) == ("rejected", "other")
    assert words in check.words
    assert not GATES["identity"].ask(world.ada, "").met


def test_a_document_of_another_account_is_rejected_and_put_before_a_person(
    world: World, vendor: Vendor
) -> None:
    first, second = begun(world.ada), begun(world.ben, number="OTHER99")
    heard(vendor.says(first.ref, "verified"))
    heard(vendor.says(second.ref, "verified"))
    second.refresh_from_db()
    assert (second.state, second.reason) == ("rejected", "elsewhere")
    assert SameCase.objects.get().kinds == ["document"]
    assert Signal.objects.filter(kind="document").count() == 2


def test_believing_everybody_is_for_demonstrations_alone(world: World, settings: Any) -> None:
    settings.IDENTITY = "console"
    Installation.objects.update_or_create(pk=1, defaults={"kind": "live"})
    assert provider().name == "manual"
    Installation.objects.update(kind="demo")
    assert provider().name == "console"
    check = begun(world.ada)
    assert go_on(check) == ""
    check.refresh_from_db()
    assert check.state == "verified"
