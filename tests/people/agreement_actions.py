"""How each action on agreements is done, for every_action.py."""

from collections.abc import Callable

from fairhand.people import agreements
from fairhand.people.models import Account, Agreement
from tests.world import World

Done = tuple[Account | str, Account | None]


def agreement_published(world: World) -> Done:
    agreements.publish("nda", "", {"en": ("Quiet", "Say nothing.")}, world.olga)
    return world.olga, None


def agreement_ended(world: World) -> Done:
    agreement_published(world)
    assert agreements.end(Agreement.objects.get(kind="nda", scope=""), world.olga)
    return world.olga, None


def agreement_signed(world: World) -> Done:
    agreement_published(world)
    agreements.sign(
        world.ada.account,
        Agreement.objects.get(kind="nda", scope=""),
        version=1,
        language="en",
        digest=agreements.digest_of("Quiet", "Say nothing."),
        name="Ada",
    )
    return world.ada.account, world.ada.account


AGREEMENTS: dict[str, Callable[[World], Done]] = {
    "agreement.published": agreement_published,
    "agreement.ended": agreement_ended,
    "agreement.signed": agreement_signed,
}
