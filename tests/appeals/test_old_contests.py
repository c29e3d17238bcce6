"""What people had contested before there were appeals is not lost: it is an appeal now."""

from django.db import connection

from fairhand.kit.lifecycle import record
from fairhand.kit.sql import read
from fairhand.people.models import Appeal
from fairhand.work import appeals as deciding
from tests.appeals.test_appeals import expelled, restricted, stands
from tests.people.standing_actions import another_operator
from tests.world import World


def brought_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute(read("work/old_contests"))


def test_old_contests_of_what_still_stands_become_appeals_once(world: World) -> None:
    petra = another_operator(world)
    scenes = {"It was an owl.": restricted(world)}
    batch = world.ada.restrictions.get().batch
    subject = f"{batch.ref}/{world.ada.ref}"
    by = world.ada.account.ref
    record("restriction", subject, "standing", "contested", actor=by, why="It was an owl.")
    scenes["It was my sister."] = expelled(world)
    record("standing", by, "expelled", "contested", actor=by, why="It was my sister.")
    brought_over()
    brought_over()
    found = {appeal.words: appeal for appeal in Appeal.objects.all()}
    assert {words: (one.kind, one.subject) for words, one in found.items()} == scenes
    for words, appeal in found.items():
        listed = deciding.decision(world.ada.account, appeal.kind, appeal.subject)
        assert listed is not None
        assert (appeal.facts, tuple(appeal.made_by)) == (listed.facts, listed.made_by)
        assert deciding.answer(appeal, petra, uphold=True, why="Right.")
        assert not stands(world, scenes[words])


def test_what_was_undone_meanwhile_is_not_brought_back(world: World) -> None:
    by = world.ada.account.ref
    record("standing", by, "closed", "contested", actor=by, why="It was my sister.")
    brought_over()
    assert not Appeal.objects.exists()
