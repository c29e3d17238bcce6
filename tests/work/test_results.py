"""The answer the crowd gave, with confidence and evidence."""

import pytest

from fairhand.projects.batches import make_project
from fairhand.work.models import Result
from fairhand.work.results import compute_results
from tests.world import BAD, GOOD, INTERFACE, World, caller, crowd, turn, work_through


def test_a_result_is_what_most_say_with_how_many_said_it(world: World) -> None:
    batch = world.batch(tasks=6, overlap=3, page_size=6)
    for n, who in enumerate(crowd(3)):
        work_through(who, batch, BAD if n == 0 else GOOD)
    for method in ("majority", "dawid-skene"):
        assert compute_results(batch, method) == 6
        found = list(Result.objects.filter(batch=batch).order_by("position"))
        assert [result.position for result in found] == list(range(6))
        for result in found:
            assert result.value == GOOD
            assert result.votes == {"mood": {"good": 2, "bad": 1}}
            assert (result.method, result.answers) == (method, 3)
            assert 0.5 < result.confidence <= 1


def test_gold_gets_no_result_but_teaches_who_is_right(world: World) -> None:
    batch = world.batch(tasks=40, gold=30, overlap=3, page_size=10, gold_permille=500)
    good, bad1, bad2 = crowd(3)
    # Two of three give the wrong answer, everywhere alike; gold shows who is right.
    work_through(good, batch, GOOD)
    for who in (bad1, bad2):
        work_through(who, batch, BAD)
    assert compute_results(batch, "dawid-skene") == 10
    values = Result.objects.filter(batch=batch).values_list("position", "value")
    assert {position for position, _ in values} == set(range(30, 40))
    assert all(value == GOOD for _, value in values)
    compute_results(batch, "majority")
    assert all(result.value == BAD for result in Result.objects.filter(batch=batch))


def test_computing_again_replaces_what_was_there(world: World) -> None:
    batch = world.batch(tasks=4, overlap=3, page_size=2)
    ada = caller(world.ada)
    turn(ada, batch)
    turn(ada, batch, {"no": 1, "items": [{"item": 0}, {"item": 1}]})
    assert compute_results(batch) == 2
    work_through(caller(world.ben), batch)
    assert compute_results(batch) == 4
    assert Result.objects.filter(batch=batch).count() == 4


def test_a_batch_without_answers_has_no_results(world: World) -> None:
    assert compute_results(world.batch()) == 0


def test_batches_keep_their_results_apart(world: World) -> None:
    one, other = world.batch(tasks=2, page_size=2), world.batch(tasks=2, page_size=2)
    work_through(caller(world.ada), one)
    work_through(caller(world.ben), other, BAD)
    compute_results(one)
    compute_results(other)
    assert {str(r.value) for r in Result.objects.filter(batch=one)} == {str(GOOD)}
    assert {str(r.value) for r in Result.objects.filter(batch=other)} == {str(BAD)}


def test_an_unknown_method_is_a_fault(world: World) -> None:
    with pytest.raises(AssertionError):
        compute_results(world.batch(), "oracle")


def test_each_field_has_its_votes_and_the_weakest_its_confidence(world: World) -> None:
    tone = {**INTERFACE["fields"][0], "name": "tone"}
    interface = {**INTERFACE, "fields": [INTERFACE["fields"][0], tone]}
    world.project = make_project(
        world.rita, world.organisation, name="Two", interface=interface, instructions=[]
    )
    batch = world.batch(tasks=2, overlap=4, page_size=2)
    for n, who in enumerate(crowd(4)):
        work_through(who, batch, {"mood": "good", "tone": "bad" if n else "good"})
    compute_results(batch, "majority")
    result = Result.objects.filter(batch=batch)[0]
    assert result.value == {"mood": "good", "tone": "bad"}
    assert result.votes == {"mood": {"good": 4}, "tone": {"bad": 3, "good": 1}}
    assert result.confidence == pytest.approx(0.75)


def test_a_gold_answer_may_leave_a_field_open(world: World) -> None:
    tone = {**INTERFACE["fields"][0], "name": "tone"}
    interface = {**INTERFACE, "fields": [INTERFACE["fields"][0], tone]}
    world.project = make_project(
        world.rita, world.organisation, name="Two", interface=interface, instructions=[]
    )
    batch = world.batch(tasks=4, gold=2, overlap=1, page_size=4, gold_permille=500)
    assert work_through(caller(world.ada), batch, {"mood": "good", "tone": "bad"}) == 4
    assert compute_results(batch) == 2
