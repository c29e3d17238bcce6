"""What happens seldom on the way to a page, and after one."""

import pytest

from fairhand.kit.decision import Refusal
from fairhand.pay.earnings import purses_of
from fairhand.people.models import Worker
from fairhand.people.standing import suspend
from fairhand.work import claims
from fairhand.work.access import look_again
from fairhand.work.models import Assignment
from fairhand.work.overviews import shares_of
from tests.pay.portal_cast import portal, works
from tests.world import World, caller, page_of, turn


def test_the_last_look_counts_like_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MOST_LOOKS", 1)
    assert page_of(turn(caller(world.ada), world.batch()))["no"] == 1


def test_who_is_suspended_is_not_let_go_on(world: World) -> None:
    batch = world.batch()
    page_of(turn(caller(world.ada), batch))
    assert suspend(world.ada.account, world.olga, days=3, why="Too many accounts.")
    answer = look_again(Worker.objects.get(pk=world.ada.pk), batch, None)
    assert isinstance(answer, Refusal)
    assert answer.code == "suspended"


def test_what_was_kept_of_a_page_is_told_and_what_is_no_page_is_passed_over(world: World) -> None:
    one = portal("one", world.ada, share=200)
    batch = world.batch(page_size=10)
    works(world.ada, batch, one)
    page = f"{batch.ref}/{world.ada.pk}/1"
    kept = Assignment.objects.get(batch=batch, no=1).share_micros
    assert kept == 100_000
    assert shares_of([page, "pay_1", f"{batch.ref}/{world.ada.pk}/9"]) == {page: kept}
    assert shares_of(["pay_1"]) == {}


def test_a_purse_is_empty_until_something_is_earned(world: World) -> None:
    one = portal("one", world.ada)
    works(world.ada, world.batch(), one)
    own, there = purses_of(world.ada, "EUR")
    assert (own.empty, there.empty) == (True, False)
