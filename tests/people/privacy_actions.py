"""How people ask for their data, and for an end of them: the actions of AP-1 about that."""

from collections.abc import Callable

from django.utils import timezone

from fairhand.people.models import Account, DataExport, Deletion
from fairhand.people.privacy.periods import SECOND_THOUGHTS
from fairhand.work.privacy import archive, deletion
from tests.world import World

Done = tuple[Account | str, Account | None]


def data_asked(world: World) -> Done:
    assert archive.ask(world.ada.account)
    return world.ada.account, world.ada.account


def data_fetched(world: World) -> Done:
    data_asked(world)
    export = DataExport.objects.get(account=world.ada.account)
    assert archive.make(export.pk)
    assert archive.fetch(world.ada.account, export.ref)
    return world.ada.account, world.ada.account


def deletion_asked(world: World) -> Done:
    assert deletion.ask(world.ada.account)
    return world.ada.account, world.ada.account


def deletion_cancelled(world: World) -> Done:
    deletion_asked(world)
    assert deletion.cancel(world.ada.account)
    return world.ada.account, world.ada.account


def deleted(world: World) -> Done:
    deletion_asked(world)
    assert deletion.finish_due(timezone.now() + SECOND_THOUGHTS) == 1
    assert Deletion.objects.get().state == "done"
    return "system:privacy", world.ada.account


PRIVACY: dict[str, Callable[[World], Done]] = {
    "data.asked": data_asked,
    "data.fetched": data_fetched,
    "account.deletion_asked": deletion_asked,
    "account.deletion_cancelled": deletion_cancelled,
    "account.deleted": deleted,
}
