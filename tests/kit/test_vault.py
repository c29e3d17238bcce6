"""Files are sealed with a key that changes, and a copy of the database opens none of them."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from fairhand.kit import sealed as installation
from fairhand.kit import vault
from fairhand.kit.models import VaultKey
from fairhand.kit.vault import Unreadable, rotate, seal, unseal
from fairhand.people.models import Account, Proof

pytestmark = pytest.mark.django_db
SECRET = b"a passport" * 100


def keep(data: bytes = SECRET) -> Proof:
    ada, _made = Account.objects.get_or_create(email="ada@example.org")
    with transaction.atomic():
        key, sealed = seal(data)
        return Proof.objects.create(
            account=ada, kind="front", key=key, sealed=sealed, width=1, height=1
        )


def test_what_was_sealed_opens_again_and_nothing_of_it_is_in_the_database() -> None:
    proof = keep()
    proof.refresh_from_db()
    assert unseal(proof.key, proof.sealed) == SECRET
    assert b"passport" not in bytes(proof.sealed)
    assert proof.key.sealed.encode() != bytes(keep().sealed)


def test_the_same_file_sealed_twice_looks_different() -> None:
    assert bytes(keep().sealed) != bytes(keep().sealed)
    assert VaultKey.objects.count() == 1


def test_a_changed_file_does_not_open() -> None:
    proof = keep()
    changed = bytes(proof.sealed[:-1]) + bytes([proof.sealed[-1] ^ 1])
    with pytest.raises(Unreadable):
        unseal(proof.key, changed)


def test_a_file_does_not_open_under_another_key() -> None:
    proof = keep()
    other = VaultKey(pk=proof.key.pk + 1, sealed=proof.key.sealed)
    with pytest.raises(Unreadable):
        unseal(other, proof.sealed)


def test_a_key_is_itself_sealed_with_the_installations() -> None:
    key = keep().key
    assert len(installation.unseal(key.sealed, "vault")) == 44
    assert installation.unseal(key.sealed, "vault") not in key.sealed


def test_rotating_seals_everything_again_and_forgets_the_old_key() -> None:
    proofs = [keep(SECRET + bytes([n])) for n in range(45)]
    old = proofs[0].key
    before = bytes(proofs[0].sealed)
    assert rotate() == 45
    assert not VaultKey.objects.filter(pk=old.pk).exists()
    assert VaultKey.objects.count() == 1
    for n, proof in enumerate(proofs):
        proof.refresh_from_db()
        assert unseal(proof.key, proof.sealed) == SECRET + bytes([n])
    assert bytes(proofs[0].sealed) != before


def test_rotating_twice_and_without_files_is_fine() -> None:
    assert rotate() == 0
    proof = keep()
    assert rotate() == 1
    assert rotate() == 1
    proof.refresh_from_db()
    assert unseal(proof.key, proof.sealed) == SECRET
    assert VaultKey.objects.count() == 1


def test_a_rotation_that_was_stopped_is_finished_by_the_next() -> None:
    proof = keep()
    VaultKey.objects.update(retired_at="2026-01-01T00:00:00Z")  # stopped before the first file
    keep()
    assert VaultKey.objects.count() == 2
    assert rotate() == 2
    assert VaultKey.objects.count() == 1
    proof.refresh_from_db()
    assert unseal(proof.key, proof.sealed) == SECRET


def test_a_file_that_cannot_be_read_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    damaged, proof = keep(), keep()
    Proof.objects.filter(pk=damaged.pk).update(sealed=b"x" * 40)
    for _ in range(3):
        assert rotate() == 1
    assert f"row {damaged.pk} of Proof" in caplog.text
    proof.refresh_from_db()
    assert unseal(proof.key, proof.sealed) == SECRET
    assert proof.key_id != damaged.key_id
    assert VaultKey.objects.count() == 2, "the one in use, and the damaged file's"


def test_there_is_no_fresh_key_before_what_was_left_over_is_sealed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep()
    with monkeypatch.context() as broken:
        broken.setattr(vault, "seal", lambda _data: 1 / 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                rotate()
    assert VaultKey.objects.count() == 2
    assert rotate() == 1
    assert VaultKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sealing_outside_of_a_transaction_is_a_fault() -> None:
    assert not connection.in_atomic_block
    with pytest.raises(TransactionManagementError):
        seal(SECRET)
