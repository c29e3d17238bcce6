"""A yes to one purpose: in the words that were read, provable, and as easily taken back."""

import hashlib
from typing import Any

import pytest
from django.utils.translation import override

from fairhand.people import consents
from fairhand.people.consents import PURPOSES, digest_of, give, standing, text_of, withdraw
from fairhand.people.models import Consent, Worker
from tests.world import World, count


def agree(world: World, purpose: str = "photos", language: str = "en") -> Any:
    digest = digest_of(purpose, language)
    return give(world.ada.account, purpose, language=language, digest=digest)


def stamp_of(worker: Worker) -> int:
    worker.refresh_from_db()
    return worker.stamp


def test_a_yes_keeps_its_language_and_the_digest_of_its_words(world: World) -> None:
    with override("it"):
        assert agree(world, language="de")
    (one,) = standing(world.ada.account).values()
    expected = hashlib.sha256(text_of("photos", "de").encode()).hexdigest()
    assert (one.purpose, one.language, one.digest) == ("photos", "de", expected)


def test_a_yes_to_other_words_is_none(world: World) -> None:
    account, before = world.ada.account, count("people_event")
    answer = give(account, "photos", language="en", digest=digest_of("recordings", "en"))
    assert answer == consents.OTHER_WORDS
    assert not give(account, "everything", language="en", digest="")
    assert not withdraw(account, "everything")
    assert (count("people_consent"), count("people_event")) == (0, before)


def test_twice_is_once(world: World) -> None:
    before = count("people_event")
    assert agree(world)
    assert agree(world, language="de")
    assert Consent.objects.get().language == "en"
    assert withdraw(world.ada.account, "photos")
    assert withdraw(world.ada.account, "photos")
    assert count("people_event") == before + 2


def test_one_taken_back_stays_as_a_row_and_another_can_be_given(world: World) -> None:
    agree(world)
    withdraw(world.ada.account, "photos")
    assert standing(world.ada.account) == {}
    assert Consent.objects.get().withdrawn_at is not None
    assert agree(world)
    assert Consent.objects.count() == 2
    assert list(standing(world.ada.account)) == ["photos"]


def test_both_ways_are_looked_at_before_the_next_page(world: World) -> None:
    before = stamp_of(world.ada)
    agree(world)
    assert stamp_of(world.ada) == before + 1
    withdraw(world.ada.account, "photos")
    assert stamp_of(world.ada) == before + 2


def test_somebody_who_does_not_work_can_agree_too(world: World) -> None:
    assert give(world.rita, "photos", language="en", digest=digest_of("photos", "en"))
    assert withdraw(world.rita, "photos")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_says_what_is_lost_without_it(purpose: str) -> None:
    assert str(PURPOSES[purpose].label)
    assert str(PURPOSES[purpose].without)
    assert str(PURPOSES[purpose].text).startswith("I agree that ")
    assert len(purpose) <= 20, "what its column holds"
