"""The archive holds all that is kept about its owner, and nothing of anybody else."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.utils.translation import override

from fairhand.people.identity.votes import vote
from fairhand.people.models import Account, DataExport, Notice, Proof
from fairhand.people.privacy.held import person_of
from fairhand.work.privacy import archive
from fairhand.work.privacy.archive import packed, shown
from fairhand.work.privacy.tables import HELD
from fairhand.work.standing import suspend
from tests.identity.scene import NO, operators, sent
from tests.privacy.planting import Planted, plant
from tests.world import GOOD, World, caller, work_through

Unpacked = dict[str, str]


def unpacked(account: Account) -> Unpacked:
    """The archive's files as text."""
    with zipfile.ZipFile(io.BytesIO(packed(account))) as file:
        return {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}


@pytest.fixture
def ada(world: World) -> Planted:
    return plant(world, world.ada, world.oscar, "ZqAd", operator=True)


@pytest.fixture
def ben(world: World) -> Planted:
    return plant(world, world.ben, world.olga, "ZqBe", operator=True)


def test_all_of_one_is_in_the_archive_and_nothing_of_another(ada: Planted, ben: Planted) -> None:
    files = unpacked(ada.account)
    whole = "\n".join(files.values())
    lost = [
        (held.name, column, word)
        for held in HELD
        for column, word in ada.of(held.name).items()
        if column in held.shown and word not in files.get(f"data/{held.name}.json", "")
    ]
    assert lost == []
    assert [(where, word) for where, word in ben.markers.items() if word in whole] == []


def test_what_would_let_others_in_is_left_out(ada: Planted, ben: Planted) -> None:
    whole = "\n".join(unpacked(ada.account).values())
    told = [
        (held.name, column)
        for held in HELD
        for column, word in ada.of(held.name).items()
        if column in held.hidden and column != "sealed" and word in whole
    ]
    assert told == []


def test_every_line_of_the_table_has_been_planted(ada: Planted) -> None:
    """A table that is added without a marker in it would be tested by nobody."""
    files = unpacked(ada.account)
    missing = [
        held.name
        for held in HELD
        if not held.rest
        and f"data/{held.name}.json" not in files
        and held.name not in {"money-balances", "money-transfers"}
    ]
    assert missing == []


def test_pictures_and_signed_agreements_are_in_the_archive(ada: Planted) -> None:
    files = unpacked(ada.account)
    pictures = [text for name, text in files.items() if name.startswith("pictures/")]
    assert any(ada.markers["pictures", "sealed"] in text for text in pictures)
    pages = [text for name, text in files.items() if name.startswith("agreements/")]
    assert len(pages) == 1
    assert pages[0].startswith("%PDF")


def test_a_picture_that_cannot_be_opened_is_named_and_stops_nothing(ada: Planted) -> None:
    proof = Proof.objects.get(account=ada.account)
    Proof.objects.filter(pk=proof.pk).update(sealed=b"x" * 40)
    files = unpacked(ada.account)
    assert proof.ref in files["README.txt"]
    assert "data/profile.json" in files


def test_the_readme_speaks_its_owners_language(world: World) -> None:
    with override("en"):
        files = unpacked(world.ada.account)
    assert files["README.txt"].startswith("Your data")
    assert world.ada.account.email in files["README.txt"]
    assert "data/account.json (1)" in files["README.txt"]


def test_money_and_work_are_what_really_happened(world: World) -> None:
    batch = world.batch(10, overlap=1)
    work_through(caller(world.ada), batch, GOOD)
    files = unpacked(world.ada.account)
    answers = rows(files, "answers")
    assert len(answers) == 10
    assert answers[0]["value"] == GOOD
    assert answers[0]["batch"] == batch.ref
    assert "position" not in answers[0], "which task it was is hidden from workers"
    transfers = rows(files, "money-transfers")
    assert sum(each["amount"] for each in transfers) == 10 * 50_000
    assert "data/money-transfers.json" not in unpacked(world.ben.account)


def rows(files: Unpacked, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files[f"data/{name}.json"])["rows"]
    return found


def test_from_where_an_operator_acted_is_theirs_alone(ada: Planted, world: World) -> None:
    held = next(each for each in HELD if each.name == "trail")
    event = held.rows(person_of(ada.account))[0]
    event.actor, event.origin = world.olga.ref, {"ip": "203.0.113.9"}
    told = shown(event, held, person_of(ada.account))
    assert told["from"] == {}
    assert told["by"] == "somebody else"


def test_what_an_operator_said_of_others_is_not_in_their_archive(world: World) -> None:
    assert suspend(world.ada.account, world.olga, days=7, why="She shouted at Ben.")
    files = unpacked(world.olga)
    assert "She shouted" not in "\n".join(files.values())
    done = next(each for each in rows(files, "trail") if each["what"] == "standing.suspended")
    assert "why" in done["after"]
    assert rows(files, "history")[0]["by"] == "you"
    told = unpacked(world.ada.account)
    assert "She shouted" in told["data/trail.json"]
    assert "She shouted" in told["data/history.json"]


def test_a_vote_is_told_when_the_check_is_decided(world: World) -> None:
    first, second = operators(2)
    check = sent(world.ada)
    assert vote(check, first, NO)
    assert "data/identity-checks-seen.json" not in unpacked(world.ada.account)
    assert NO.words not in "\n".join(unpacked(world.ada.account).values())
    assert vote(check, second, NO)
    assert len(rows(unpacked(world.ada.account), "identity-checks-seen")) == 2


def test_the_archive_lies_sealed_and_its_owner_is_told(ada: Planted) -> None:
    assert archive.ask(ada.account)
    export = DataExport.objects.get(account=ada.account, state="asked")
    assert archive.make(export.pk)
    assert not archive.make(export.pk), "it is made once"
    export.refresh_from_db()
    assert b"PK" not in bytes(export.sealed)[:4]
    assert ada.account.email.encode() not in bytes(export.sealed)
    assert Notice.objects.filter(account=ada.account, kind="security.data_ready").count() == 1
    assert archive.fetch(ada.account, export.ref)[:2] == b"PK"


def test_an_archive_whose_job_was_lost_is_made_later(world: World) -> None:
    assert archive.ask(world.ada.account)
    assert archive.make_overdue() == 0
    DataExport.objects.update(asked_at="2026-01-01T00:00:00Z")
    assert archive.make_overdue() == 1
    assert DataExport.objects.get().state == "ready"
