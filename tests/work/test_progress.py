"""Numbers for pages and programs: each equals what can be counted one by one."""

import json
from typing import Any

import pytest

from fairhand.kit.money import Money
from fairhand.pay import events
from fairhand.people.models import Worker
from fairhand.projects.models import Batch
from fairhand.work.models import Enrolment
from fairhand.work.opening import pause_batch
from fairhand.work.overviews import crowd_of, outlines, pages_held, results_of
from fairhand.work.progress import (
    answers_over_time,
    hourly_rate,
    offers_for,
    progress_of,
)
from fairhand.work.results import compute_results
from tests.world import (
    BAD,
    GOOD,
    World,
    balance_of,
    caller,
    crowd,
    page_of,
    rows,
    turn,
    work_through,
)


def recounted(batch: Batch) -> dict[str, int]:
    """The same numbers from the answers, pages and transfers themselves."""

    def one(query: str) -> int:
        return int(rows(query, batch.pk)[0][0] or 0)

    return {
        "tasks": one("select count(*) from projects_task where batch_id = %s"),
        "answers": one("select count(*) from work_answer where batch_id = %s"),
        "workers": one("select count(distinct worker_id) from work_answer where batch_id = %s"),
        "gold_seen": one('select count("right") from work_answer where batch_id = %s'),
        "gold_right": one('select count(*) from work_answer where batch_id = %s and "right"'),
        "pages_held": one(
            "select count(*) from work_assignment where batch_id = %s and state = 'open'"
        ),
        "pages_in_review": one(
            "select count(*) from work_assignment where batch_id = %s and state = 'submitted'"
        ),
        "escrow": balance_of(events.escrow(batch.ref, "EUR")),
        "paid": transferred(batch, "earn"),
        "fees": transferred(batch, "fee"),
    }


def transferred(batch: Batch, reason: str) -> int:
    query = (
        "select coalesce(sum(amount), 0) from ledger_transfer where reason = %s and source like %s"
    )
    return int(rows(query, reason, f"{batch.ref}/%")[0][0])


@pytest.mark.parametrize("terms", [{}, {"review_hours": 5}, {"gold_permille": 300}])
def test_progress_equals_a_recount(world: World, terms: dict[str, Any]) -> None:
    batch = world.batch(tasks=60, gold=20, page_size=5, overlap=3, **terms)
    other = world.batch(tasks=10, gold=2, gold_permille=200)
    ada, ben, eve = caller(world.ada), caller(world.ben), crowd(1)[0]
    work_through(ada, batch)
    turn(ben, batch, page_of(turn(ben, batch)), lambda item: BAD)
    turn(eve, batch)
    work_through(ben, other)
    shown = progress_of(batch)
    facts = recounted(batch)
    told = {name: getattr(shown, name) for name in facts}
    told |= {name: told[name].micros for name in ("escrow", "paid", "fees")}
    assert told == facts
    assert shown.escrow + shown.paid + shown.fees == reserved(batch)
    asked = 60 if terms.get("gold_permille") else 40
    assert shown.wanted == asked * 3
    assert shown.restricted == 0


def reserved(batch: Batch) -> Money:
    return Money(
        rows("select amount from ledger_transfer where reason='reserve' and source=%s", batch.ref)[
            0
        ][0],
        "EUR",
    )


def test_a_draft_has_made_no_progress(world: World) -> None:
    shown = progress_of(world.batch(opened=False))
    assert (shown.answers, shown.wanted, shown.workers, shown.escrow.micros) == (0, 0, 0, 0)


def test_a_list_shows_what_each_batchs_own_page_shows(world: World) -> None:
    batches = [world.batch(tasks=10, page_size=4, review_hours=1), world.batch(tasks=3)]
    work_through(caller(world.ada), batches[0])
    turn(caller(world.ben), batches[0])
    listed = outlines(batches)
    for batch in batches:
        shown = progress_of(batch)
        line = listed[batch.pk]
        assert (line.answers, line.wanted, line.pages_in_review) == (
            shown.answers,
            shown.wanted,
            shown.pages_in_review,
        )
    assert outlines([]) == {}


def test_answers_are_counted_by_the_minute_in_which_they_came(world: World) -> None:
    batch = world.batch(tasks=10, page_size=4)
    assert answers_over_time(batch) == []
    work_through(caller(world.ada), batch)
    turn(caller(world.ben), batch)
    counted = answers_over_time(batch)
    assert sum(n for _, n in counted) == 10
    assert all(at.second == 0 for at, _ in counted)


