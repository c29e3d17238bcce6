"""The pages of appeals: what was decided about me, contesting it, the queue, the answer."""

import pytest

from fairhand.people.accounts import make_operator
from fairhand.people.models import Appeal, Duty, Worker
from fairhand.work import appeals as deciding
from tests.appeals.test_appeals import (
    DECISIONS,
    WORDS,
    contest,
    fingerprint,
    late,
    restricted,
    suspended,
)
from tests.people.standing_actions import another_operator
from tests.web.conftest import SignIn, signed
from tests.world import World

__all__ = ["signed"]


def test_an_empty_page_says_what_would_be_here(world: World, signed: SignIn) -> None:
    page = signed(world.ada.account).get("/appeals").content.decode()
    assert "Nothing was decided against you" in page
    assert "/how-decisions-are-made" in page


@pytest.mark.parametrize("name", DECISIONS)
def test_each_kind_is_contested_and_answered_by_its_pages(
    world: World, signed: SignIn, name: str
) -> None:
    kind, subject = DECISIONS[name](world)
    petra = another_operator(world)
    ada, address = signed(world.ada.account), f"/appeals/contest/{kind}/{subject}"
    assert address in ada.get("/appeals").content.decode()
    assert "(optional)" in ada.get(address).content.decode()
    sent = ada.post(address, {"words": WORDS}, follow=True)
    appeal = Appeal.objects.get()
    assert sent.redirect_chain[-1][0] == f"/appeals/{appeal.ref}"
    assert ada.get(address)["Location"] == f"/appeals/{appeal.ref}"
    operator, page = signed(petra), f"/operator/appeals/{appeal.ref}"
    assert page in operator.get("/operator/appeals").content.decode()
    assert "1 decision is contested" in operator.get("/operator").content.decode()
    assert WORDS in operator.get(page).content.decode()
    unsaid = operator.post(page, {"verdict": "dismiss", "why": " "})
    assert unsaid.status_code == 422
    operator.post(page, {"verdict": "dismiss", "why": "One face, two accounts."})
    seen = ada.get(f"/appeals/{appeal.ref}").content.decode()
    assert "One face, two accounts." in seen
    assert "The decision stays" in seen
    assert petra.email not in seen
    assert "Nothing is contested" in operator.get("/operator/appeals").content.decode()


def test_an_appeal_is_taken_back_by_its_page(world: World, signed: SignIn) -> None:
    appeal = contest(world, suspended(world))
    ada = signed(world.ada.account)
    page = ada.post(f"/appeals/{appeal.ref}/withdraw", follow=True).content.decode()
    assert "You can contest the decision again" in page
    assert f"/appeals/contest/standing/{appeal.subject}" in page
    seen = ada.get(f"/appeals/{appeal.ref}").content.decode()
    assert "Taken back" in seen


def test_nobody_reads_or_takes_back_what_is_somebody_elses(world: World, signed: SignIn) -> None:
    appeal = contest(world, suspended(world))
    before = fingerprint()
    ben = signed(world.ben.account)
    assert ben.get(f"/appeals/{appeal.ref}").status_code == 404
    assert ben.post(f"/appeals/{appeal.ref}/withdraw").status_code == 404
    assert ben.get(f"/appeals/contest/standing/{appeal.subject}").status_code == 404
    assert WORDS not in ben.get("/appeals").content.decode()
    assert fingerprint() == before


@pytest.mark.parametrize("duty", Duty)
def test_the_queue_holds_what_ones_duties_let_one_answer(
    world: World, signed: SignIn, duty: Duty
) -> None:
    theirs = {Duty.QUALITY: contest(world, restricted(world))}
    theirs[Duty.SUPPORT] = contest(world, suspended(world))
    make_operator(world.oscar, [duty])
    oscar = signed(world.oscar)
    page = oscar.get("/operator/appeals").content.decode()
    for needed, appeal in theirs.items():
        assert (appeal.ref in page) is (needed == duty)
        status = oscar.get(f"/operator/appeals/{appeal.ref}").status_code
        assert status == (200 if needed == duty else 403)


def test_the_only_operator_is_told_that_it_takes_a_second_one(world: World, signed: SignIn) -> None:
    appeal = contest(world, suspended(world))
    olga, page = signed(world.olga), f"/operator/appeals/{appeal.ref}"
    shown = olga.get(page).content.decode()
    assert "You made the decision that is contested" in shown
    assert "make one with `fairhand account" in shown
    assert "Undo the decision" not in shown
    assert olga.post(page, {"verdict": "uphold", "why": "why"}).status_code == 403
    assert Worker.objects.get(pk=world.ada.pk).standing == "suspended"


def test_the_most_urgent_stands_first_and_what_is_late_says_so(
    world: World, signed: SignIn
) -> None:
    urgent = contest(world, restricted(world))
    later = contest(world, suspended(world))
    page = signed(world.olga).get("/operator/appeals").content.decode()
    assert page.index(urgent.ref) < page.index(later.ref)
    late(later)
    page = signed(world.olga).get("/operator/appeals").content.decode()
    assert page.index(later.ref) < page.index(urgent.ref)
    assert "Time is over" in page
    ada = signed(world.ada.account)
    assert "The time to answer is over" in ada.get(f"/appeals/{later.ref}").content.decode()
    assert deciding.lapse() == 1
    assert "Nobody answered" in ada.get(f"/appeals/{later.ref}").content.decode()


@pytest.mark.parametrize("verdict", ["", "delete", "UPHOLD"])
def test_a_verdict_that_is_none_decides_nothing(world: World, signed: SignIn, verdict: str) -> None:
    appeal, petra = contest(world, suspended(world)), another_operator(world)
    before = fingerprint()
    page = f"/operator/appeals/{appeal.ref}"
    assert signed(petra).post(page, {"verdict": verdict, "why": "x"}).status_code == 200
    assert fingerprint() == before
