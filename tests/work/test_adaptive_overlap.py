"""Where the answers are sure enough nobody is asked again, and the money returns."""

from typing import Any

from fairhand.pay.funding import deposit_balance
from fairhand.projects.interface import parse
from fairhand.work.deadlines import finish_batches
from fairhand.work.overlap import is_sure
from tests.world import BAD, GOOD, INTERFACE, World, caller, crowd, rows, turn, work_through


def asked(world: World, **terms: Any) -> list[tuple[int, int]]:
    """Let ten agreeing workers go through a batch of 5 tasks; (answers, tasks) after it."""
    batch = world.batch(tasks=5, overlap=10, page_size=2, **terms)
    for who in crowd(10):
        work_through(who, batch)
    query = """select n, count(*) from (select count(*) as n from work_answer
               where batch_id = %s group by position) x group by n"""
    return [(n, tasks) for n, tasks in rows(query, batch.pk)]


def test_agreement_stops_the_asking(world: World) -> None:
    # Each newcomer's answer counts 3 : 1, so that 2 agree to 0.9, 3 to 0.964 and 5 to 0.996.
    assert asked(world, confidence_permille=890) == [(2, 5)]
    assert asked(world, confidence_permille=960) == [(3, 5)]
    assert asked(world, confidence_permille=995) == [(5, 5)]


def test_without_a_wanted_confidence_every_slot_is_filled(world: World) -> None:
    assert asked(world) == [(10, 5)]


def test_what_was_not_asked_is_not_paid(world: World) -> None:
    batch = world.batch(tasks=5, overlap=10, page_size=5, confidence_permille=890)
    for who in crowd(3):
        work_through(who, batch)
    assert finish_batches() == 1
    batch.refresh_from_db()
    assert batch.state == "settled"
    assert deposit_balance(world.organisation, "EUR").micros == 1_000_000_000 - 10 * 60_000


def test_disagreement_keeps_asking(world: World) -> None:
    batch = world.batch(tasks=5, overlap=4, page_size=5, confidence_permille=890)
    for n, who in enumerate(crowd(4)):
        work_through(who, batch, GOOD if n % 2 else BAD)
    assert rows("select count(*) from work_answer") == [(20,)]


def test_only_the_task_that_is_sure_is_closed(world: World) -> None:
    batch = world.batch(tasks=2, overlap=4, page_size=2, confidence_permille=890)
    for who in crowd(2):
        last = who
        work_through(who, batch)
    assert turn(last, batch).page is None
    batch = world.batch(tasks=2, overlap=4, page_size=2, confidence_permille=890)
    for n, who in enumerate(crowd(2)):
        work_through(
            who, batch, lambda item, n=n: BAD if n and item["data"]["text"] == "text 1" else GOOD
        )
    left = rows("select tasks[1], slots, open from work_bundle where batch_id = %s", batch.pk)
    assert sorted(left) == [(0, 0, False), (1, 2, True)]


def test_who_is_known_to_be_good_counts_for_more(world: World) -> None:
    interface = parse(INTERFACE)
    assert not is_sure(interface, [(GOOD, 0, 0)], 0.9)
    assert is_sure(interface, [(GOOD, 20, 20)], 0.9)
    assert not is_sure(interface, [(GOOD, 20, 20), (BAD, 20, 20)], 0.9)


def test_gold_does_not_count_as_asked(world: World) -> None:
    batch = world.batch(
        tasks=24, gold=20, overlap=3, page_size=2, confidence_permille=890, gold_permille=500
    )
    work_through(caller(world.ada), batch)
    closed = rows("select count(*) from work_bundle where gold and slots = 0")
    assert closed == [(0,)]


def test_every_field_must_be_sure(world: World) -> None:
    second = {**INTERFACE["fields"][0], "name": "tone"}
    interface = parse({**INTERFACE, "fields": [INTERFACE["fields"][0], second]})
    agreed = {"mood": "good", "tone": "good"}
    torn = {"mood": "good", "tone": "bad"}
    assert is_sure(interface, [(agreed, 5, 5)] * 2, 0.9)
    assert not is_sure(interface, [(agreed, 5, 5), (torn, 5, 5)], 0.9)
