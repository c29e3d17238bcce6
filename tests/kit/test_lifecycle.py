"""One way to make a move: from the expected state, with a row of history."""

import pytest
from tests.world import World, count, history_of

from fairhand.kit.lifecycle import move
from fairhand.kit.models import History
from fairhand.people.models import Account
from fairhand.projects.models import BATCH, Batch, BatchState


def test_a_move_is_recorded_with_who_and_why(world: World) -> None:
    batch = world.batch(opened=False)
    assert move(BATCH, batch, "open", actor=world.rita.ref, why="time to start")
    assert batch.state == "open"
    batch.refresh_from_db()
    assert batch.state == "open"
    row = History.objects.get(kind="batch", subject=str(batch.pk))
    assert (row.source, row.target, row.actor, row.why) == (
        "draft",
        "open",
        world.rita.ref,
        "time to start",
    )


def test_who_comes_second_is_told_and_leaves_no_trace(world: World) -> None:
    batch = world.batch(opened=False)
    late = Batch.objects.get(pk=batch.pk)
    assert move(BATCH, batch, "open", actor="a", why="first")
    assert not move(BATCH, late, "open", actor="b", why="second", changes={"name": "mine"})
    assert late.state == "draft"
    assert history_of("batch", str(batch.pk)) == [("draft", "open")]
    assert not Batch.objects.filter(name="mine").exists()


def test_a_move_sets_further_fields_with_it(world: World) -> None:
    batch = world.batch(opened=False)
    move(BATCH, batch, "open", actor="a", why="go", changes={"name": "Opened"})
    assert Batch.objects.get(pk=batch.pk).name == batch.name == "Opened"


def test_an_arrow_that_is_not_there_is_a_fault(world: World) -> None:
    batch = world.batch(opened=False)
    before = count("kit_history")
    with pytest.raises(ValueError, match="no move from draft to settled"):
        move(BATCH, batch, "settled", actor="a", why="shortcut")
    assert count("kit_history") == before


@pytest.mark.parametrize("state", BatchState.values)
def test_no_state_leads_to_itself_or_back_to_draft(state: str) -> None:
    assert not BATCH.allows(state, state)
    assert not BATCH.allows(state, "draft")


def test_history_remembers_those_who_are_gone(world: World) -> None:
    """It names people by reference, so that no deletion can reach it."""
    batch = world.batch(opened=False)
    move(BATCH, batch, "open", actor=world.oscar.ref, why="go")
    Account.objects.filter(pk=world.olga.pk).delete()
    assert History.objects.filter(actor=world.oscar.ref).exists()
