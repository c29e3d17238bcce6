"""How each action about identities is done: a part of what AP-1 goes through."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from fairhand.people.identity import checks, outcome, overturn, proofs, sameness
from fairhand.people.identity.votes import vote
from fairhand.people.models import Account, IdentityCheck, Proof, SameCase
from tests.identity.scene import NO, YES, operators, sent
from tests.world import World

Done = tuple[Account | str, Account | None]  # by whom, and whom it concerns
SYSTEM = "system:identity"


def checked(world: World) -> tuple[IdentityCheck, list[Account]]:
    return sent(world.ada), operators(3)


def identity_sent(world: World) -> Done:
    sent(world.ada)
    return world.ada.account, world.ada.account


def identity_withdrawn(world: World) -> Done:
    sent(world.ada)
    assert checks.take_back(world.ada, world.ada.account)
    return world.ada.account, world.ada.account


def identity_looked(world: World) -> Done:
    _check, ops = checked(world)
    proofs.look(Proof.objects.select_related("key").all()[0], ops[0])
    return ops[0], world.ada.account


def identity_voted(world: World) -> Done:
    check, ops = checked(world)
    assert vote(check, ops[0], YES)
    return ops[0], None


def identity_verified(world: World) -> Done:
    check, ops = checked(world)
    assert vote(check, ops[0], YES)
    assert vote(check, ops[1], YES)
    return ops[1], world.ada.account


def identity_rejected(world: World) -> Done:
    check, ops = checked(world)
    assert vote(check, ops[0], NO)
    assert vote(check, ops[1], NO)
    return ops[1], world.ada.account


def identity_overturned(world: World) -> Done:
    check, ops = checked(world)
    assert vote(check, ops[0], NO)
    assert vote(check, ops[1], NO)
    assert overturn(check.ref, ops[2])
    return ops[2], world.ada.account


def identity_expired(world: World) -> Done:
    identity_verified(world)
    IdentityCheck.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert outcome.expire() == 1
    return SYSTEM, world.ada.account


def identity_forgotten(world: World) -> Done:
    identity_verified(world)
    IdentityCheck.objects.update(purge_at=timezone.now() - timedelta(seconds=1))
    assert proofs.purge() == 1
    return SYSTEM, world.ada.account


def sameness_seen(world: World) -> Done:
    for one in (world.ada, world.ben):
        sameness.observe(one.account, "payout", "DE00")
    return sameness.SYSTEM, None


def sameness_decided(world: World) -> Done:
    sameness_seen(world)
    (op,) = operators(1)
    assert sameness.decide(SameCase.objects.get(), op, same=False, why="A couple.")
    return op, None


def vault_rotated(_world: World) -> Done:
    proofs.change_keys()
    return "system:vault", None


IDENTITY: dict[str, Callable[[World], Done]] = {
    "identity.sent": identity_sent,
    "identity.withdrawn": identity_withdrawn,
    "identity.looked": identity_looked,
    "identity.voted": identity_voted,
    "identity.verified": identity_verified,
    "identity.rejected": identity_rejected,
    "identity.overturned": identity_overturned,
    "identity.expired": identity_expired,
    "identity.forgotten": identity_forgotten,
    "sameness.seen": sameness_seen,
    "sameness.decided": sameness_decided,
    "vault.rotated": vault_rotated,
}
