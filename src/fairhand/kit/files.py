"""Files by what they hold: the only place where a path is joined and a stored file is opened.

A file's name is the SHA-256 of its bytes, so nothing that somebody typed ever becomes part of a
path, and the same picture is stored once. A file is whole or not there: it is written beside,
brought to the disk, and then named. What nobody refers to any more is swept out a day later.
"""

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

DIGEST = re.compile(r"[0-9a-f]{64}")
KEPT = 86_400  # seconds that a file stays which nothing refers to: its row may not be written yet
AT_ONCE = 1000  # files that are asked about in one query
UNFINISHED = "unfinished"


class Lost(Exception):  # noqa: N818 - names what the file is
    """A file that should be there is not, or holds something else: bring it back from a backup."""


def put(data: bytes) -> str:
    """Keep these bytes, on the disk when this returns; returns their digest, to read them by."""
    digest = hashlib.sha256(data).hexdigest()
    place = _place(digest)
    with _locked(fcntl.LOCK_SH):
        if _touched(place):
            return digest
        place.parent.mkdir(mode=0o700, exist_ok=True)
        number, beside = tempfile.mkstemp(dir=_folder() / UNFINISHED)  # mode 0600
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(place)
        _to_disk(place.parent)
        _to_disk(place.parent.parent)
    return digest


def read(digest: str) -> bytes:
    """The bytes of this digest. Raises Lost when they are not there, or are not these."""
    try:
        number = os.open(_place(digest), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Lost(digest) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Lost(digest)
    return data


def sweep(in_use: Callable[[list[str]], set[str]], *, kept: float = KEPT) -> int:
    """Delete what nothing refers to and nobody has put within `kept` seconds; returns how many.

    in_use: which of these digests something refers to.
    """
    gone = 0
    end = time.time() - kept
    with _locked(fcntl.LOCK_EX):
        for stray in list((_folder() / UNFINISHED).iterdir()):
            if stray.lstat().st_mtime < end:
                stray.unlink()
        old = [place for place in _all() if place.lstat().st_mtime < end]
        for start in range(0, len(old), AT_ONCE):
            part = old[start : start + AT_ONCE]
            used = in_use([place.name for place in part])
            for place in part:
                if place.name not in used:
                    place.unlink()
                    gone += 1
    return gone


def _folder() -> Path:
    return Path(settings.MEDIA_FOLDER)


def _place(digest: str) -> Path:
    """Where the file of a digest lies. Whatever is no digest names no file."""
    if not DIGEST.fullmatch(digest):
        raise Lost("this is no digest")
    return _folder() / digest[:2] / digest


def _all() -> Iterator[Path]:
    for part in sorted(_folder().glob("[0-9a-f][0-9a-f]")):
        yield from (place for place in part.iterdir() if DIGEST.fullmatch(place.name))


def _touched(place: Path) -> bool:
    """Whether the file is there; it counts as new again, so that no sweep takes it now."""
    try:
        os.utime(place, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _locked(how: int) -> Iterator[None]:
    """Nobody sweeps while somebody puts, so what was just found there stays there."""
    folder = _folder()
    (folder / UNFINISHED).mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as file:
        fcntl.flock(file, how)
        yield


def _to_disk(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
