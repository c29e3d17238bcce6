"""Telling and withdrawing: kept, noted without what was said, looked at again."""

import json
from typing import Any

import pytest

from fairhand.people import consents, profile
from fairhand.people.models import Consent, Event, ProfileFact, Worker
from fairhand.people.profile import facts_of, tell, withdraw
from tests.world import World, count

STATE = ("people_profilefact", "people_consent", "people_event")


def state(worker: Worker) -> tuple[Any, ...]:
    """What a refusal may not change."""
    worker.refresh_from_db()
    return (worker.stamp, facts_of(worker), *map(count, STATE))


def words() -> tuple[str, str]:
    return "en", consents.digest_of("health", "en")


def test_what_is_told_is_read_back_in_the_order_of_the_list(world: World) -> None:
    assert tell(world.ada, "country", "IT")
    assert tell(world.ada, "languages", {"it": "native"})
    assert tell(world.ada, "country", "DE")
    assert facts_of(world.ada) == {"languages": {"it": "native"}, "country": "DE"}
    assert list(facts_of(world.ada)) == ["languages", "country"]
    assert facts_of(world.ben) == {}


def test_a_withdrawn_field_is_gone(world: World) -> None:
    tell(world.ada, "region", "Wien")
    assert withdraw(world.ada, "region")
    assert count("people_profilefact") == 0
    before = state(world.ada)
    assert withdraw(world.ada, "region")
    assert state(world.ada) == before, "forgetting twice is forgetting once"


def test_the_trail_says_that_and_never_what(world: World) -> None:
    tell(world.ada, "birth_date", "1999-12-31")
    tell(world.ada, "region", "Gramatneusiedl")
    withdraw(world.ada, "region")
    found = Event.objects.filter(action="profile.changed").order_by("pk")
    assert [(one.subject, one.after) for one in found] == [
        ("birth_date", {"told": True}),
        ("region", {"told": True}),
        ("region", {"told": False}),
    ]
    told = json.dumps(list(found.values()), default=str)
    assert "1999" not in told
    assert "Gramat" not in told


def test_each_change_is_looked_at_before_the_next_page_and_the_same_again_is_none(
    world: World,
) -> None:
    stamp = world.ada.stamp
    tell(world.ada, "devices", ["phone", "car"])
    world.ada.refresh_from_db()
    assert world.ada.stamp == stamp + 1
    before = state(world.ada)
    assert tell(world.ada, "devices", ["car", "phone"])
    assert state(world.ada) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "Atlantis"), ("shoe_size", 42), ("risks", ["x"]), ("birth_date", "31.12.1999")],
)
def test_a_refusal_changes_nothing(world: World, field: str, value: Any) -> None:
    tell(world.ada, "country", "IT")
    before = state(world.ada)
    assert not tell(world.ada, field, value)
    assert state(world.ada) == before


def test_nobody_withdraws_a_field_that_is_none(world: World) -> None:
    assert not withdraw(world.ada, "shoe_size")


def test_what_says_something_about_health_is_kept_only_with_a_yes(world: World) -> None:
    before = state(world.ada)
    assert tell(world.ada, "accessibility", ["one_hand"]) == profile.CONSENT_FIRST
    other = ("en", "0" * 64)
    assert not tell(world.ada, "accessibility", ["one_hand"], agreed=other)
    assert not tell(world.ada, "accessibility", ["no such need"], agreed=words())
    assert state(world.ada) == before
    assert tell(world.ada, "accessibility", ["one_hand"], agreed=words())
    assert "health" in consents.standing(world.ada.account)


def test_the_yes_and_what_rests_on_it_go_together(world: World) -> None:
    tell(world.ada, "accessibility", ["one_hand"], agreed=words())
    assert withdraw(world.ada, "accessibility")
    assert consents.standing(world.ada.account) == {}
    tell(world.ada, "accessibility", ["one_hand"], agreed=words())
    tell(world.ada, "country", "IT")
    assert consents.withdraw(world.ada.account, "health")
    assert facts_of(world.ada) == {"country": "IT"}
    assert Consent.objects.filter(purpose="health").exclude(withdrawn_at=None).count() == 2


def test_a_field_that_is_asked_no_more_is_read_no_more(world: World) -> None:
    ProfileFact.objects.create(worker=world.ada, field="shoe_size", value=42)
    assert facts_of(world.ada) == {}