def test_an_hourly_rate_is_the_price_over_the_median_time(world: World) -> None:
    batch = world.batch(tasks=12, page_size=12, price_micros=50_000)
    work_through(caller(world.ada), batch)  # two seconds an answer
    rate = hourly_rate(batch)
    assert rate is not None
    assert (rate.hourly, rate.sample) == (Money(90_000_000, "EUR"), 12)


def test_until_there_are_enough_answers_the_rate_is_the_requesters_guess(world: World) -> None:
    unknown = world.batch(tasks=9, page_size=9)
    guessed = world.batch(tasks=9, page_size=9, expected_seconds=10)
    for batch in (unknown, guessed):
        work_through(caller(world.ada), batch)
    assert hourly_rate(unknown) is None
    rate = hourly_rate(guessed)
    assert rate is not None
    assert (rate.hourly.micros, rate.sample) == (18_000_000, 0)


def test_a_worker_is_offered_what_they_can_work_on_theirs_first_then_the_best_paid(
    world: World,
) -> None:
    started = world.batch(tasks=20, page_size=2, price_micros=10_000)
    rich = world.batch(price_micros=90_000)
    poor = world.batch(price_micros=20_000)
    world.batch(opened=False)
    paused, done = world.batch(), world.batch(tasks=2, overlap=1)
    pause_batch(paused, world.rita.ref)
    work_through(caller(world.ben), done)
    turn(caller(world.ada), started, page_of(turn(caller(world.ada), started)))
    offers = offers_for(world.ada)
    assert [offer.batch for offer in offers] == [started, rich, poor]
    assert (offers[0].answers, offers[0].earned.micros) == (2, 20_000)
    assert offers[0].restriction is None


def test_a_restricted_worker_still_sees_why(world: World) -> None:
    batch = world.batch(tasks=40, gold=20, page_size=10, gold_permille=500, bar_permille=700)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch)), BAD)
    assert Enrolment.objects.get().halted
    offer = offers_for(world.ada)[0]
    assert offer.restriction is not None
    assert offer.restriction.inputs["restricted"] is True
    assert progress_of(batch).restricted == 1


def test_a_worker_sees_what_they_hold_the_most_urgent_first(world: World) -> None:
    slow = world.batch(tasks=6, page_size=3, deadline_seconds=3600)
    quick = world.batch(tasks=6, page_size=2, deadline_seconds=60)
    ada = caller(world.ada)
    for batch in (slow, quick):
        turn(ada, batch)
    held = pages_held(world.ada)
    assert [(h.batch_ref, h.no, h.tasks) for h in held] == [(quick.ref, 1, 2), (slow.ref, 1, 3)]
    assert pages_held(world.ben) == []


def test_a_requester_sees_workers_under_their_pseudonyms_and_only_who_did_something(
    world: World,
) -> None:
    batch = world.batch(tasks=10, page_size=5)
    work_through(caller(world.ada), batch)
    ben = caller(world.ben)
    turn(ben, batch, page_of(turn(ben, batch)))
    turn(crowd(1)[0], batch)
    parts, total = crowd_of(batch, 10)
    assert [(part.worker_ref, part.answers, part.earned.micros) for part in parts] == [
        (world.ada.ref, 10, 500_000),
        (world.ben.ref, 5, 250_000),
    ]
    assert total == 2
    second, _ = crowd_of(batch, 1, 1)
    assert [part.worker_ref for part in second] == [world.ben.ref]
    assert crowd_of(world.batch(), 10) == ([], 0)
    assert Worker.objects.get(pk=world.ada.pk).account.name not in str(parts)


def test_results_are_listed_in_their_order_or_the_least_sure_first(world: World) -> None:
    batch = world.batch(tasks=4, overlap=3, page_size=4)
    for n, who in enumerate(crowd(3)):
        odd = "text 2" if n == 0 else ""
        work_through(who, batch, lambda item, odd=odd: BAD if item["data"]["text"] == odd else GOOD)
    compute_results(batch, "majority")
    assert [found.key for found in results_of(batch, "place", 10)] == ["k0", "k1", "k2", "k3"]
    unsure = results_of(batch, "unsure", 1)[0]
    assert (unsure.key, unsure.value, unsure.answers) == ("k2", {"mood": "good"}, 3)
    assert unsure.votes == {"mood": {"good": 2, "bad": 1}}
    assert unsure.data == {"text": "text 2"}
    assert json.dumps(unsure.confidence)
    with pytest.raises(KeyError):
        results_of(batch, "key; drop table work_result", 1)
