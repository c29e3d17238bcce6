"""When does a worker lose access, what are they told, and how do they come back?"""

import json

from django.utils import translation

from fairhand.pay.earnings import earnings_of
from fairhand.projects.models import Batch
from fairhand.quality.gold import explain
from fairhand.work.access import access_to, lift, restrict_halted, standing_restriction
from fairhand.work.claims import Caller, Turn
from fairhand.work.deadlines import record_restrictions
from fairhand.work.models import Enrolment, Restriction
from tests.world import BAD, World, caller, count, history_of, page_of, rows, turn


def strict_batch(world: World) -> Batch:
    return world.batch(tasks=200, gold=100, page_size=10, gold_permille=500, bar_permille=700)


def fail_the_bar(who: Caller, batch: Batch) -> Turn:
    """Answer badly until there is no next page; returns the last turn."""
    page = page_of(turn(who, batch))
    for _ in range(20):
        done = turn(who, batch, page, BAD)
        if done.page is None:
            return done
        page = json.loads(done.page)
    raise AssertionError("the bar restricted nobody")


def test_who_fails_the_bar_is_told_with_numbers_and_paid_for_what_they_did(world: World) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    done = fail_the_bar(ada, batch)
    assert done.submitted is not None
    assert done.refusal is not None
    assert (done.refusal.code, done.hard, done.refusal.status) == ("restricted", False, 403)
    assert "0 of your 5 checked answers were right, and it asks for 70 %." in str(done.refusal)
    assert earnings_of(world.ada, "EUR").payable.micros == 500_000
    with translation.override("de"):
        assert "0" in str(done.refusal)


def test_a_decision_is_recorded_once_with_all_it_was_made_from(world: World) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    fail_the_bar(ada, batch)
    turn(ada, batch)
    restriction = Restriction.objects.get()
    assert (restriction.reason, restriction.rule, restriction.rule_version) == (
        "gold_accuracy",
        "gold-bar",
        1,
    )
    inputs = restriction.inputs
    again = explain(inputs["right"], inputs["seen"], inputs["bar"], inputs["evidence"])
    assert again == inputs
    assert again["restricted"] is True
    assert history_of("restriction", f"{batch.ref}/{world.ada.ref}") == [("none", "standing")]


def test_the_record_agrees_with_the_answers_themselves(world: World) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    fail_the_bar(ada, batch)
    told = rows('select count("right"), count(*) filter (where "right") from work_answer')[0]
    inputs = Restriction.objects.get().inputs
    assert (inputs["seen"], inputs["right"]) == told


def test_nobody_is_restricted_before_the_fewest_gold_answers(world: World) -> None:
    batch = world.batch(tasks=100, gold=50, page_size=2, gold_permille=500, bar_permille=700)
    ada, page = caller(world.ada), None
    for _ in range(5):
        page = page_of(turn(ada, batch, page, BAD))
    assert not Restriction.objects.exists()
    done = turn(ada, batch, page, BAD)
    assert done.refusal is not None
    assert done.refusal.code == "restricted"


def test_a_batch_without_a_bar_restricts_nobody(world: World) -> None:
    batch = world.batch(tasks=100, gold=50, page_size=10, gold_permille=500)
    ada, page = caller(world.ada), None
    for _ in range(6):
        page = page_of(turn(ada, batch, page, BAD))
    assert not Restriction.objects.exists()


def test_a_page_fetched_ahead_goes_back_when_the_one_before_it_fails_the_bar(
    world: World,
) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    first = page_of(turn(ada, batch))
    second = page_of(turn(ada, batch, verb="ahead"))
    assert turn(ada, batch, first, BAD).page is None
    refused = turn(ada, batch, second, BAD)
    assert refused.refusal is not None
    assert (refused.refusal.code, refused.hard) == ("page_returned", True)
    assert rows("select state from work_assignment order by no") == [("accepted",), ("returned",)]
    assert Enrolment.objects.get().held == []


def test_a_restricted_worker_is_out_of_this_batch_only(world: World) -> None:
    batch, other = strict_batch(world), world.batch()
    ada = caller(world.ada)
    fail_the_bar(ada, batch)
    answer = access_to(world.ada, batch)
    assert getattr(answer, "code", "") == "restricted"
    assert access_to(world.ben, batch)
    assert page_of(turn(ada, other))["no"] == 1


def test_a_lifted_restriction_lets_go_on_and_counts_anew(world: World) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    fail_the_bar(ada, batch)
    restriction = Restriction.objects.get()
    assert lift(restriction, world.olga, "the gold was wrong")
    assert standing_restriction(world.ada, batch) is None
    page = page_of(turn(ada, batch))
    assert page["no"] == 2
    assert turn(ada, batch, page).page is not None
    restriction.refresh_from_db()
    assert (restriction.lifted_by, restriction.lifted_why) == (world.olga, "the gold was wrong")
    moves = history_of("restriction", f"{batch.ref}/{world.ada.ref}")
    assert moves == [("none", "standing"), ("standing", "lifted")]


def test_who_fails_the_bar_again_after_it_was_lifted_is_restricted_again(world: World) -> None:
    batch, ada = strict_batch(world), caller(world.ada)
    fail_the_bar(ada, batch)
    lift(Restriction.objects.get(), world.rita, "another chance")
    fail_the_bar(ada, batch)
    lifted = Restriction.objects.order_by("pk").values_list("lifted_at", flat=True)
    assert [at is None for at in lifted] == [False, True]


def test_lifting_twice_is_lifting_once(world: World) -> None:
    batch = strict_batch(world)
    fail_the_bar(caller(world.ada), batch)
    restriction = Restriction.objects.get()
    assert lift(restriction, world.olga, "first")
    assert not lift(restriction, world.olga, "second")
    restriction.refresh_from_db()
    assert restriction.lifted_why == "first"
    assert len(history_of("restriction", f"{batch.ref}/{world.ada.ref}")) == 2


def test_a_decision_whose_recording_was_cut_short_is_recorded_later(world: World) -> None:
    batch = strict_batch(world)
    fail_the_bar(caller(world.ada), batch)
    Restriction.objects.all().delete()
    assert record_restrictions() == 1
    assert record_restrictions() == 0
    assert Restriction.objects.get().inputs["seen"] == 5


def test_a_late_recorder_does_not_restrict_who_was_just_let_on(world: World) -> None:
    batch = strict_batch(world)
    fail_the_bar(caller(world.ada), batch)
    restriction = Restriction.objects.get()
    lift(restriction, world.olga, "the gold was wrong")
    before = count("work_restriction"), count("kit_history")
    assert restrict_halted(world.ada, batch) == restriction
    assert (count("work_restriction"), count("kit_history")) == before
