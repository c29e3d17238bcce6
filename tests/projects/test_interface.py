"""What a task looks like and what its answer may be."""

from typing import Any

import pytest

from fairhand.kit.decision import UnusableInput
from fairhand.projects.interface import parse
from tests.world import GOOD, INTERFACE

OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
FIELD = {"kind": "choice", "name": "mood", "options": OPTIONS}
VIEW = {"kind": "text", "from": "text"}


def places(document: object) -> list[str | None]:
    with pytest.raises(UnusableInput) as refused:
        parse(document)
    return [problem.field for problem in refused.value.problems]


def test_a_checked_interface_knows_its_views_and_fields() -> None:
    interface = parse(INTERFACE)
    assert [(view.kind, view.source) for view in interface.views] == [("text", "text")]
    assert [(field.name, field.values) for field in interface.fields] == [("mood", ("good", "bad"))]


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_an_interface_is_an_object(document: object) -> None:
    assert places(document) == [None]


def test_an_empty_interface_lacks_both_its_parts() -> None:
    assert places({}) == ["views", "fields"]
    assert places({"views": [], "fields": [FIELD] * 21}) == ["views", "fields"]


@pytest.mark.parametrize(
    ("view", "place"),
    [
        ("text", "kind"),
        ({"from": "text"}, "kind"),
        ({"kind": "video", "from": "x"}, "kind"),
        ({"kind": ["text"], "from": "x"}, "kind"),
        ({"kind": "text"}, "from"),
        ({"kind": "text", "from": ""}, "from"),
        ({"kind": "text", "from": "x" * 61}, "from"),
    ],
)
def test_a_view_that_cannot_be_used_is_named(view: Any, place: str) -> None:
    assert places({"views": [VIEW, view], "fields": [FIELD]}) == [f"views[1].{place}"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "essay"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "mood"}, "name"),
        ({"options": None}, "options"),
        ({"options": OPTIONS[:1]}, "options"),
        ({"options": ["a", "b"]}, "options"),
        ({"options": [OPTIONS[0], OPTIONS[0]]}, "options"),
        ({"options": [OPTIONS[0], {"value": "b"}]}, "options"),
        ({"options": [OPTIONS[0], {"value": "", "label": "B"}]}, "options"),
        ({"options": [{"value": str(i), "label": "x"} for i in range(201)]}, "options"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(change: dict[str, Any], place: str) -> None:
    second = {**FIELD, "name": "other", **change}
    assert places({"views": [VIEW], "fields": [FIELD, second]}) == [f"fields[1].{place}"]


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", float("nan"), {"\0": 1}, [["x", "\0"]]])
def test_an_interface_holds_only_what_can_be_stored(bad: object) -> None:
    option = {"value": "b", "label": "B", "note": bad}
    assert places({"views": [VIEW], "fields": [{**FIELD, "options": [OPTIONS[0], option]}]}) == [
        None
    ]


def test_a_field_is_an_object() -> None:
    assert places({"views": [VIEW], "fields": ["mood"]}) == ["fields[0].kind"]


@pytest.mark.parametrize(
    ("answer", "problems"),
    [
        (GOOD, []),
        ({}, ["mood"]),
        ({"mood": "so-so"}, ["mood"]),
        ({"mood": ["good"]}, ["mood"]),
        ({"mood": None}, ["mood"]),
        ({"mood": "good", "more": 1}, ["more"]),
        ("good", [None]),
        (None, [None]),
    ],
)
def test_an_answer_has_one_offered_value_for_each_field(answer: Any, problems: list[Any]) -> None:
    found = parse(INTERFACE).answer_problems(answer)
    assert [problem.field for problem in found] == problems


@pytest.mark.parametrize(
    ("expected", "problems"),
    [
        (GOOD, []),
        ({}, [None]),
        (None, [None]),
        ({"mood": "so-so"}, ["mood"]),
        ({"mud": "good"}, ["mud"]),
    ],
)
def test_a_known_answer_names_offered_values(expected: Any, problems: list[Any]) -> None:
    found = parse(INTERFACE).known_answer_problems(expected)
    assert [problem.field for problem in found] == problems


def test_a_task_has_text_where_a_view_shows_some() -> None:
    interface = parse(INTERFACE)
    assert interface.task_problems({"text": "hello", "more": 1}) == []
    for data in ({}, {"text": ""}, {"text": 5}):
        assert [problem.field for problem in interface.task_problems(data)] == ["text"]
