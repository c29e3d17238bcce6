"""Tasks that are kept for named workers."""

from fairhand.people.models import Worker
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch
from fairhand.projects.reading import TaskRow
from fairhand.work.deadlines import cannot_go_on
from fairhand.work.models import Enrolment
from fairhand.work.opening import batch_cost, open_batch
from fairhand.work.progress import offers_for
from fairhand.work.uploading import upload_tasks
from tests.world import World, caller, let_pass, page_of, turn, work_through


def kept(world: World, *for_whom: list[Worker], page_size: int = 2) -> Batch:
    """An open batch with a task for each list of workers."""
    terms = Terms(name="Kept", price_micros=50_000, reserved=True, page_size=page_size)
    batch = make_batch(world.rita, world.project, terms)
    rows = [
        TaskRow(i, {"text": f"text {i}"}, reserved_for=[worker.ref for worker in workers])
        for i, workers in enumerate(for_whom)
    ]
    upload_tasks(batch, rows)
    world.fund()
    batch.refresh_from_db()
    assert open_batch(batch, world.rita.ref)
    batch.refresh_from_db()
    return batch


def texts(page: dict[str, object]) -> set[str]:
    return {item["data"]["text"] for item in page["items"]}  # type: ignore[attr-defined]


def test_a_worker_gets_what_is_kept_for_them_and_nothing_else(world: World) -> None:
    ada, ben = world.ada, world.ben
    batch = kept(world, [ada], [ben], [ada, ben], [ada], [ben])
    first = page_of(turn(caller(ada), batch))
    assert texts(first) == {"text 0", "text 2"}
    assert texts(page_of(turn(caller(ada), batch, first))) == {"text 3"}
    assert work_through(caller(ben), batch) == 3


def test_a_kept_task_has_a_slot_for_each_of_its_workers(world: World) -> None:
    batch = kept(world, [world.ada, world.ben], [world.ada])
    assert batch_cost(batch).micros == 3 * 60_000


def test_who_is_not_on_the_list_is_told_and_sees_no_offer(world: World) -> None:
    batch = kept(world, [world.ada])
    done = turn(caller(world.ben), batch)
    assert done.refusal is not None
    assert (done.refusal.code, done.refusal.status) == ("not_reserved", 403)
    assert not Enrolment.objects.filter(worker=world.ben).exists()
    assert offers_for(world.ben) == []
    assert [offer.batch for offer in offers_for(world.ada)] == [batch]


def test_nobody_can_take_the_slot_that_is_kept_for_another(world: World) -> None:
    batch = kept(world, [world.ada, world.ben])
    ada = caller(world.ada)
    assert work_through(ada, batch) == 1
    done = turn(ada, batch)
    assert done.refusal is not None
    assert done.refusal.code == "nothing_left"
    assert work_through(caller(world.ben), batch) == 1


def test_what_was_given_back_or_ran_out_comes_again_to_whom_it_is_kept_for(world: World) -> None:
    batch = kept(world, [world.ada], [world.ada], [world.ada], page_size=1)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch)), verb="give_back")
    second = page_of(turn(ada, batch))
    assert texts(second) == {"text 1"}
    let_pass(batch, 10_000)
    third = page_of(turn(ada, batch))
    assert texts(third) == {"text 2"}
    assert texts(page_of(turn(ada, batch, third))) == {"text 0"}
    assert texts(page_of(turn(ada, batch))) == {"text 0"}


def test_a_page_ahead_of_kept_tasks_holds_others(world: World) -> None:
    batch = kept(world, [world.ada], [world.ada], page_size=1)
    ada = caller(world.ada)
    first = page_of(turn(ada, batch))
    ahead = page_of(turn(ada, batch, verb="ahead"))
    assert texts(first) | texts(ahead) == {"text 0", "text 1"}
    turn(ada, batch, first)
    assert turn(ada, batch, ahead).page is None


def test_a_batch_whose_kept_tasks_nobody_can_do_any_more_is_finished(world: World) -> None:
    batch = kept(world, [world.ada, world.ben])
    assert not cannot_go_on(batch)
    work_through(caller(world.ada), batch)
    assert not cannot_go_on(batch)
    turn(caller(world.ben), batch, page_of(turn(caller(world.ben), batch)), verb="give_back")
    Enrolment.objects.filter(worker=world.ben).update(halted=True)
    assert cannot_go_on(batch)
