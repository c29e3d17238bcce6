"""Projects and batches: making them, and reaching them."""

from typing import Any

import pytest

from fairhand.kit.decision import Refused, UnusableInput
from fairhand.people.models import Account, Member
from fairhand.people.rights import Permission
from fairhand.projects.batches import (
    Terms,
    batch_for,
    draft_only,
    fee_for,
    make_batch,
    make_project,
    project_for,
)
from tests.world import INTERFACE, World, count

FINE: dict[str, Any] = {"name": "Moods", "price_micros": 50_000}


def code_of(verb: Any, *values: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(*values, **more)
    return refused.value.refusal.code


def viewer(world: World) -> Account:
    Member.objects.create(organisation=world.organisation, account=world.oscar, role="viewer")
    return world.oscar


def test_a_batch_shows_workers_what_its_project_was_when_it_was_made(world: World) -> None:
    batch = make_batch(world.rita, world.project, Terms(**FINE))
    world.project.interface = {}
    world.project.save()
    batch.refresh_from_db()
    assert batch.interface == INTERFACE
    assert (batch.state, batch.created_by, batch.fee_micros) == ("draft", world.rita, 10_000)


@pytest.mark.parametrize(("price", "fee"), [(1, 0), (2, 0), (3, 1), (5, 1), (50_000, 10_000)])
def test_the_fee_is_a_fifth_rounded_half_up(price: int, fee: int) -> None:
    assert fee_for(price) == fee


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("price_micros", (0, -1, 1_000_000_001)),
        ("overlap", (0, 1001)),
        ("page_size", (0, 101)),
        ("gold_permille", (-1, 501)),
        ("bar_permille", (0, 1001)),
        ("confidence_permille", (500, 1000)),
        ("review_hours", (-1, 505)),
        ("deadline_seconds", (9, 604_801)),
        ("expected_seconds", (0, 86_401, float("nan"), float("inf"))),
        ("name", ("", "x" * 121, "a\0b")),
        ("currency", ("", "EURO", "XXY", "eur")),
    ],
)
def test_terms_that_cannot_be_used_are_named_and_nothing_is_made(
    world: World, field: str, wrong: tuple[Any, ...]
) -> None:
    for value in wrong:
        with pytest.raises(UnusableInput) as refused:
            make_batch(world.rita, world.project, Terms(**{**FINE, field: value}))
        assert [problem.field for problem in refused.value.problems] == [field]
    assert count("projects_batch") == 0


def test_all_wrong_terms_are_named_at_once(world: World) -> None:
    terms = Terms(name="", price_micros=0, overlap=0)
    assert [problem.field for problem in terms.problems()] == ["price_micros", "overlap", "name"]


def test_the_furthest_terms_can_be_used(world: World) -> None:
    least = Terms(name="x", price_micros=1, overlap=1, page_size=1, deadline_seconds=10)
    most = Terms(
        name="x" * 120,
        price_micros=10**9,
        currency="JPY",
        overlap=1000,
        page_size=100,
        gold_permille=500,
        bar_permille=1000,
        confidence_permille=999,
        review_hours=504,
        deadline_seconds=604_800,
        expected_seconds=86_400,
    )
    for terms in (least, most):
        assert make_batch(world.rita, world.project, terms).pk


def test_who_may_write_may_make_projects_and_batches(world: World) -> None:
    who = viewer(world)
    made = {"name": "X", "interface": INTERFACE, "instructions": []}
    assert code_of(make_project, who, world.organisation, **made) == "role_lacks_right"
    assert code_of(make_batch, who, world.project, Terms(**FINE)) == "role_lacks_right"
    assert code_of(make_project, world.olga, world.organisation, **made) == "not_found"
    assert code_of(make_batch, world.ada.account, world.project, Terms(**FINE)) == "not_found"
    assert (count("projects_project"), count("projects_batch")) == (1, 0)


def test_what_is_not_yours_is_not_there(world: World) -> None:
    batch = world.batch(opened=False)
    for ref in (batch.ref, "bat_never"):
        assert code_of(batch_for, world.oscar, ref, Permission.SEE) == "not_found"
        assert code_of(batch_for, world.oscar, ref, Permission.LAUNCH) == "not_found"
    for ref in (world.project.ref, "prj_never"):
        assert code_of(project_for, world.oscar, ref, Permission.SEE) == "not_found"
    assert batch_for(world.rita, batch.ref, Permission.LAUNCH) == batch
    assert project_for(world.rita, world.project.ref, Permission.SEE) == world.project


def test_a_viewer_looks_and_does_not_touch(world: World) -> None:
    batch, who = world.batch(opened=False), viewer(world)
    assert batch_for(who, batch.ref, Permission.SEE) == batch
    assert code_of(batch_for, who, batch.ref, Permission.LAUNCH) == "role_lacks_right"


def test_only_a_draft_can_be_changed(world: World) -> None:
    batch = world.batch(opened=False)
    assert draft_only(batch) is None
    batch.state = "open"
    refusal = draft_only(batch)
    assert refusal is not None
    assert refusal.code == "batch_is_fixed"


@pytest.mark.parametrize("name", ["", "x" * 121, "a\0b"])
def test_a_project_has_a_name(world: World, name: str) -> None:
    with pytest.raises(UnusableInput, match="Field name"):
        make_project(
            world.rita, world.organisation, name=name, interface=INTERFACE, instructions=[]
        )


@pytest.mark.parametrize(
    "instructions",
    [{}, "read this", ["read this"], [{"title": "x"}], [{"heading": 1}], [{"text": "a\0b"}]],
)
def test_instructions_are_parts_with_heading_and_text(world: World, instructions: Any) -> None:
    with pytest.raises(UnusableInput, match="Instructions"):
        make_project(
            world.rita,
            world.organisation,
            name="X",
            interface=INTERFACE,
            instructions=instructions,
        )
    assert count("projects_project") == 1


def test_instructions_are_kept_as_they_were_written(world: World) -> None:
    parts = [{"heading": "What", "text": "Look & choose <b>well</b>"}, {"text": "Slowly."}]
    project = make_project(
        world.rita, world.organisation, name="X", interface=INTERFACE, instructions=parts
    )
    assert make_batch(world.rita, project, Terms(**FINE)).instructions == parts
