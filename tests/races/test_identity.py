"""Two operators want the last word on one check; two accounts show one document at one moment."""

from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from fairhand.kit import vault
from fairhand.kit.models import History, VaultKey
from fairhand.people.identity import sameness
from fairhand.people.identity.checks import take_back
from fairhand.people.identity.votes import vote
from fairhand.people.models import Account, IdentityCheck, Notice, Proof, SameCase, Worker
from tests.identity.scene import NO, YES, agree, operators, said
from tests.races.together import Team, wins
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = 200


def pending(worker: Worker, n: int, **other: Any) -> IdentityCheck:
    """A check that waits, without the pictures, which take longest to make."""
    agree(worker)
    return IdentityCheck.objects.create(
        worker=worker,
        provider="manual",
        state="pending",
        holder="Ada Lovelace",
        birth_date=said().birth_date,
        document_kind="id_card",
        document_country="IT",
        document_expires=said().expires,
        document_digest=other.get("digest", f"{n:064d}"),
    )


def test_two_race_for_the_last_word_and_one_has_it(committed_world: World) -> None:
    """Whoever comes second is told so: one decision, one row of history, one notice."""
    world, ops = committed_world, operators(3)
    with Team(2) as team:
        for n in range(ROUNDS):
            check = pending(world.ada, n)
            assert vote(check, ops[0], YES)
            mine, yours = (IdentityCheck.objects.get(pk=check.pk) for _ in range(2))
            second = YES if n % 2 else NO
            answers = team.race(
                partial(vote, mine, ops[1], YES), partial(vote, yours, ops[2], second)
            )
            check.refresh_from_db()
            assert check.state == "verified"
            # A rejection that comes first is a voice, too, and decides nothing.
            assert wins(answers) == (1 if n % 2 else check.votes.count() - 1)
            rows = History.objects.filter(kind="identity check", subject=str(check.pk))
            assert list(rows.values_list("target", flat=True)) == ["verified"]
            IdentityCheck.objects.filter(pk=check.pk).update(state="expired")
    told = Notice.objects.filter(account=world.ada.account, kind="decision.identity_verified")
    assert told.count() == ROUNDS


def test_one_document_at_one_moment_proves_one_account(committed_world: World) -> None:
    world, ops = committed_world, operators(2)
    with Team(2) as team:
        for n in range(ROUNDS):
            both = [pending(one, n) for one in (world.ada, world.ben)]
            for check in both:
                assert vote(check, ops[0], YES)
            answers = team.race(*[partial(vote, check, ops[1], YES) for check in both])
            assert wins(answers) == 1
            assert IdentityCheck.objects.filter(state="verified").count() == 1
            IdentityCheck.objects.update(state="expired")


def test_taking_back_and_deciding_at_one_moment_is_one_of_them(committed_world: World) -> None:
    world, ops = committed_world, operators(2)
    with Team(2) as team:
        for n in range(ROUNDS):
            check = pending(world.ada, n)
            assert vote(check, ops[0], YES)
            again = IdentityCheck.objects.get(pk=check.pk)
            answers = team.race(
                partial(vote, again, ops[1], YES), partial(take_back, world.ada, world.ada.account)
            )
            assert wins(answers) == 1
            check.refresh_from_db()
            assert check.state == ("verified" if answers[0] else "withdrawn")
            IdentityCheck.objects.filter(pk=check.pk).update(state="expired")


def test_two_that_show_the_same_at_one_moment_see_each_other(committed_world: World) -> None:
    world = committed_world
    accounts = (world.ada.account, world.ben.account)
    with Team(2) as team:
        for n in range(ROUNDS):
            SameCase.objects.all().delete()
            team.race(*[partial(sameness.observe, one, "payout", f"DE{n}") for one in accounts])
            assert SameCase.objects.count() == 1, n


def keep(account: Account, n: int) -> int:
    with transaction.atomic():
        key, sealed = vault.seal(b"a picture" + bytes([n]))
        Proof.objects.create(
            account=account, kind="front", key=key, sealed=sealed, width=1, height=1
        )
    connection.close()
    return 1


def rotate() -> int:
    done = vault.rotate()
    connection.close()
    return done


def test_what_is_sealed_while_the_key_changes_can_be_read(committed_world: World) -> None:
    account = committed_world.ada.account
    agree(committed_world.ada)
    with Team(3) as team:
        for n in range(50):
            team.race(partial(keep, account, n), partial(keep, account, n), rotate)
    assert vault.rotate() == 100
    assert VaultKey.objects.count() == 1
    for proof in Proof.objects.select_related("key"):
        assert vault.unseal(proof.key, proof.sealed).startswith(b"a picture")
