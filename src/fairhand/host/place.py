"""Where a cluster's folder lies, so that PostgreSQL's user reaches it."""

import os
import tempfile
from pathlib import Path

from fairhand.host import binaries, private
from fairhand.host.accounts import am_root, can_enter, server_account
from fairhand.host.refusal import HostError, Say
from fairhand.host.refusal import gettext as _

MEMORY = Path("/dev/shm")  # noqa: S108 - only mkdtemp is used in it
MEMORY_NEEDED = 4 * 2**30  # containers often have 64 MB there


def scratch(*, lasting: bool) -> Path:
    """Find where temporary clusters go: what need not last goes into memory where there is plenty.

    As root perhaps not TMPDIR, which others may not enter.
    """
    account = server_account(Path("/nonexistent"))
    if not lasting and os.access(MEMORY, os.W_OK):
        space = os.statvfs(MEMORY)
        if space.f_bavail * space.f_frsize > MEMORY_NEEDED and can_enter(MEMORY, account):
            return MEMORY
    chosen = Path(tempfile.gettempdir())
    return chosen if can_enter(chosen, account) else Path("/tmp")  # noqa: S108 - mkdtemp


def of_home(home: Path, identity: str, say: Say) -> Path:
    """Decide where an installation's cluster lives: in its home, if PostgreSQL's user gets there.

    Otherwise in a private folder that bears the home's identity: so a moved home keeps its data,
    and a new home of the same name begins empty. Raises HostError for a copy of such a home.
    """
    inside = home / "postgres"
    if not am_root():
        return inside
    name = f"home-{identity}"
    moved = private.existing(name)
    if moved is None:
        if _fits(home, inside):
            return inside
        moved = private.private_folder() / name
        moved.mkdir(mode=0o700)
        moved.chmod(0o711)
    _claim(moved / "home", home)
    say(
        _("PostgreSQL's user cannot reach all of {home}: the database is in {path}").format(
            home=home, path=moved
        )
    )
    return moved / "postgres"


def _fits(home: Path, inside: Path) -> bool:
    """Tell whether data in the home can be used, or made if there is none."""
    account = server_account(inside / "data")
    reachable = can_enter(home, account)
    if not (inside / "data").exists():
        return reachable and not binaries.choose(None, account)[1]
    if not reachable:
        raise HostError(
            _(
                "PostgreSQL's user can no longer reach its data in {path}: give others passage "
                "(chmod o+x) through the folders above it, or move the home."
            ).format(path=inside)
        )
    return True


def _claim(note: Path, home: Path) -> None:
    """Note whose data this is, and refuse a copy of a home whose original is still there."""
    former = Path(note.read_text(encoding="utf-8")) if note.exists() else home
    mine = home / "installation.json"
    theirs = former / "installation.json"
    if former != home and theirs.exists() and theirs.read_bytes() == mine.read_bytes():
        raise HostError(
            _(
                "{home} is a copy of {former}, whose database is in {data}: two cannot share it. "
                "Remove the copy, or back up and restore as docs/operate/install.md tells."
            ).format(home=home, former=former, data=note.parent)
        )
    note.write_text(str(home), encoding="utf-8")
