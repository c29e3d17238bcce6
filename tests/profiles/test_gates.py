"""What gates read of a profile: the next page is given only while they are met."""

from datetime import date

import pytest
from django.utils import timezone

from fairhand.people import consents, gates, profile
from fairhand.people.gates import GATES
from fairhand.people.models import IdentityCheck, IdentityState
from fairhand.projects.models import Batch
from tests.world import World, caller, turn


def asking(world: World, *specs: str) -> Batch:
    """An open batch with these gates."""
    batch = world.batch()
    Batch.objects.filter(pk=batch.pk).update(gates=list(specs))
    batch.refresh_from_db()
    return batch


def gives(world: World, batch: Batch) -> bool:
    """Whether Ada gets a page; she keeps it, and it is shown to her again."""
    done = turn(caller(world.ada), batch)
    assert done.page or (done.refusal is not None and done.refusal.code == "gates_open")
    return done.page is not None


def is_met(world: World, spec: str) -> bool:
    name, _colon, arg = spec.partition(":")
    return GATES[name].ask(world.ada, arg).met


def on(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_a: day)


def test_a_field_opens_its_gate_and_closes_it_again(world: World) -> None:
    batch = asking(world, "profile:languages")
    assert not gives(world, batch)
    profile.tell(world.ada, "country", "IT")
    assert not gives(world, batch)
    profile.tell(world.ada, "languages", {"it": "native"})
    assert gives(world, batch)
    profile.withdraw(world.ada, "languages")
    assert not gives(world, batch)


def test_only_a_yes_to_this_very_content_opens_its_gate(world: World) -> None:
    batch = asking(world, "risk:violence")
    profile.tell(world.ada, "risks", [])
    assert not gives(world, batch)
    profile.tell(world.ada, "risks", ["hate"])
    assert not gives(world, batch)
    profile.tell(world.ada, "risks", ["hate", "violence"])
    assert gives(world, batch)
    profile.tell(world.ada, "risks", ["hate"])
    assert not gives(world, batch)


def test_a_consent_opens_its_gate_until_it_is_taken_back(world: World) -> None:
    batch, account = asking(world, "consent:recordings"), world.ada.account
    for purpose, opened in (("photos", False), ("recordings", True)):
        digest = consents.digest_of(purpose, "en")
        assert consents.give(account, purpose, language="en", digest=digest)
        assert gives(world, batch) == opened
    consents.withdraw(account, "recordings")
    assert not gives(world, batch)


def test_an_age_is_reached_on_the_birthday(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = asking(world, "age:18")
    assert not gives(world, batch)
    on(date(2026, 11, 21), monkeypatch)
    profile.tell(world.ada, "birth_date", "2008-11-22")
    assert not gives(world, batch)
    on(date(2026, 11, 22), monkeypatch)
    gates.changed_for(world.ada)
    assert gives(world, batch)


def test_who_has_reached_it_keeps_it_and_who_says_otherwise_loses_it(world: World) -> None:
    batch = asking(world, "age:18")
    profile.tell(world.ada, "birth_date", "1980-01-01")
    assert gives(world, batch)
    profile.tell(world.ada, "birth_date", timezone.localdate().isoformat())
    assert not gives(world, batch)
    profile.tell(world.ada, "birth_date", "1980-01-01")
    profile.withdraw(world.ada, "birth_date")
    assert not gives(world, batch)


@pytest.mark.parametrize(
    ("today", "met"),
    [
        (date(2026, 2, 28), False),  # no leap year: the birthday is on the first of March
        (date(2026, 3, 1), True),
        (date(2028, 2, 28), True),
    ],
)
def test_somebody_born_on_a_leap_day(
    world: World, monkeypatch: pytest.MonkeyPatch, today: date, met: bool
) -> None:
    on(today, monkeypatch)
    profile.tell(world.ada, "birth_date", "2008-02-29")
    assert is_met(world, "age:18") == met


def test_a_leap_day_is_reached_in_a_leap_year(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.tell(world.ada, "birth_date", "2008-02-29")
    for day, met in ((date(2028, 2, 28), False), (date(2028, 2, 29), True)):
        on(day, monkeypatch)
        assert is_met(world, "age:20") == met


def test_a_document_counts_more_than_a_word(world: World) -> None:
    profile.tell(world.ada, "birth_date", "1980-01-01")
    assert is_met(world, "age:18")
    check = IdentityCheck(worker=world.ada, state=IdentityState.VERIFIED, provider="manual")
    check.birth_date = timezone.localdate()
    check.save()
    assert not is_met(world, "age:18")
