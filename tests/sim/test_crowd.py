"""The crowd's turns, against a platform of plain values."""

import threading
from typing import Any, cast

import pytest

from fairhand.client import Item, Page, Problem, Refusal, Submitted, Turn, Worker
from fairhand.sim.crowd import Seat, work_off

DEADLINE: Any = None


class Platform:
    """Hands out pages of two tasks, as many as it has, and notes what happens."""

    def __init__(self, pages: int) -> None:
        self.left, self.lock = pages, threading.Lock()
        self.told: list[tuple[str, str]] = []

    def note(self, who: str, what: str) -> None:
        self.told.append((who, what))


class Hand:
    def __init__(self, platform: Platform, name: str) -> None:
        self.platform, self.name, self.no = platform, name, 0

    def turn(
        self,
        _batch: str,
        page: int | None = None,
        answers: list[dict[str, Any]] | None = None,
        *,
        give_back: bool = False,
    ) -> Turn:
        with self.platform.lock:
            if give_back:
                self.platform.left += 1
                self.platform.note(self.name, "gave back")
                return Turn(None, None, None, None)
            submitted = None
            if page is not None:
                assert [answer["item"] for answer in answers or []] == [0, 1]
                submitted = Submitted(page, 2, 20, repeated=False)
                self.platform.note(self.name, "handed in")
            if not self.platform.left:
                return Turn(submitted, None, None, Refusal("nothing_left", "Nothing is left."))
            self.platform.left -= 1
            self.no += 1
            items = [Item(0, {"text": "x"}), Item(1, {"text": "y"})]
            return Turn(submitted, Page(self.no, DEADLINE, 60, 20, items), None, None)


def seat(platform: Platform, name: str, **more: Any) -> Seat:
    judge = more.pop("judge", lambda data: ({"label": data["text"]}, 3.0))
    return Seat(cast("Worker", Hand(platform, name)), judge, **more)


def test_everybody_works_until_nothing_is_left() -> None:
    platform = Platform(pages=25)
    told: list[int] = []
    seats = [seat(platform, name) for name in "abc"]
    assert work_off(seats, "bat", threads=3, told=told.append) == 50
    assert sum(told) == sum(s.answers for s in seats) == 50
    assert {s.over for s in seats} == {"nothing_left"}


def test_nobody_comes_twice_before_everybody_came_once() -> None:
    platform = Platform(pages=30)
    work_off([seat(platform, name) for name in "abcd"], "bat", threads=1)
    assert sorted(who for who, _what in platform.told[:4]) == ["a", "b", "c", "d"]


def test_the_quick_come_more_often() -> None:
    platform = Platform(pages=40)
    quick = seat(platform, "quick", judge=lambda _data: ({}, 1.0))
    slow = seat(platform, "slow", judge=lambda _data: ({}, 9.0))
    work_off([slow, quick], "bat", threads=1)
    assert quick.answers > 4 * slow.answers


def test_without_turns_each_works_to_the_end() -> None:
    platform = Platform(pages=6)
    work_off([seat(platform, "late", clock=2.0), seat(platform, "early", clock=1.0)], "bat",
             threads=1, pages_a_turn=None)  # fmt: skip
    assert {who for who, _what in platform.told} == {"early"}


def test_who_goes_home_gives_the_page_back() -> None:
    platform = Platform(pages=10)
    one = seat(platform, "a", most_pages=2)
    assert work_off([one], "bat") == 4
    assert one.over == "went_home"
    assert [what for _who, what in platform.told] == ["handed in", "handed in", "gave back"]
    assert platform.left == 8


def test_who_leaves_between_turns_holds_nothing() -> None:
    platform = Platform(pages=4)
    seats = [seat(platform, "a"), seat(platform, "b", clock=1.0)]
    work_off(seats, "bat", threads=1, leaving=True)
    happened = [what for _who, what in platform.told]
    assert happened.count("handed in") == 4
    assert happened[:3] == ["handed in", "gave back", "handed in"]


def test_a_refusal_to_begin_ends_only_its_worker() -> None:
    platform = Platform(pages=3)
    barred = seat(platform, "barred")

    def refuse(*_words: Any, **_more: Any) -> Turn:
        raise Problem(403, "restricted", "You get no more pages of this batch.")

    cast("Any", barred.worker).turn = refuse
    assert work_off([barred, seat(platform, "a")], "bat") == 6
    assert barred.over == "restricted"


@pytest.mark.parametrize("threads", [1, 4])
def test_what_is_no_answer_is_raised_and_stops_everybody(threads: int) -> None:
    platform = Platform(pages=1000)
    broken = seat(platform, "broken", clock=5.0)

    def fail(*_words: Any, **_more: Any) -> Turn:
        raise Problem(500, "our_fault", "Something broke on our side.")

    cast("Any", broken.worker).turn = fail
    with pytest.raises(Problem, match="our_fault"):
        work_off([broken, *(seat(platform, n) for n in "abc")], "bat", threads=threads)
    assert platform.left > 0


def test_a_crowd_of_nobody_does_nothing() -> None:
    assert work_off([], "bat") == 0
