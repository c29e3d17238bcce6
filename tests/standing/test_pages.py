"""The pages about standing: operators suspend and lift; everybody reads how decisions are made."""

import pytest
from django.test import Client

from fairhand.people.accounts import make_operator
from fairhand.people.models import Duty, Worker
from fairhand.people.standing import standing_of
from fairhand.work.standing import suspend
from tests.web.conftest import SignIn, signed
from tests.world import World, caller, count, turn

__all__ = ["signed"]


def test_an_operator_suspends_and_lifts_with_words(world: World, signed: SignIn) -> None:
    olga, page = signed(world.olga), f"/operator/standing/{world.ada.account.ref}"
    assert b"Suspend for a time" in olga.get(page).content
    asked = olga.post(page, {"days": "7", "why": "Two accounts?"}, follow=True).content.decode()
    assert "The person is told why and until when" in asked
    assert "Two accounts?" in asked
    refused = olga.post(f"{page}/lift", {"why": ""}, follow=True).content.decode()
    assert "Say why in 1 to" in refused
    assert Worker.objects.get(pk=world.ada.pk).standing == "suspended"
    olga.post(f"{page}/lift", {"why": "It was her sister."})
    assert standing_of(world.ada.account).state == "active"
    assert b"Undone" in olga.get(page).content


@pytest.mark.parametrize("days", ["", "x", "-1", "0", "31", "7.5", "9999", "\N{SUPERSCRIPT TWO}"])
def test_days_that_are_none_are_refused_in_a_sentence(
    world: World, signed: SignIn, days: str
) -> None:
    before = count("kit_history")
    page = f"/operator/standing/{world.ada.ref}"
    answer = signed(world.olga).post(page, {"days": days, "why": "why"})
    assert answer.status_code == 422
    assert b"1 to 30 days" in answer.content
    assert count("kit_history") == before


@pytest.mark.parametrize("duty", Duty)
def test_the_page_opens_with_either_of_two_duties(world: World, signed: SignIn, duty: Duty) -> None:
    make_operator(world.oscar, [duty])
    answer = signed(world.oscar).get(f"/operator/standing/{world.ada.ref}")
    opens = duty in {Duty.SUPPORT, Duty.QUALITY}
    assert answer.status_code == (200 if opens else 403)


def test_the_account_page_says_how_one_stands(world: World, signed: SignIn) -> None:
    signed(world.olga).post(
        f"/operator/standing/{world.ada.ref}", {"days": "7", "why": "Two accounts?"}
    )
    page = signed(world.ada.account).get("/account").content.decode()
    assert "Your account is suspended from work" in page
    assert "Two accounts?" in page
    assert 'href="/appeals"' in page
    plain = signed(world.ben.account).get("/account").content.decode()
    assert "suspended" not in plain


def test_anybody_reads_how_decisions_are_made_before_they_begin(world: World) -> None:
    stranger = Client(headers={"accept-language": "en"})
    page = stranger.get("/how-decisions-are-made").content.decode()
    for words in ("Nobody is suspended or excluded by a machine", "95", "Fewer than 5", "14 days"):
        assert words in page
    assert "/how-decisions-are-made" in stranger.get("/").content.decode()


def test_who_is_suspended_is_told_where_they_land_and_can_contest(
    world: World, signed: SignIn
) -> None:
    batch = world.batch()
    assert suspend(world.ada.account, world.olga, days=7, why="Two accounts?")
    ada = signed(world.ada.account)
    for page in ("/work", "/start"):
        shown = ada.get(page).content.decode()
        assert "Two accounts?" in shown, page
        assert 'href="/appeals"' in shown, page
    assert "Continue" not in shown
    shut = ada.get(f"/work/{batch.ref}")
    assert shut.status_code == 403
    assert b'href="/appeals"' in shut.content
    assert b"suspended from work" not in signed(world.ben.account).get("/work").content


def test_who_worked_on_a_batch_and_is_suspended_is_told_there(world: World, signed: SignIn) -> None:
    batch = world.batch()
    turn(caller(world.ada), batch)
    assert suspend(world.ada.account, world.olga, days=7, why="Two accounts?")
    shown = signed(world.ada.account).get(f"/work/{batch.ref}").content.decode()
    assert "Two accounts?" in shown
    assert 'href="/appeals"' in shown


def test_the_page_of_standing_leads_back_to_the_person(world: World, signed: SignIn) -> None:
    page = f"/operator/standing/{world.ada.ref}"
    back = f'href="/operator/accounts/{world.ada.account.ref}"'
    assert back in signed(world.olga).get(page).content.decode()
    make_operator(world.oscar, [Duty.QUALITY])  # whose duty does not open that page
    assert back not in signed(world.oscar).get(page).content.decode()
