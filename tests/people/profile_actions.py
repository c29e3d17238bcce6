"""How each action about profiles and consents is done: a part of what AP-1 goes through."""

from collections.abc import Callable

from fairhand.people import consents, profile
from fairhand.people.models import Account
from tests.world import World

Done = tuple[Account, Account]  # by whom, and whom it concerns


def profile_changed(world: World) -> Done:
    assert profile.tell(world.ada, "country", "IT")
    return world.ada.account, world.ada.account


def consent_given(world: World) -> Done:
    digest = consents.digest_of("photos", "de")
    assert consents.give(world.rita, "photos", language="de", digest=digest)
    return world.rita, world.rita


def consent_withdrawn(world: World) -> Done:
    consent_given(world)
    assert consents.withdraw(world.rita, "photos")
    return world.rita, world.rita


PROFILE: dict[str, Callable[[World], Done]] = {
    "profile.changed": profile_changed,
    "consent.given": consent_given,
    "consent.withdrawn": consent_withdrawn,
}
