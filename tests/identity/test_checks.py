"""A check from the worker's side: told, shown, sent, taken back, renewed, ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fairhand.kit import vault
from fairhand.kit.decision import Refused
from fairhand.kit.models import History
from fairhand.people import consents
from fairhand.people.gates import GATES, birth_date_of, stamp_of
from fairhand.people.identity import checks, outcome, proofs
from fairhand.people.identity.votes import vote
from fairhand.people.models import Account, Event, IdentityCheck, Notice, ProfileFact, Proof
from fairhand.people.standing import close_standing
from tests.identity.pictures import claiming, drawn, pdf, saved, with_metadata
from tests.identity.scene import NO, agree, begun, in_days, said, sent, verified
from tests.world import World, count

STORED = ("people_identitycheck", "people_proof", "people_signal", "kit_history", "people_event")


def stored() -> list[int]:
    return [count(table) for table in STORED]


def told(account: Account) -> list[str]:
    return list(
        Notice.objects.filter(account=account).order_by("pk").values_list("kind", flat=True)
    )


def test_from_the_first_word_to_the_proof(world: World, ops: list[Account]) -> None:
    check = begun(world.ada)
    for kind in ("front", "back", "selfie"):
        proofs.show(check, kind, saved())
    before = stamp_of(world.ada)
    assert checks.send(world.ada)
    assert stamp_of(world.ada) > before
    assert GATES["identity"].ask(world.ada, "").waiting
    check.refresh_from_db()
    for one in ops[:2]:
        assert vote(check, one, NO.__class__("verified"))
    answer = GATES["identity"].ask(world.ada, "")
    assert answer.met
    assert answer.until == check.valid_until
    assert birth_date_of(world.ada) == said().birth_date
    assert told(world.ada.account) == ["decision.identity_verified"]
    assert check.purge_at is not None
    assert timedelta(days=29) < check.purge_at - timezone.now() <= timedelta(days=30)


def test_the_number_is_not_kept_only_a_mark_of_it(world: World) -> None:
    check = begun(world.ada)
    values = IdentityCheck.objects.filter(pk=check.pk).values().get()
    assert "12345" not in str({k: v for k, v in values.items() if k != "document_digest"})
    assert len(check.document_digest) == 64
    again = begun(world.ben, number="ca12345ab ")
    assert again.document_digest == check.document_digest


def test_nothing_begins_without_consent(world: World) -> None:
    before = stored()
    with pytest.raises(Refused, match="only with your consent"):
        checks.begin(world.ada, said())
    assert stored() == before


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"expires": in_days(0)}, "ran out on"),
        ({"expires": in_days(-400)}, "ran out on"),
        ({"birth_date": in_days(-17 * 365)}, "from the age of 18"),
        ({"birth_date": in_days(1)}, "cannot be a date of birth"),
        ({"birth_date": in_days(-130 * 366)}, "cannot be a date of birth"),
        ({"holder": " "}, "Write your name"),
        ({"holder": "12345"}, "Write your name"),
        ({"holder": "Ada\nLovelace"}, "Write your name"),
        ({"document_kind": "library card"}, "Choose one of the documents"),
        ({"document_country": "XX"}, "Choose the country"),
        ({"number": "12"}, "4 to 30 letters"),
        ({"number": "<script>"}, "4 to 30 letters"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence_and_nothing_is_kept(
    world: World, other: dict[str, Any], sentence: str
) -> None:
    agree(world.ada)
    before = stored()
    with pytest.raises(Refused, match=sentence):
        checks.begin(world.ada, said(**other))
    assert stored() == before


def test_whoever_is_eighteen_today_may_begin(world: World) -> None:
    today = timezone.localdate()
    born = today.replace(year=today.year - 18) if (today.month, today.day) != (2, 29) else None
    assert begun(world.ada, birth_date=born or today.replace(year=today.year - 20)).pk


def test_a_document_without_an_end_counts_for_two_years(world: World, ops: list[Account]) -> None:
    check = verified(world.ada, ops, expires=None)
    assert check.valid_until is not None
    assert (check.valid_until - timezone.now()).days in {729, 730}


def test_a_proof_ends_with_its_document(world: World, ops: list[Account]) -> None:
    check = verified(world.ada, ops, expires=in_days(90))
    assert check.valid_until is not None
    assert check.valid_until.date() == in_days(90)


def test_one_check_at_a_time(world: World) -> None:
    begun(world.ada)
    with pytest.raises(Refused, match="begun already"):
        checks.begin(world.ada, said())
    assert IdentityCheck.objects.count() == 1


def test_whoever_is_excluded_is_asked_for_nothing(world: World) -> None:
    agree(world.ada)
    assert close_standing(world.ada.account, world.olga, "Two accounts.")
    world.ada.refresh_from_db()
    with pytest.raises(Refused, match="cannot work here"):
        checks.begin(world.ada, said())


def test_a_picture_replaces_the_one_before_of_its_kind(world: World) -> None:
    check = begun(world.ada)
    proofs.show(check, "front", saved())
    proofs.show(check, "front", saved(drawn((1200, 800))))
    proof = Proof.objects.get(check_of=check)
    assert (proof.width, proof.height) == (1200, 800)


def test_a_document_may_come_as_a_pdf_and_a_face_may_not(world: World) -> None:
    check = begun(world.ada)
    proofs.show(check, "front", pdf(2))
    assert Proof.objects.filter(check_of=check, kind="front").count() == 2
    with pytest.raises(Refused, match="not a picture"):
        proofs.show(check, "selfie", pdf())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4 I am none", "no PDF that can be read"),
        (b"\xff\xd8" + b"x" * 12_000_000, "12 MB; at most 10 MB"),
        (claiming(20_000, 10_000), "200 megapixels"),
        (saved()[:2000], "damaged|not a picture"),
        (pdf(3), "3 pages; at most 2"),
        (saved(drawn((300, 900))), "300 by 900 pixels"),
        (b"<html>", "not a picture"),
        (b"", "not a picture"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_so_and_nothing_is_kept(
    world: World, data: bytes, sentence: str
) -> None:
    check = begun(world.ada)
    before = stored()
    with pytest.raises(Refused, match=sentence):
        proofs.show(check, "front", data)
    assert stored() == before


def test_a_passport_has_no_back_to_show(world: World) -> None:
    check = begun(world.ada, document_kind="passport")
    assert proofs.asked_of(check) == ("front", "selfie")
    with pytest.raises(Refused, match="Nobody asks"):
        proofs.show(check, "back", saved())


def test_what_is_kept_is_sealed_and_says_nothing_of_where_it_was_taken(world: World) -> None:
    check = begun(world.ada)
    proofs.show(check, "front", with_metadata())
    proof = Proof.objects.select_related("key").get()
    plain = vault.unseal(proof.key, proof.sealed)
    assert plain.startswith(b"\xff\xd8")
    assert b"SECRET" not in plain
    assert plain[:20] not in bytes(proof.sealed)


def test_nothing_is_sent_while_something_is_missing(world: World) -> None:
    check = begun(world.ada)
    proofs.show(check, "front", saved())
    answer = checks.send(world.ada)
    assert str(answer) == str(checks.MISSING)
    check.refresh_from_db()
    assert check.state == "started"


def test_what_was_sent_takes_no_more_pictures_and_is_sent_once(world: World) -> None:
    check = sent(world.ada)
    with pytest.raises(Refused, match="takes no pictures now"):
        proofs.show(check, "front", saved())
    assert checks.send(world.ada) == checks.SENT
    assert History.objects.filter(kind="identity check", target="pending").count() == 1


def test_taking_it_back_deletes_what_was_shown_and_told(world: World) -> None:
    check = sent(world.ada)
    assert checks.take_back(world.ada, world.ada.account)
    check.refresh_from_db()
    assert (check.state, check.holder, check.birth_date) == ("withdrawn", "", None)
    assert check.document_digest == ""
    assert not Proof.objects.exists()
    assert checks.take_back(world.ada, world.ada.account) == checks.NOTHING
    assert begun(world.ada).pk != check.pk


def test_the_end_of_a_consent_ends_the_check_and_the_pictures(
    world: World, ops: list[Account]
) -> None:
    sent(world.ada)
    verified(world.ben, ops, number="XY9999")
    for one in (world.ada, world.ben):
        consents.withdraw(one.account, "identity")
    assert checks.send(world.ada) == checks.SENT
    assert proofs.purge() == 2
    assert not Proof.objects.exists()
    assert IdentityCheck.objects.get(worker=world.ada).state == "withdrawn"
    assert IdentityCheck.objects.get(worker=world.ben).state == "verified"
    assert proofs.purge() == 0


def test_pictures_go_when_their_time_is_over(world: World, ops: list[Account]) -> None:
    check = verified(world.ada, ops)
    assert proofs.purge() == 0
    IdentityCheck.objects.update(purge_at=timezone.now() - timedelta(seconds=1))
    assert proofs.purge() == 1
    assert not Proof.objects.exists()
    assert Event.objects.filter(action="identity.forgotten", subject=check.ref).count() == 1
    check.refresh_from_db()
    assert check.state == "verified"
    assert proofs.purge() == 0


def test_what_nobody_goes_on_with_ends(world: World) -> None:
    check = begun(world.ada)
    proofs.show(check, "front", saved())
    assert proofs.purge() == 0
    IdentityCheck.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert proofs.purge() == 1
    check.refresh_from_db()
    assert check.state == "withdrawn"
    assert not Proof.objects.exists()


def test_a_proof_that_ends_closes_the_gate_and_is_told_before_and_then(
    world: World, ops: list[Account]
) -> None:
    check = verified(world.ada, ops, expires=in_days(60))
    assert checks.remind() == 0
    IdentityCheck.objects.update(valid_until=timezone.now() + timedelta(days=20))
    assert checks.remind() == 1
    assert checks.remind() == 0
    IdentityCheck.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert not GATES["identity"].ask(world.ada, "").met
    before = stamp_of(world.ada)
    assert outcome.expire() == 1
    assert outcome.expire() == 0
    assert stamp_of(world.ada) > before
    check.refresh_from_db()
    assert check.state == "expired"
    kinds = told(world.ada.account)
    assert kinds == [
        "decision.identity_verified",
        "decision.identity_ends",
        "decision.identity_expired",
    ]
    assert checks.may_begin(world.ada)


def test_a_proof_is_renewed_in_its_last_month_with_the_same_document(
    world: World, ops: list[Account]
) -> None:
    first = verified(world.ada, ops)
    assert checks.may_begin(world.ada) == checks.VERIFIED
    IdentityCheck.objects.update(valid_until=timezone.now() + timedelta(days=10))
    second = verified(world.ada, ops)
    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "verified")
    assert checks.remind() == 0
    assert GATES["identity"].ask(world.ada, "").met


def test_after_five_tries_in_a_month_there_is_a_pause(world: World, ops: list[Account]) -> None:
    for _ in range(5):
        check = sent(world.ada)
        for one in ops[:2]:
            vote(check, one, NO)
        assert check.state == "rejected"
    with pytest.raises(Refused, match="5 times within 30 days"):
        checks.begin(world.ada, said())
    IdentityCheck.objects.update(sent_at=timezone.now() - timedelta(days=31))
    assert checks.begin(world.ada, said())


def test_who_begins_again_and_again_has_to_pause(world: World) -> None:
    for _ in range(checks.BEGUN):
        begun(world.ada)
        assert checks.take_back(world.ada, world.ada.account)
    before = stored()
    with pytest.raises(Refused, match="10 times within 30 days"):
        checks.begin(world.ada, said())
    assert stored() == before
    IdentityCheck.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert checks.begin(world.ada, said())


def test_the_birth_that_a_document_said_outlasts_it(world: World, ops: list[Account]) -> None:
    verified(world.ada, ops)
    IdentityCheck.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert outcome.expire() == 1
    ProfileFact.objects.create(worker=world.ada, field="birth_date", value="1950-01-01")
    assert birth_date_of(world.ada) == said().birth_date


def test_how_long_people_take_is_measured(world: World) -> None:
    assert checks.usual_time() == timedelta(days=2)
    now = timezone.now()
    for hours in (1, 2, 3, 4, 300):
        IdentityCheck.objects.create(
            worker=world.ada,
            provider="manual",
            state="rejected",
            sent_at=now - timedelta(hours=hours),
            decided_at=now,
        )
    assert checks.usual_time() == timedelta(hours=3)
