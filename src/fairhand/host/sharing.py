"""Who uses one PostgreSQL: any number of processes at once, of which one started it.

Three files, locked as long as a process lives: everybody shares `users`, the one who looks after
the server owns `lock`, and `gate` lets only one at a time begin or end.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _


class Sharing:
    """This process's part in the use of the server below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._share: BinaryIO | None = None
        self._lock: BinaryIO | None = None

    @property
    def joined(self) -> bool:
        """Whether we use the server."""
        return self._share is not None

    @contextmanager
    def gate(self, seconds: float) -> Iterator[None]:
        """Let nobody else begin or end meanwhile. Raises HostError if others take too long."""
        end = time.monotonic() + seconds
        with self._opened("gate") as gate:
            while not _locked(gate):
                if time.monotonic() > end:
                    raise self.busy()
                time.sleep(0.05)
            yield

    def join(self) -> bool:
        """Begin to use the server, behind the gate; True if nobody else does."""
        self._share = self._opened("users")
        alone = _locked(self._share)
        fcntl.flock(self._share, fcntl.LOCK_SH)
        return alone

    def last(self) -> bool:
        """Tell, behind the gate and about to leave, whether nobody else uses the server."""
        return self._share is not None and _locked(self._share)

    def own(self) -> bool:
        """Look after the server from now on; False if somebody else does."""
        if self._lock is None:
            lock = self._opened("lock")
            if not _locked(lock):
                lock.close()
                return False
            self._lock = lock
        return True

    def leave(self) -> None:
        """Use the server no more."""
        for lock in (self._lock, self._share):
            if lock is not None:
                lock.close()
        self._lock = self._share = None

    def busy(self) -> HostError:
        """Give the refusal for a server that others are starting or stopping."""
        return HostError(
            _("The PostgreSQL of {path} is being started or stopped: try again.").format(
                path=self.folder
            )
        )

    def _opened(self, name: str) -> BinaryIO:
        try:
            return (self.folder / name).open("ab")
        except PermissionError:
            raise HostError(
                _("{path} cannot be written to by this user.").format(path=self.folder)
            ) from None


def _locked(file: BinaryIO) -> bool:
    """Lock the file for us alone, unless somebody else has a lock on it; our share is lost then."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
