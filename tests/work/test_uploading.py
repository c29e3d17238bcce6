"""Tasks come in: checked one by one, stored all or not at all."""

from collections.abc import Iterator
from typing import Any

import pytest

from fairhand.kit.decision import Refused, UnusableInput
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch, Task
from fairhand.projects.reading import TaskRow
from fairhand.quality.models import Gold
from fairhand.work import uploading
from fairhand.work.models import Reservation
from fairhand.work.uploading import upload_tasks
from tests.world import BAD, GOOD, World, count

TABLES = ("projects_task", "quality_gold", "work_reservation")


def draft(world: World, **terms: Any) -> Batch:
    return make_batch(world.rita, world.project, Terms(name="Moods", price_micros=50_000, **terms))


def row(line: int, text: str = "hello", **more: Any) -> TaskRow:
    return TaskRow(line, {"text": text}, **more)


def refusal_of(batch: Batch, *rows: TaskRow) -> list[str]:
    """Upload what must be refused; nothing may be stored of it."""
    before = [count(table) for table in TABLES]
    with pytest.raises(UnusableInput) as refused:
        upload_tasks(batch, rows)
    assert [count(table) for table in TABLES] == before
    batch.refresh_from_db()
    assert batch.tasks == Task.objects.filter(batch=batch).count()
    return [str(problem) for problem in refused.value.problems]


def test_tasks_are_stored_in_their_order_with_their_data(world: World) -> None:
    batch = draft(world)
    rows = [
        row(2, "\N{SNOWMAN} \\u0041 \t \\", key="a"),
        TaskRow(3, {"text": "x", "n": [1, {"y": None}], "": 0.5}),
    ]
    assert upload_tasks(batch, rows) == 2
    stored = Task.objects.filter(batch=batch).order_by("position")
    assert [(task.position, task.key, task.data) for task in stored] == [
        (0, "a", {"text": "\N{SNOWMAN} \\u0041 \t \\"}),
        (1, "2", {"text": "x", "n": [1, {"y": None}], "": 0.5}),
    ]


def test_a_second_file_goes_on_where_the_first_ended(world: World) -> None:
    batch = draft(world)
    for _ in range(2):
        assert upload_tasks(batch, [row(1), row(2)]) == 2
    batch.refresh_from_db()
    assert batch.tasks == 4
    positions = Task.objects.filter(batch=batch).order_by("position").values_list("position", "key")
    assert list(positions) == [(0, "1"), (1, "2"), (2, "3"), (3, "4")]


def test_gold_is_stored_apart_from_what_workers_see(world: World) -> None:
    batch = draft(world)
    upload_tasks(batch, [row(1), row(2, gold=BAD)])
    assert list(Gold.objects.values_list("position", "expected")) == [(1, BAD)]
    assert Task.objects.get(batch=batch, position=1).data == {"text": "hello"}


def test_kept_tasks_are_stored_with_their_workers_once_each(world: World) -> None:
    batch = draft(world, reserved=True)
    ada, ben = world.ada.ref, world.ben.ref
    upload_tasks(batch, [row(1, reserved_for=[ada, ben, ada]), row(2, reserved_for=[ben])])
    kept = Reservation.objects.order_by("turn", "worker_id").values_list("turn", "worker_id")
    assert list(kept) == [(0, world.ada.pk), (0, world.ben.pk), (1, world.ben.pk)]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (TaskRow(7, {}), "Line 7, field text: A task needs text here."),
        (TaskRow(7, {"text": 5}), "Line 7, field text: A task needs text here."),
        (TaskRow(7, {"text": "  "}), "Line 7, field text: A task needs text here."),
        (row(7, key="k" * 201), "Line 7, field key: A key has at most 200 letters."),
        (row(7, "a\0b"), "Line 7: The text holds a character with the number zero."),
        (row(7, key="a\0b"), "Line 7: The text holds a character with the number zero."),
        (row(7, gold={"mood": "so-so"}), "Line 7, field gold.mood: Choose one of the offered"),
        (row(7, gold={"mud": "good"}), "Line 7, field gold.mud: There is no such field."),
        (row(7, gold={}), "Line 7, field gold: A known answer names at least one field."),
        (row(7, reserved_for=["wrk_x"]), "Line 7, field reserved_for: This batch is open to all"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_nothing_is_stored(
    world: World, made: TaskRow, told: str
) -> None:
    problems = refusal_of(draft(world), row(6), made, row(8))
    assert len(problems) == 1
    assert problems[0].startswith(told)


def test_kept_tasks_name_workers_who_exist(world: World) -> None:
    batch = draft(world, reserved=True)
    assert refusal_of(batch, row(4)) == [
        "Line 4, field reserved_for: Say for whom this task is kept, or none in the batch."
    ]
    assert refusal_of(batch, row(4, reserved_for=["wrk_nobody", world.ada.ref])) == [
        "Line 4, field reserved_for: There is no worker “wrk_nobody”."
    ]


def test_a_key_is_used_once_in_a_batch(world: World) -> None:
    batch = draft(world)
    told = "field key: The key “a” is used more than once."
    assert refusal_of(batch, row(4, key="a"), row(9, key="a")) == [f"Line 4, {told}"]
    upload_tasks(batch, [row(1, key="a")])
    assert refusal_of(batch, row(4, key="b"), row(5, key="a")) == [told.replace("f", "F", 1)]
    upload_tasks(draft(world), [row(1, key="a")])


def test_every_fault_is_named_up_to_a_hundred_and_then_reading_stops(world: World) -> None:
    read = []

    def rows() -> Iterator[TaskRow]:
        for line in range(1, 1000):
            read.append(line)
            yield TaskRow(line, {})

    with pytest.raises(UnusableInput) as refused:
        upload_tasks(draft(world), rows())
    assert [problem.line for problem in refused.value.problems] == list(range(1, 101))
    assert len(read) == 100


def test_a_file_without_tasks_is_refused(world: World) -> None:
    assert refusal_of(draft(world)) == ["The file holds no tasks."]


def test_a_file_that_breaks_off_stores_nothing(world: World) -> None:
    batch = draft(world)

    def rows() -> Iterator[TaskRow]:
        yield row(1)
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="went dead"):
        upload_tasks(batch, rows())
    batch.refresh_from_db()
    assert (batch.tasks, count("projects_task")) == (0, 0)


def test_a_batch_has_a_greatest_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MAX_TASKS", 2)
    problems = refusal_of(draft(world), row(1), row(2), row(3))
    assert problems == ["Line 3: A batch holds at most ten million tasks; make a second one."]


def test_an_opened_batch_takes_no_more_tasks(world: World) -> None:
    batch = world.batch(tasks=3)
    with pytest.raises(Refused, match="was opened already"):
        upload_tasks(batch, [row(1, gold=GOOD)])
    assert count("projects_task") == 3
