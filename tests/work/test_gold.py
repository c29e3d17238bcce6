"""Gold: unrecognisable, never twice to the same worker, shown as often as any other task."""

import json
from collections import Counter

import pytest

from fairhand.projects.models import Batch
from tests.world import BAD, GOOD, World, caller, count, crowd, page_of, rows, turn, work_through


def gold_answers(batch: Batch) -> Counter[tuple[int, int]]:
    """How often each worker answered each gold task."""
    found = rows(
        'select worker_id, position from work_answer where batch_id = %s and "right" is not null',
        batch.pk,
    )
    return Counter((row[0], row[1]) for row in found)


def test_gold_is_mixed_in_at_its_share(world: World) -> None:
    batch = world.batch(tasks=120, gold=20, page_size=10, gold_permille=200)
    page = page_of(turn(caller(world.ada), batch))
    texts = {item["data"]["text"] for item in page["items"]}
    assert len(texts & {f"text {i}" for i in range(20)}) == 2
    assert len(texts) == 10


def test_a_page_of_one_is_gold_as_often_as_the_share_says(world: World) -> None:
    batch = world.batch(tasks=300, gold=100, page_size=1, gold_permille=250)
    work_through(caller(world.ada), batch)
    seen = rows('select count(*) filter (where "right" is not null) from work_answer')[0][0]
    assert 30 <= seen <= 100  # 200 ordinary pages, every third or fourth with gold before it


def test_gold_never_comes_twice_to_a_worker_nor_more_often_than_any_task(world: World) -> None:
    batch = world.batch(tasks=50, gold=8, page_size=5, gold_permille=400, overlap=3)
    for who in crowd(4):
        work_through(who, batch)
    seen = gold_answers(batch)
    assert seen
    assert set(seen.values()) == {1}
    assert max(Counter(position for _, position in seen).values()) <= 3


def test_when_gold_runs_out_the_work_goes_on(world: World) -> None:
    batch = world.batch(tasks=40, gold=2, page_size=5, gold_permille=400, overlap=1)
    assert work_through(caller(world.ada), batch) == 40


def test_gold_looks_like_any_other_task(world: World) -> None:
    batch = world.batch(tasks=60, gold=20, page_size=10, gold_permille=300)
    ada, page = caller(world.ada), None
    for _ in range(4):
        page = page_of(turn(ada, batch, page))
        shapes = {(tuple(item), tuple(item["data"])) for item in page["items"]}
        assert shapes == {(("item", "data"), ("text",))}
        told = json.dumps(page).lower()
        assert not any(word in told for word in ("gold", "expected", "right", "position", "key"))


def test_gold_stands_anywhere_on_the_page(world: World) -> None:
    batch = world.batch(tasks=400, gold=100, page_size=5, gold_permille=200, overlap=1)
    ada, page, places = caller(world.ada), None, Counter[int]()
    for _ in range(60):
        page = page_of(turn(ada, batch, page))
        places.update(
            item["item"] for item in page["items"] if int(item["data"]["text"].split()[1]) < 100
        )
    assert sum(places.values()) == 60
    assert len(places) == 5
    assert max(places.values()) < 30


@pytest.mark.parametrize(("size", "permille"), [(10, 10), (10, 150), (10, 250), (6, 100), (7, 330)])
def test_a_page_is_as_long_with_gold_as_without(world: World, size: int, permille: int) -> None:
    batch = world.batch(tasks=400, gold=20, page_size=size, gold_permille=permille, overlap=1)
    ada, page, lengths = caller(world.ada), None, set()
    for _ in range(35):  # by then Ada has had all the gold there is, where it is frequent
        page = page_of(turn(ada, batch, page))
        lengths.add(len(page["items"]))
    assert lengths == {size}


def test_two_pages_side_by_side_do_not_tell_gold(world: World) -> None:
    batch = world.batch(tasks=400, gold=40, page_size=10, gold_permille=100, overlap=5)
    pages = [
        {item["data"]["text"] for item in page_of(turn(who, batch))["items"]} for who in crowd(6)
    ]
    ordinary = [page - {f"text {i}" for i in range(40)} for page in pages]
    assert len(set().union(*ordinary)) > 20  # not the same nine tasks six times
    assert any("text 40" not in page for page in pages)


def test_pay_is_the_same_for_gold(world: World) -> None:
    batch = world.batch(tasks=60, gold=20, page_size=10, gold_permille=300)
    assert page_of(turn(caller(world.ada), batch))["pay_micros"] == 500_000


def test_gold_answers_are_scored_and_ordinary_ones_are_not(world: World) -> None:
    batch = world.batch(tasks=20, gold=10, page_size=10, gold_permille=500, overlap=1)
    work_through(caller(world.ada), batch, lambda item: GOOD if item["item"] % 2 else BAD)
    wrong = "select count(*) from work_answer where \"right\" <> (value ->> 'mood' = 'good')"
    assert rows(wrong) == [(0,)]
    assert rows('select count(*) from work_answer where "right" is null') == [(10,)]
    scored = rows("select gold_seen, gold_right from work_enrolment")[0]
    told = rows('select count("right"), count(*) filter (where "right") from work_answer')[0]
    assert scored == told
    assert count("work_answer") == 10 + scored[0]


def test_two_newcomers_begin_with_different_gold(world: World) -> None:
    batch = world.batch(tasks=300, gold=100, page_size=5, gold_permille=200, overlap=10)
    starts = set()
    for who in crowd(8):
        page = page_of(turn(who, batch))
        starts |= {
            item["data"]["text"]
            for item in page["items"]
            if int(item["data"]["text"].split()[1]) < 100
        }
    assert len(starts) > 3
