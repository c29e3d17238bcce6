"""Directive (EU) 2024/2831, Article 10(5): whoever is kept from work is kept from it by people."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairhand
from fairhand.kit.decision import Refused
from fairhand.people import standing
from fairhand.people.models import Worker
from fairhand.work.standing import expel, suspend
from tests.world import World, count

ROOT = Path(fairhand.__file__).parent
TAKES_WORK = {"suspend", "expel", "close_standing"}
# Every place that may call one: a page that an operator opens, and the verb below it.
CALLERS = {
    ("web/operator/standing.py", "suspend"),
    ("web/operator/actions.py", "expel"),
    ("work/standing.py", "suspend"),
    ("work/standing.py", "close_standing"),
}


def calls() -> Iterator[tuple[str, str]]:
    """Each place of the code that takes somebody's work away."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in TAKES_WORK:
                    yield str(file.relative_to(ROOT)), name


def writes() -> Iterator[str]:
    """Each module that sets a worker's standing."""
    for file in ROOT.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update"
            if called and any(word.arg == "standing" for word in node.keywords):  # type: ignore[attr-defined]
                yield str(file.relative_to(ROOT))


def test_only_operators_pages_lead_to_a_suspension_or_exclusion() -> None:
    assert set(calls()) == CALLERS


def test_only_one_module_writes_a_standing() -> None:
    assert set(writes()) == {"people/standing.py"}


@pytest.mark.parametrize("by", ["rita", "oscar", "ada"])
def test_nobody_but_an_operator_keeps_anybody_from_work(world: World, by: str) -> None:
    actor = world.ada.account if by == "ada" else getattr(world, by)
    before = count("kit_history"), count("people_event")
    with pytest.raises(Refused):
        suspend(world.ben.account, actor, days=1, why="why")
    with pytest.raises(Refused):
        expel(world.ben.account, actor, "why")
    assert (count("kit_history"), count("people_event")) == before
    assert Worker.objects.get(pk=world.ben.pk).standing == "active"


def test_no_system_can_be_named_as_the_one_who_decides(world: World) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)):
        standing.suspend(world.ada.account, "system:rule", days=1, why="why")  # type: ignore[arg-type]
    with pytest.raises((AttributeError, TypeError, ValueError)):
        standing.close_standing(world.ada.account, "system:rule", "why")  # type: ignore[arg-type]
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
