"""The pages of privacy: to read, to ask, to download, to delete, and to change one's mind."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fairhand.people.models import (
    Account,
    DataExport,
    Deletion,
    Event,
    Session,
    Worker,
)
from fairhand.web.signin import reauth
from fairhand.work.privacy import archive
from tests.web.conftest import BACKEND
from tests.world import World, count


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


@pytest.fixture
def _proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who signed in this minute is not asked again; here they came another way."""
    monkeypatch.setattr(reauth, "is_reauthentication_required", lambda *_a, **_k: False)


def test_anybody_reads_what_is_kept_why_and_for_how_long(world: World) -> None:
    page = Client().get("/privacy").content.decode()
    assert "Your answers: when, and how long each took." in page
    assert "Until the end of the third year after your account was deleted." in page
    assert "§ 147" in page


@pytest.mark.usefixtures("_proven")
def test_an_archive_is_asked_for_made_and_downloaded_by_its_owner_alone(world: World) -> None:
    ada, ben = browser(world.ada.account), browser(world.ben.account)
    assert "being made" in ada.post("/account/privacy/ask", follow=True).content.decode()
    export = DataExport.objects.get()
    address = f"/account/privacy/data/{export.ref}"
    assert ada.get(address).status_code == 404, "it is not made yet"
    assert archive.make(export.pk)
    assert address in ada.get("/account/privacy").content.decode()
    found = ada.get(address)
    assert found.headers["Content-Type"] == "application/zip"
    assert "no-store" in found.headers["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(found.content)).testzip() is None
    for other in (ben, browser(world.olga), browser(world.rita)):
        assert other.get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_archive_and_the_end_take_a_fresh_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reauth, "is_reauthentication_required", lambda *_a, **_k: True)
    ada = browser(world.ada.account)
    assert archive.ask(world.ada.account)
    export = DataExport.objects.get()
    archive.make(export.pk)
    for answer in (
        ada.post("/account/privacy/ask"),
        ada.get(f"/account/privacy/data/{export.ref}"),
        ada.get("/account/privacy/delete"),
        ada.post("/account/privacy/delete", {"sure": "yes"}),
    ):
        assert answer.status_code == 302
        assert "/accounts/again" in answer.headers["Location"]
    assert count("people_dataexport") == 1
    assert count("people_deletion") == 0
    assert not Event.objects.filter(action="data.fetched").exists()


@pytest.mark.usefixtures("_proven")
def test_an_archive_is_made_once_a_day(world: World) -> None:
    ada = browser(world.ada.account)
    ada.post("/account/privacy/ask")
    page = ada.post("/account/privacy/ask", follow=True).content.decode()
    assert "ask again tomorrow" in page
    assert count("people_dataexport") == 1


@pytest.mark.usefixtures("_proven")
def test_deleting_asks_whether_one_has_read_and_signs_out(world: World) -> None:
    ada = browser(world.ada.account)
    page = ada.get("/account/privacy/delete").content.decode()
    assert "What is kept, why and until when" in page
    assert ada.post("/account/privacy/delete").status_code == 422
    assert count("people_deletion") == 0
    page = ada.post("/account/privacy/delete", {"sure": "yes"}).content.decode()
    assert "deleted in 14 days" in page
    assert not Session.objects.filter(account=world.ada.account).exists()
    assert ada.get("/account").status_code == 302
    assert Worker.objects.get(pk=world.ada.pk).standing == "closed"


@pytest.mark.usefixtures("_proven")
def test_whoever_changes_their_mind_signs_in_and_keeps_the_account(world: World) -> None:
    browser(world.ada.account).post("/account/privacy/delete", {"sure": "yes"})
    ada = browser(world.ada.account)
    assert "Your account will be deleted" in ada.get("/account/privacy").content.decode()
    assert ada.get("/account/privacy/delete").status_code == 302
    assert "Your account stays" in ada.post("/account/privacy/keep", follow=True).content.decode()
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
    deletion = Deletion.objects.get()
    assert deletion.state == "cancelled"
    again = ada.post("/account/privacy/keep", follow=True).content.decode()
    assert "is not being deleted" in again


@pytest.mark.usefixtures("_proven")
def test_an_owner_with_others_hands_over_first(world: World) -> None:
    world.organisation.members.create(account=world.oscar, role="viewer")
    rita = browser(world.rita)
    page = rita.get("/account/privacy/delete").content.decode()
    assert "You are the only owner of" in page
    assert "I have read" not in page
    rita.post("/account/privacy/delete", {"sure": "yes"})
    assert count("people_deletion") == 0
    assert rita.get("/account").status_code == 200, "still signed in"


def test_an_archive_that_is_a_week_old_is_gone(world: World) -> None:
    assert archive.ask(world.ada.account)
    export = DataExport.objects.get()
    archive.make(export.pk)
    assert archive.forget_archives(timezone.now() + timedelta(days=6)) == 0
    assert archive.forget_archives(timezone.now() + timedelta(days=8)) == 1
    export.refresh_from_db()
    assert (export.state, bytes(export.sealed), export.key) == ("gone", b"", None)
    assert archive.forget_archives(timezone.now() + timedelta(days=8)) == 0
