"""How each action about somebody's standing and about appeals is done."""

import io
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from PIL import Image

from fairhand.people import appeals
from fairhand.people.accounts import make_operator
from fairhand.people.decisions import standing_of
from fairhand.people.models import Account, Appeal, Worker
from fairhand.people.standing import (
    close_own,
    end_suspensions,
    lift_suspension,
    reopen_own,
    suspend,
)
from fairhand.work import appeals as deciding
from tests.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Done = tuple[Account | str, Account | None]  # by whom, and whom it concerns


def another_operator(world: World) -> Account:
    """A second operator with all duties."""
    found = Account.objects.create_user(f"petra-{world.olga.email}", name="Petra")
    make_operator(found)
    return found


def picture(kind: str = "PNG") -> bytes:
    """A small picture, as a phone would send it."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, kind)
    return file.getvalue()


def standing_suspended(world: World) -> Done:
    assert suspend(world.ada.account, world.olga, days=7, why="Two accounts?")
    return world.olga, world.ada.account


def standing_lifted(world: World) -> Done:
    standing_suspended(world)
    assert lift_suspension(world.ada.account, world.olga, "It was her sister.")
    return world.olga, world.ada.account


def standing_ended(world: World) -> Done:
    standing_suspended(world)
    Worker.objects.filter(pk=world.ada.pk).update(suspended_until=timezone.now())
    assert end_suspensions() == 1
    return "system:standing", world.ada.account


def standing_closed_own(world: World) -> Done:
    assert close_own(world.ada.account)
    return world.ada.account, world.ada.account


def standing_reopened_own(world: World) -> Done:
    standing_closed_own(world)
    assert reopen_own(world.ada.account)
    return world.ada.account, world.ada.account


def contested(world: World) -> Appeal:
    """Ada contests her suspension, with a picture."""
    standing_suspended(world)
    subject = str(standing_of(world.ada.account).number)
    proofs = [picture()]
    return deciding.contest(world.ada.account, "standing", subject, "It was my sister.", proofs)


def appeal_opened(world: World) -> Done:
    contested(world)
    return world.ada.account, world.ada.account


def appeal_withdrawn(world: World) -> Done:
    assert appeals.withdraw(contested(world), world.ada.account)
    return world.ada.account, world.ada.account


def appeal_decided(world: World) -> Done:
    appeal, second = contested(world), another_operator(world)
    assert deciding.answer(appeal, second, uphold=False, why="Both accounts have one face.")
    return second, world.ada.account


def appeal_lapsed(world: World) -> Done:
    late = timezone.now() - timedelta(seconds=1)
    Appeal.objects.filter(pk=contested(world).pk).update(deadline=late)
    assert deciding.lapse() == 1
    return "system:appeals", world.ada.account


def appeal_seen(world: World) -> Done:
    appeal, second = contested(world), another_operator(world)
    client = Client()
    client.force_login(second, backend=BACKEND)
    address = f"/operator/appeals/{appeal.ref}/proofs/{appeal.proofs.get().ref}"
    assert client.get(address).status_code == 200
    return second, world.ada.account


STANDING: dict[str, Callable[[World], Done]] = {
    "standing.suspended": standing_suspended,
    "standing.lifted": standing_lifted,
    "standing.ended": standing_ended,
    "standing.closed_own": standing_closed_own,
    "standing.reopened_own": standing_reopened_own,
    "appeal.opened": appeal_opened,
    "appeal.withdrawn": appeal_withdrawn,
    "appeal.decided": appeal_decided,
    "appeal.lapsed": appeal_lapsed,
    "appeal.seen": appeal_seen,
}
