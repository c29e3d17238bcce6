"""Files that almost nobody may see, sealed in the database with keys that change.

Each file is sealed with the key in use (AES-256-GCM); each key is itself sealed with the
installation's, so that a copy of the database alone opens nothing. `rotate` takes a new key into
use, seals again what older keys had sealed, and forgets those: a key that leaked opens nothing new.
A table that keeps such files has `key`, a foreign key to VaultKey, and `sealed`, the bytes.
"""

import base64
import logging
import os
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from fairhand.kit import sealed as installation
from fairhand.kit.models import VaultKey

log = logging.getLogger(__name__)
PURPOSE = "vault"
NONCE = 12  # bytes, as GCM wants them
AT_ONCE = 20  # files that are sealed again in one transaction


class Unreadable(Exception):  # noqa: N818 - names what the file is
    """The file was not sealed with this key, or was changed since."""


def seal(data: bytes) -> tuple[VaultKey, bytes]:
    """Seal a file: the key, and what to store. In the transaction that stores both.

    Until it ends the key cannot be retired, so that nothing is sealed with a key that is gone.
    """
    key = _in_use()
    return key, _seal(key, data)


def unseal(key: VaultKey, sealed: bytes | memoryview) -> bytes:
    """Read what `seal` wrote. Raises Unreadable."""
    nonce, body = bytes(sealed[:NONCE]), bytes(sealed[NONCE:])
    try:
        return _cipher(key).decrypt(nonce, body, _label(key))
    except InvalidTag:
        raise Unreadable(f"not sealed with key {key.pk}, or changed") from None


def rotate() -> int:
    """Take a new key into use and seal older files with it; returns how many.

    May be stopped at any time and run again: what was left over is sealed before there is another
    key. A file that cannot be read is logged, and keeps its key and none of the others waiting.
    """
    _seal_older()
    with transaction.atomic():
        with connection.cursor() as cursor:  # else the very first key may be made beside us
            cursor.execute("LOCK TABLE kit_vaultkey IN SHARE ROW EXCLUSIVE MODE")
        VaultKey.objects.filter(retired_at=None).update(retired_at=timezone.now())
        _make()
    return _seal_older()


def _seal_older() -> int:
    """Seal what older keys had sealed with the key in use, and forget those; returns how many."""
    done = 0
    for table in _tables():
        last = 0
        while rows := _older(table, last):
            done += _again(table, rows)
            last = rows[-1]
    for old in VaultKey.objects.exclude(retired_at=None):
        if not any(_files(table).filter(key=old).exists() for table in _tables()):
            old.delete()
    return done


def _older(table: type[models.Model], last: int) -> list[int]:
    """The next few rows of a table, after the row `last`, that an older key sealed."""
    older = _files(table).filter(key__retired_at__isnull=False, pk__gt=last)
    return list(older.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _again(table: type[models.Model], rows: Iterable[int]) -> int:
    """Seal these files of a table with the key in use; returns how many."""
    done = 0
    with transaction.atomic():
        files = _files(table).select_for_update(of=("self",)).select_related("key")
        for row in files.filter(pk__in=rows, key__retired_at__isnull=False).order_by("pk"):
            try:
                data = unseal(row.key, row.sealed)
            except (Unreadable, InvalidToken, ValueError):
                log.exception("row %s of %s cannot be read any more", row.pk, table.__name__)
                continue
            key, sealed = seal(data)
            done += _files(table).filter(pk=row.pk).update(key=key, sealed=sealed)
    return done


def _files(table: type[models.Model]) -> models.Manager[Any]:
    return table._default_manager  # noqa: SLF001 - Django's public spelling for any model


def _tables() -> Iterator[type[models.Model]]:
    """The tables that keep sealed files."""
    for field in VaultKey._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django's public
        if isinstance(field, models.ManyToOneRel):
            yield field.related_model


def _in_use() -> VaultKey:
    """The key in use, held until the transaction ends; the first one is made here."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("files are sealed within a transaction")
    for _attempt in range(3):
        found = list(
            VaultKey.objects.raw(
                "SELECT * FROM kit_vaultkey WHERE retired_at IS NULL FOR SHARE",
            )
        )
        if found:
            return found[0]
        try:
            with transaction.atomic():
                return _make()
        except IntegrityError:
            continue  # somebody was first
    raise Unreadable("no key is in use")


def _make() -> VaultKey:
    fresh = base64.b64encode(AESGCM.generate_key(bit_length=256)).decode()
    return VaultKey.objects.create(sealed=installation.seal(fresh, PURPOSE))


def _seal(key: VaultKey, data: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + _cipher(key).encrypt(nonce, data, _label(key))


def _cipher(key: VaultKey) -> AESGCM:
    return AESGCM(base64.b64decode(installation.unseal(key.sealed, PURPOSE)))


def _label(key: VaultKey) -> bytes:
    return f"{PURPOSE}:{key.pk}".encode()
