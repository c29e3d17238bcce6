"""Who may work on a batch, and what of a task they see."""

from typing import Any

import pytest

from fairhand.people.models import Member, Worker
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.reading import TaskRow
from fairhand.work.access import access_to
from fairhand.work.models import Enrolment
from fairhand.work.opening import open_batch
from fairhand.work.uploading import upload_tasks
from tests.world import World, caller, page_of, turn


def code_of(answer: Any) -> str:
    return getattr(answer, "code", "allowed")


@pytest.mark.parametrize("role", ["owner", "manager", "viewer"])
def test_nobody_works_on_what_their_own_organisation_asks(world: World, role: str) -> None:
    """Whoever knows the answers, or sees the results, is no judge."""
    Member.objects.create(organisation=world.organisation, account=world.ada.account, role=role)
    batch = world.batch()
    assert code_of(access_to(world.ada, batch)) == "own_batch"
    done = turn(caller(world.ada), batch)
    assert done.refusal is not None
    assert (done.refusal.code, done.hard) == ("own_batch", True)
    assert not Enrolment.objects.exists()
    assert access_to(world.ben, batch)


def test_a_member_of_one_organisation_works_for_another(world: World) -> None:
    Member.objects.create(
        organisation=world.other_organisation, account=world.ada.account, role="owner"
    )
    assert access_to(world.ada, world.batch())


def test_of_a_task_workers_see_only_what_the_interface_shows(world: World) -> None:
    batch = make_batch(world.rita, world.project, Terms(name="Moods", price_micros=50_000))
    upload_tasks(batch, [TaskRow(1, {"text": "hello", "answer": "good", "author": "Eve"})])
    world.fund()
    assert open_batch(batch, world.rita.ref)
    (item,) = page_of(turn(caller(world.ada), batch))["items"]
    assert item["data"] == {"text": "hello"}


@pytest.mark.parametrize("standing", ["expelled", "closed"])
def test_a_worker_who_is_not_active_is_let_in_nowhere(world: World, standing: str) -> None:
    batch = world.batch()
    Worker.objects.filter(pk=world.ada.pk).update(standing=standing)
    assert code_of(access_to(Worker.objects.get(pk=world.ada.pk), batch)) == "suspended"
