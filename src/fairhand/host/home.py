"""FAIRHAND_HOME: the folder that holds an installation's state, its key and its locks."""

import datetime as dt
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

SETTING = "FAIRHAND_HOME"
FORMAT = 1
# What an interrupted first start may have left: these do not make a folder somebody else's.
OURS = frozenset({"secret.key", "installation.json", "run", "logs", "postgres"})
OTHERS = 0o077


def checkout() -> Path | None:
    """Find the checkout this code runs from; None if it was installed as a package."""
    top = Path(__file__).resolve().parents[3]
    return top if (top / "pyproject.toml").exists() and (top / "fairhand").is_file() else None


def default_folder() -> Path:
    """Choose the home: the setting, else `.fairhand` in the checkout or the current folder."""
    told = os.environ.get(SETTING, "")
    if told:
        return Path(told).expanduser().absolute()
    return (checkout() or Path.cwd()) / ".fairhand"


@dataclass(frozen=True)
class Home:
    """One installation's folder, whole and checked."""

    folder: Path
    identity: str

    @property
    def secret(self) -> Path:
        return self.folder / "secret.key"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @classmethod
    def open(cls, folder: Path | None = None) -> Self:
        """Open the home, making it if it is new or its making was interrupted.

        Raises HostError if the folder is somebody else's, incomplete, or open to others.
        """
        folder = folder or default_folder()
        try:
            return cls._open(folder)
        except PermissionError as error:
            raise HostError(
                _("{path} cannot be written to by this user: set FAIRHAND_HOME elsewhere.").format(
                    path=error.filename or folder
                )
            ) from None
        except (FileExistsError, NotADirectoryError):
            raise HostError(
                _("{path} is not a folder: set FAIRHAND_HOME elsewhere.").format(path=folder)
            ) from None
        except OSError as error:
            raise HostError(
                _("{path} cannot be used: {reason}. Set FAIRHAND_HOME elsewhere.").format(
                    path=folder, reason=error.strerror
                )
            ) from None

    @classmethod
    def _open(cls, folder: Path) -> Self:
        # As root, PostgreSQL's own user passes through; what is secret has modes of its own.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(mode)
        except FileExistsError:
            if not folder.is_dir():
                raise
        strangers = sorted({entry.name for entry in folder.iterdir()} - OURS)
        facts = folder / "installation.json"
        if strangers and not facts.exists():
            raise HostError(
                _(
                    "{path} holds {stranger} and is no Fairhand home: set FAIRHAND_HOME to an "
                    "empty or new folder."
                ).format(path=folder, stranger=strangers[0])
            )
        for part in ("run", "logs"):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        with _locked(folder / "run" / "home.lock", wait=True):
            identity = _identity(folder, facts)
        home = cls(folder, identity)
        _check_secret(home.secret)
        return home

    @contextmanager
    def owned(self, database: str) -> Iterator[None]:
        """Hold the lock of one platform of this home; raises HostError if another run has it."""
        try:
            with _locked(self.run / f"{database}.lock", wait=False):
                yield
        except BlockingIOError:
            raise HostError(
                _(
                    "Fairhand already runs from {path}: stop that one, or set another "
                    "FAIRHAND_HOME."
                ).format(path=self.folder)
            ) from None


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _identity(folder: Path, facts: Path) -> str:
    """Read who this installation is; a new one gets its key first and its facts last."""
    secret = folder / "secret.key"
    if facts.exists():
        try:
            identity = json.loads(facts.read_text(encoding="utf-8"))["identity"]
            assert isinstance(identity, str)
            assert identity.isalnum()
        except (ValueError, KeyError, TypeError, AssertionError):
            raise HostError(
                _(
                    "{path} is broken: bring it back from a backup, or move {folder} away to "
                    "begin with an empty platform."
                ).format(path=facts, folder=folder)
            ) from None
        if not secret.exists():
            raise HostError(
                _(
                    "The key file {path} is missing: bring it back from a backup, or move {folder} "
                    "away to begin with an empty platform."
                ).format(path=secret, folder=folder)
            )
        return identity
    if not secret.exists():
        _write_whole(secret, secrets.token_urlsafe(64) + "\n")
    identity = secrets.token_hex(8)
    made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    text = json.dumps({"identity": identity, "made": made, "format": FORMAT}) + "\n"
    _write_whole(facts, text)
    return identity


def _write_whole(path: Path, text: str) -> None:
    """Write a file that only its owner reads, so that a crash leaves all of it or none."""
    number, name = tempfile.mkstemp(dir=path.parent / "run")  # mode 0600
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).rename(path)


def _check_secret(path: Path) -> None:
    """Refuse a key that others on this machine can read (CF-2)."""
    if path.stat().st_mode & OTHERS:
        raise HostError(
            _(
                "The key file {path} can be read by others on this machine: run "
                "`chmod 600 {path}`, and replace it if they are not trusted."
            ).format(path=path)
        )
