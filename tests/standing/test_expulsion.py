"""Excluding somebody: sessions, keys and pages end at once; what was earned stays."""

import pytest
from django.test import Client

from fairhand.pay.earnings import earnings_of
from fairhand.people import standing
from fairhand.people.keys import authenticate, issue_key
from fairhand.people.models import Account, ApiKey, Notice, Session, Worker
from fairhand.work.access import access_to
from fairhand.work.models import Assignment
from fairhand.work.standing import expel
from tests.people.every_action import BACKEND
from tests.world import World, caller, count, history_of, page_of, rows, turn, work_through

WHY = "Two accounts of one person"


def slots() -> int:
    return int(rows("select sum(slots * cardinality(tasks)) from work_bundle")[0][0])


def test_the_pages_they_hold_go_to_others_and_can_no_longer_be_handed_in(world: World) -> None:
    batches = [world.batch(tasks=6, page_size=2), world.batch(tasks=6, page_size=2)]
    ada = caller(world.ada)
    before = slots()
    pages = [page_of(turn(ada, batch)) for batch in batches]
    assert slots() < before
    assert expel(world.ada.account, world.olga, WHY)
    assert slots() == before
    assert set(Assignment.objects.values_list("state", flat=True)) == {"returned"}
    for batch, page in zip(batches, pages, strict=True):
        done = turn(ada, batch, page)
        assert done.refusal is not None
        assert done.page is None
    assert count("work_answer") == 0
    assert work_through(caller(world.ben), batches[0]) == 6


def test_what_was_earned_stays_theirs(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2)
    work_through(caller(world.ada), batch)
    before = earnings_of(world.ada, "EUR")
    assert before.payable.micros > 0
    expel(world.ada.account, world.olga, WHY)
    assert earnings_of(world.ada, "EUR") == before


def test_every_browser_and_key_ends_within_one_request(world: World) -> None:
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(world.ada.account, backend=BACKEND)
        assert browser.get("/work").status_code == 200
    _, secret = issue_key(world.ada.account, name="test", scopes=["work"])
    expel(world.ada.account, world.olga, WHY)
    assert [browser.get("/work").status_code for browser in browsers] == [302, 302]
    assert authenticate(secret) is None
    assert not ApiKey.objects.filter(account=world.ada.account).exists()
    assert not Session.objects.filter(account=world.ada.account).exists()


def test_they_are_told_why_and_no_batch_lets_them_in(world: World) -> None:
    batch = world.batch(tasks=4)
    expel(world.ada.account, world.olga, WHY)
    told = Notice.objects.get(account=world.ada.account, kind="decision.expelled")
    assert told.params["reason"] == f"{WHY}."
    world.ada.refresh_from_db()
    assert not access_to(world.ada, batch)
    assert history_of("standing", world.ada.account.ref) == [("active", "expelled")]


def test_they_sign_in_again_read_it_and_see_their_money(world: World) -> None:
    work_through(caller(world.ada), world.batch(tasks=4, page_size=2))
    expel(world.ada.account, world.olga, WHY)
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.ada.account, backend=BACKEND)
    for page in ("/account", "/appeals"):
        assert WHY in client.get(page).content.decode()
    assert client.get("/earnings").status_code == 200


def test_somebody_who_is_no_worker_cannot_sign_in_any_more(world: World) -> None:
    client = Client()
    client.force_login(world.oscar, backend=BACKEND)
    assert expel(world.oscar, world.olga, WHY)
    assert client.get("/account").status_code == 302
    values = {"login": world.oscar.email, "password": "oscar's long password"}
    client.post("/accounts/login/", values)
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("words", ["", "  ", "x" * 2001])
def test_without_a_reason_nothing_happens(world: World, words: str) -> None:
    assert expel(world.ada.account, world.olga, words) is standing.NO_REASON
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"


def test_an_operator_is_not_excluded_before_their_duties_are_taken(world: World) -> None:
    assert expel(world.olga, world.olga, WHY) is standing.IS_OPERATOR
    assert Account.objects.get(pk=world.olga.pk).is_active


def test_it_happens_once_and_can_be_undone(world: World) -> None:
    assert expel(world.ada.account, world.olga, WHY)
    assert expel(world.ada.account, world.olga, WHY) is standing.CLOSED_BEFORE
    assert standing.reopen_standing(world.ada.account, world.olga, "It was her sister.")
    world.ada.refresh_from_db()
    assert access_to(world.ada, world.batch(tasks=4))
    assert standing.standing_of(world.ada.account) == standing.Standing()
    again = standing.reopen_standing(world.ada.account, world.olga, "again")
    assert again is standing.NOT_CLOSED
