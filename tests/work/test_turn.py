"""The hot path: what a worker gets, keeps and is paid for."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fairhand.kit import database
from fairhand.kit.decision import UnusableInput
from fairhand.pay.earnings import earnings_of
from fairhand.people.models import Worker
from fairhand.projects.models import Batch
from fairhand.work.access import enter
from fairhand.work.claims import Caller, ItemAnswer, take_turn
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.opening import close_batch, open_batch, pause_batch, resume_batch
from fairhand.work.uploading import TaskRow, upload_tasks
from tests.world import (
    BAD,
    GOOD,
    World,
    caller,
    crowd,
    let_pass,
    page_of,
    rows,
    state_of_money,
    turn,
    work_through,
)


def code_of(done: Any) -> str | None:
    return done.refusal.code if done.refusal is not None else None


def payable(worker: Worker) -> int:
    return earnings_of(worker, "EUR").payable.micros


def free_slots(batch: Batch) -> int:
    return int(rows("select sum(slots) from work_bundle where batch_id = %s", batch.pk)[0][0])


def test_a_page_handed_in_brings_the_next(world: World) -> None:
    batch = world.batch(tasks=30, page_size=10)
    ada = caller(world.ada)
    first = page_of(turn(ada, batch))
    done = turn(ada, batch, first)
    assert json.loads(done.submitted or "null") == {
        "page": 1,
        "answers": 10,
        "earned_micros": 500_000,
        "repeated": False,
    }
    assert page_of(done)["no"] == 2
    assert payable(world.ada) == 500_000


def test_a_worker_gets_every_task_once(world: World) -> None:
    batch = world.batch(tasks=30, page_size=7, overlap=2)
    assert work_through(caller(world.ada), batch) == 30
    assert work_through(caller(world.ben), batch) == 30
    assert code_of(turn(caller(world.ada), batch)) == "nothing_left"
    assert rows("select count(distinct (position, worker_id)) from work_answer") == [(60,)]


def test_a_page_shows_its_items_its_time_and_its_pay_and_no_more(world: World) -> None:
    batch = world.batch(tasks=3, page_size=3, deadline_seconds=600)
    page = page_of(turn(caller(world.ada), batch))
    assert set(page) == {"no", "deadline", "seconds_left", "pay_micros", "items"}
    assert 590 <= page["seconds_left"] <= 600
    assert page["pay_micros"] == 150_000
    assert [item["item"] for item in page["items"]] == [0, 1, 2]
    assert {item["data"]["text"] for item in page["items"]} == {"text 0", "text 1", "text 2"}
    assert all(set(item) == {"item", "data"} for item in page["items"])


def test_two_tabs_show_the_same_page(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    assert page_of(turn(ada, batch)) == page_of(turn(ada, batch))
    assert Assignment.objects.filter(batch=batch).count() == 1


def test_one_page_may_be_fetched_ahead_and_no_more(world: World) -> None:
    batch, ada = world.batch(tasks=30, page_size=5, deadline_seconds=600), caller(world.ada)
    first = page_of(turn(ada, batch))
    second = page_of(turn(ada, batch, verb="ahead"))
    assert (first["no"], second["no"]) == (1, 2)
    assert page_of(turn(ada, batch, verb="ahead"))["no"] == 2
    assert second["seconds_left"] > 1150  # it waits for the one before it
    after = turn(ada, batch, first)
    assert page_of(after)["no"] == 2
    assert page_of(turn(ada, batch, second))["no"] == 3


def test_what_is_held_is_not_handed_out_again_on_the_second_round(world: World) -> None:
    batch, ada = world.batch(tasks=2, page_size=1, overlap=3), caller(world.ada)
    first = page_of(turn(ada, batch))
    second = page_of(turn(ada, batch, verb="ahead"))
    assert first["items"][0]["data"] != second["items"][0]["data"]
    turn(ada, batch, first)
    assert code_of(turn(ada, batch, second)) == "nothing_left"


def test_a_page_that_is_given_back_is_free_for_all_and_pays_nothing(world: World) -> None:
    batch, ada = world.batch(tasks=5, page_size=5, overlap=1), caller(world.ada)
    page = page_of(turn(ada, batch))
    assert code_of(turn(caller(world.ben), batch)) == "nothing_left"
    back = turn(ada, batch, page, verb="give_back")
    assert (back.submitted, back.page, back.refusal) == (None, None, None)
    assert payable(world.ada) == 0
    assert page_of(turn(caller(world.ben), batch))["no"] == 1


def test_who_gave_a_page_back_may_have_it_again(world: World) -> None:
    batch, ada = world.batch(tasks=5, page_size=5, overlap=1), caller(world.ada)
    page = page_of(turn(ada, batch))
    turn(ada, batch, page, verb="give_back")
    again = page_of(turn(ada, batch))
    assert again["no"] == 2
    assert code_of(turn(ada, batch, again)) == "nothing_left"
    assert payable(world.ada) == 250_000


def test_giving_back_twice_is_giving_back_once(world: World) -> None:
    batch, ada = world.batch(tasks=5, page_size=5, overlap=1), caller(world.ada)
    page = page_of(turn(ada, batch))
    for _ in range(2):
        assert turn(ada, batch, page, verb="give_back").refusal is None
    assert free_slots(batch) == 1


def test_a_page_that_was_given_back_cannot_be_handed_in(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    page = page_of(turn(ada, batch))
    turn(ada, batch, page, verb="give_back")
    before = state_of_money()
    done = turn(ada, batch, page)
    assert (code_of(done), done.hard) == ("page_returned", True)
    assert state_of_money() == before


def test_a_page_that_was_handed_in_cannot_be_given_back(world: World) -> None:
    batch, ada = world.batch(tasks=5, page_size=5, overlap=1), caller(world.ada)
    page = page_of(turn(ada, batch))
    turn(ada, batch, page)
    assert code_of(turn(ada, batch, page, verb="give_back")) == "already_submitted"
    assert free_slots(batch) == 0
    assert payable(world.ada) == 250_000


def test_handing_in_again_pays_once_and_says_so(world: World) -> None:
    batch, ada = world.batch(tasks=30, page_size=10), caller(world.ada)
    page = page_of(turn(ada, batch))
    first = turn(ada, batch, page)
    before = state_of_money()
    again = turn(ada, batch, page)
    assert json.loads(again.submitted or "null")["repeated"] is True
    assert again.page == first.page
    assert state_of_money() == before
    assert payable(world.ada) == 500_000


def test_handing_in_again_with_other_answers_is_refused(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    page = page_of(turn(ada, batch))
    turn(ada, batch, page, GOOD)
    before = state_of_money()
    done = turn(ada, batch, page, BAD)
    assert (code_of(done), done.hard, done.submitted) == ("already_submitted", True, None)
    assert state_of_money() == before
    assert rows("select distinct value ->> 'mood' from work_answer") == [("good",)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answers: answers[:-1],
        lambda answers: [*answers, answers[0]],
        lambda answers: [*answers[:-1], answers[0]],
        lambda answers: [*answers[:-1], ItemAnswer(len(answers), GOOD)],
        lambda _answers: [],
    ],
    ids=["one missing", "one too many", "one twice", "a stranger", "none"],
)
def test_an_incomplete_page_is_refused_and_nothing_changed(
    world: World, spoil: Callable[[list[ItemAnswer]], list[ItemAnswer]]
) -> None:
    batch, ada = world.batch(tasks=5, page_size=5), caller(world.ada)
    page = page_of(turn(ada, batch))
    before = state_of_money()
    answers = spoil([ItemAnswer(item["item"], GOOD) for item in page["items"]])
    done = take_turn(database.direct(), ada, batch.ref, page=page["no"], answers=answers)
    assert (code_of(done), done.hard) == ("incomplete_page", True)
    assert state_of_money() == before
    assert page_of(turn(ada, batch)) == page


@pytest.mark.parametrize("value", [{}, {"mood": "so-so"}, {"mood": 1}, {"mood": "good", "x": 1}])
def test_an_answer_that_was_not_offered_is_refused_and_nothing_changed(
    world: World, value: dict[str, Any]
) -> None:
    batch, ada = world.batch(tasks=5, page_size=5), caller(world.ada)
    page = page_of(turn(ada, batch))
    before = state_of_money()
    with pytest.raises(UnusableInput) as refused:
        turn(ada, batch, page, lambda item: value if item["item"] == 3 else GOOD)
    assert {problem.line for problem in refused.value.problems} == {4}
    assert state_of_money() == before


def test_a_page_belongs_to_the_worker_who_holds_it(world: World) -> None:
    batch, ada, ben = world.batch(), caller(world.ada), caller(world.ben)
    page = page_of(turn(ada, batch))
    turn(ben, batch)
    turn(ben, batch, page_of(turn(ben, batch)))
    page["no"] = 7
    done = turn(ben, batch, page)
    assert (code_of(done), done.hard) == ("no_such_page", True)


@pytest.mark.parametrize("no", [0, -1, 2**31, 10**30])
def test_a_page_number_that_cannot_be_is_no_page(world: World, no: int) -> None:
    batch, ada = world.batch(), caller(world.ada)
    turn(ada, batch)
    assert code_of(take_turn(database.direct(), ada, batch.ref, page=no)) == "no_such_page"


@pytest.mark.parametrize("ref", ["bat_never", "", "x" * 500, "bat\0", "bät", "' or 1=1 --"])
def test_a_batch_that_is_not_there_is_not_there(world: World, ref: str) -> None:
    answers = [ItemAnswer(0, GOOD)]
    done = take_turn(database.direct(), caller(world.ada), ref, page=1, answers=answers)
    assert (code_of(done), done.hard) == ("no_such_batch", True)


def test_somebody_who_is_nobody_is_asked_to_sign_in(world: World) -> None:
    batch = world.batch()
    for secret in ("guess", "", "zero\0"):
        for kind in ("key", "session"):
            who = Caller(kind, secret)
            assert code_of(turn(who, batch)) == "not_signed_in"


def test_a_draft_is_not_worked_on(world: World) -> None:
    batch = world.batch(opened=False)
    done = turn(caller(world.ada), batch)
    assert (code_of(done), done.hard) == ("batch_draft", True)
    assert not Enrolment.objects.exists()


def test_a_paused_batch_hands_out_nothing_but_takes_and_pays_what_is_held(world: World) -> None:
    batch, ada = world.batch(tasks=20, page_size=10), caller(world.ada)
    page = page_of(turn(ada, batch))
    assert pause_batch(batch, world.rita.ref)
    done = turn(ada, batch, page)
    assert (code_of(done), done.hard) == ("batch_paused", False)
    assert done.submitted is not None
    assert payable(world.ada) == 500_000
    assert code_of(turn(caller(world.ben), batch)) == "batch_paused"
    assert resume_batch(batch, world.rita.ref)
    assert page_of(turn(ada, batch))["no"] == 2


def test_a_page_that_is_held_when_its_batch_closes_is_paid(world: World) -> None:
    batch, ada = world.batch(tasks=20, page_size=10), caller(world.ada)
    page = page_of(turn(ada, batch))
    assert close_batch(batch, world.rita.ref, "enough")
    done = turn(ada, batch, page)
    assert code_of(done) == "batch_closed"
    assert payable(world.ada) == 500_000


def test_the_time_of_a_page_runs_out(world: World) -> None:
    batch, ada = (
        world.batch(tasks=5, page_size=5, overlap=1, deadline_seconds=600),
        caller(world.ada),
    )
    page = page_of(turn(ada, batch))
    let_pass(batch, 601)
    before = state_of_money()
    done = turn(ada, batch, page)
    assert (code_of(done), done.hard) == ("page_expired", True)
    assert state_of_money() == before
    assert page_of(turn(caller(world.ben), batch))["items"][0]["data"]
    assert code_of(turn(ada, batch, page)) == "page_expired"
    assert code_of(turn(ada, batch, page, verb="give_back")) == "page_expired"


def test_a_page_that_ran_out_is_replaced_by_a_new_one(world: World) -> None:
    batch, ada = world.batch(tasks=5, page_size=5, overlap=1), caller(world.ada)
    turn(ada, batch)
    let_pass(batch, 10_000)
    assert page_of(turn(ada, batch))["no"] == 2
    assert rows("select state from work_assignment order by no") == [("expired",), ("open",)]


def test_seconds_that_cannot_be_are_cut_to_what_can(world: World) -> None:
    batch, ada = world.batch(tasks=4, page_size=4), caller(world.ada)
    page = page_of(turn(ada, batch))
    told = [-5.0, 1e300, None, 2.5]
    answers = [ItemAnswer(i, GOOD, seconds) for i, seconds in enumerate(told)]
    take_turn(database.direct(), ada, batch.ref, page=page["no"], answers=answers)
    kept = [row[0] for row in rows("select seconds from work_answer")]
    assert sorted(kept, key=str) == [0.0, 2.5, 86400.0, None]


def test_a_slot_is_given_to_one_worker_only(world: World) -> None:
    batch = world.batch(tasks=6, page_size=2, overlap=2)
    given = [turn(who, batch) for who in crowd(9)]
    assert sum(done.page is not None for done in given) == 6
    assert free_slots(batch) == 0


def test_the_last_page_holds_what_is_left(world: World) -> None:
    batch = world.batch(tasks=7, page_size=5, overlap=1)
    ada = caller(world.ada)
    first = page_of(turn(ada, batch))
    last = page_of(turn(ada, batch, first))
    assert (len(first["items"]), len(last["items"])) == (5, 2)
    assert last["pay_micros"] == 100_000


def test_an_enrolled_worker_who_is_suspended_gets_no_more(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    turn(ada, batch)
    until = timezone.now() + timedelta(days=1)
    Worker.objects.filter(pk=world.ada.pk).update(standing="suspended", suspended_until=until)
    assert code_of(turn(ada, batch)) == "suspended"


def test_a_worker_gets_of_a_task_only_what_its_interface_shows(world: World) -> None:
    batch = world.batch(tasks=2, opened=False)
    upload_tasks(batch, [TaskRow(2, {"text": "shown", "truth": "hidden"}, "with-more")])
    world.fund()
    assert open_batch(batch, world.rita.ref)
    items = page_of(turn(caller(world.ada), batch))["items"]
    assert [set(item["data"]) for item in items] == [{"text"}] * 3


def test_nobody_works_on_a_batch_of_their_own_organisation(world: World) -> None:
    batch = world.batch()
    owner = Worker.objects.create(account=world.rita)
    assert code_of(turn(caller(owner), batch)) == "own_batch"


def test_a_suspended_worker_is_not_let_in(world: World) -> None:
    until = timezone.now() + timedelta(days=1)
    Worker.objects.filter(pk=world.ada.pk).update(standing="suspended", suspended_until=until)
    answer = enter(world.ada, world.batch())
    assert getattr(answer, "code", "") == "suspended"
