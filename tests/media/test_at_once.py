"""A picture is taken out at the moment at which a task begins to show it: never half of both."""

from functools import partial

import pytest

from fairhand.kit.decision import UnusableInput
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.media import remove
from fairhand.projects.models import Batch, Media, Task
from fairhand.work.uploading import upload_tasks
from tests.media.cast import rows, showing
from tests.races.together import Team
from tests.world import World

ROUNDS = 40


def show(batch: Batch, *names: str) -> bool:
    try:
        return upload_tasks(batch, rows(*names)) > 0
    except UnusableInput:
        return False


@pytest.mark.timeout(300)
def test_what_is_removed_is_shown_by_no_task(committed_world: World) -> None:
    world = committed_world
    project = showing(world)
    seen = set()
    with Team(2) as team:
        for n in range(ROUNDS):
            made = Media.objects.create(
                project=project, name=f"{n}.png", digest="0" * 64, size=1, width=1, height=1,
                made_by=world.rita,
            )  # fmt: skip
            batch = make_batch(world.rita, project, Terms(name="x", price_micros=1))
            gone, shown = team.race(
                lambda made=made: bool(remove(made)),  # type: ignore[misc]
                partial(show, batch, made.name),
            )
            assert gone != shown
            assert Media.objects.filter(pk=made.pk).exists() == shown
            assert Task.objects.filter(batch=batch).exists() == shown
            seen.add(gone)
    assert seen  # which of them wins is chance


@pytest.mark.timeout(300)
def test_two_who_show_the_same_pictures_in_another_order_wait_in_no_circle(
    committed_world: World,
) -> None:
    world = committed_world
    with Team(2) as team:
        for n in range(10):
            project = showing(world, f"Birds {n}")
            names = [f"{k}.png" for k in range(30)]
            Media.objects.bulk_create(
                Media(project=project, name=name, digest="0" * 64, size=1, width=1, height=1,
                      made_by=world.rita)
                for name in names
            )  # fmt: skip
            one, two = (
                make_batch(world.rita, project, Terms(name="x", price_micros=1)) for _ in range(2)
            )
            verbs = partial(show, one, *names), partial(show, two, *reversed(names))
            assert team.race(*verbs) == [True, True]
            assert Media.objects.filter(project=project, used=True).count() == len(names)
