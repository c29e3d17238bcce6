"""Gates and portals that a batch names: a sentence for each wrong entry; and what steps cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fairhand.people import agreements, profile
from fairhand.people.checklist import State, checklist, checklists, problems
from fairhand.people.gates import Way
from tests.api.conftest import program_of
from tests.world import World, count


@pytest.mark.parametrize(
    "spec",
    [
        *("email", "phone", "factor", "identity", "age:18", "age:99", "profile:languages"),
        *("risk:violence", "consent:photos", "consent:recordings"),
    ],
)
def test_a_gate_of_the_list_can_be_asked_for(spec: str, settings: Any) -> None:
    settings.PHONE_URL = "https://texts.example.org"
    assert problems([spec]) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "There is no gate “”"),
        ("passport", "There is no gate “passport”"),
        ("agreements", "There is no gate “agreements”"),
        ("agreement:agr_1", "published as an agreement"),
        ("identity:me", "takes nothing after a colon"),
        ("age", "Write an age from 13 to 99"),
        ("age:12", "Write an age from 13 to 99"),
        ("age:018", "Write an age"),
        ("age:١٨", "Write an age"),
        ("age:-18", "Write an age"),
        ("profile:shoes", "Write one of these after “profile:”: languages"),
        ("profile:birth_date", "Write one of these after “profile:”: languages"),
        ("profile:accessibility", "Write one of these after “profile:”: languages"),
        ("phone", "sends no texts to phones"),
        ("risk:", "Write one of these after “risk:”"),
        ("consent:identity", "Write one of these after “consent:”: photos, recordings"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(spec: str, said: str) -> None:
    (problem,) = problems(["email", spec])
    assert said in str(problem.message)
    assert problem.field == "gates.1"


def test_a_program_hears_of_each_wrong_entry_and_nothing_is_made(world: World) -> None:
    rita = program_of(world.rita, world.organisation)
    terms = {"project": world.project.ref, "name": "x", "price_micros": 1}
    wrong = {"gates": ["identity", "identity", "age:7"], "portals": ["por_none"]}
    answer = rita.post("/batches", {**terms, **wrong})
    assert answer.status_code == 422
    places = [problem["field"] for problem in answer.json()["problems"]]
    assert places == ["gates.1", "gates.2", "portals.0"]
    assert count("projects_batch") == 0
    made = rita.post("/batches", {**terms, "gates": ["identity", "age:18"]}).json()
    assert (made["gates"], made["portals"]) == (["identity", "age:18"], [])


def test_many_ways_take_no_more_queries_than_their_different_gates(world: World) -> None:
    for n in range(6):
        agreements.publish("nda", f"prj_{n}", {"en": (f"Quiet {n}", "Hush.")}, world.rita)
    few = [Way(None, f"prj_{n}", ("identity", "age:18")) for n in range(2)]
    many = [Way(None, f"prj_{n}", ("age:18", "identity")) for n in range(6)] * 20
    with CaptureQueriesContext(connection) as before:
        checklists(world.ada, few)
    with CaptureQueriesContext(connection) as after:
        found = checklists(world.ada, many)
    assert len(after) == len(before)
    assert [item.label for item in found[many[3]].items][-1] == "Read and sign: Quiet 3"


def test_a_checklist_says_where_one_is(world: World) -> None:
    way = Way(None, "", ("profile:languages", "age:18", "risk:violence"))
    found = checklist(world.ada, way)
    assert [item.state for item in found.items] == [
        State.DONE,
        State.NEXT,
        State.LATER,
        State.LATER,
    ]
    assert (found.place, found.left, found.minutes) == (2, 3, 3)
    assert profile.tell(world.ada, "languages", {"it": "native"})
    found = checklist(world.ada, way)
    assert found.next is not None
    assert (found.next.spec, found.place, found.minutes) == ("age:18", 3, 2)
