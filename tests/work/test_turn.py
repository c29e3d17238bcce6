"""The hot path: what a worker gets, keeps and is paid for."""

import json

from tests.world import World, caller, page_of, turn, work_through


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


def test_a_worker_gets_every_task_once(world: World) -> None:
    batch = world.batch(tasks=30, page_size=7, overlap=2)
    assert work_through(caller(world.ada), batch) == 30
    assert work_through(caller(world.ben), batch) == 30
    refused = turn(caller(world.ada), batch).refusal
    assert refused is not None
    assert refused.code == "nothing_left"
