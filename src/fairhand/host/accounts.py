"""Under which system user PostgreSQL runs, and what that user can reach.

PostgreSQL refuses to run as root. Where Fairhand runs as root, PostgreSQL gets a user number of its
own: no account is made for it, and no folder's permissions are opened for it.
"""

import grp
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

# Neither Debian (60000-64999 for packages, on request) nor systemd (61184-65519) gives these out
# by itself, and they exist in containers that map only 65536 users.
FREE_NUMBERS = range(60915, 61184)


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A system user by number; `None` in its place means: whoever runs Fairhand."""

    uid: int
    gid: int

    def run_as(self) -> RunAs:
        """Give the arguments by which `subprocess` starts a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def run_as(account: Account | None) -> RunAs:
    """Give the arguments of `subprocess` for `account`, none where nothing changes."""
    return account.run_as() if account else {}


def am_root() -> bool:
    return os.geteuid() == 0


def my_name() -> str:
    """Name whoever runs Fairhand, as PostgreSQL's peer check sees them."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise HostError(
            _(
                "The user number {uid} has no entry in /etc/passwd, which PostgreSQL needs: add "
                "one, or name a PostgreSQL server in FAIRHAND_DATABASE_URL."
            ).format(uid=os.geteuid())
        ) from None


def server_account(data: Path) -> Account | None:
    """Choose who runs PostgreSQL over `data`: its owner if it exists, else a free number.

    None unless Fairhand runs as root. Raises HostError where the folder is another user's.
    """
    try:
        owner = data.lstat()
    except (FileNotFoundError, NotADirectoryError):
        owner = None
    if am_root():
        if owner is not None and owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        return _free_account()
    if owner is not None and owner.st_uid != os.geteuid():
        raise HostError(
            _(
                "The database folder {path} belongs to user number {uid}: run Fairhand as the user "
                "who made it, or choose another FAIRHAND_HOME."
            ).format(path=data, uid=owner.st_uid)
        )
    return None


def _free_account() -> Account:
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()}
    number = next(number for number in FREE_NUMBERS if number not in taken)
    return Account(number, number)


def named_account() -> Account:
    """Choose a user with a name, whom `initdb` insists on; it owns nothing afterwards."""
    others = [entry for entry in pwd.getpwall() if entry.pw_uid]
    if not others:
        raise HostError(
            _("PostgreSQL does not run as root, and this system has no other user: run as one.")
        )
    entry = next((entry for entry in others if entry.pw_name == "nobody"), others[0])
    return Account(entry.pw_uid, entry.pw_gid)


def can_enter(folder: Path, account: Account | None) -> bool:
    """Try whether `account` can enter `folder`: tried for real, whatever forbids it."""
    if account is None:
        return os.access(folder, os.X_OK)
    try:
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            cwd="/",
            check=False,
            capture_output=True,
            **account.run_as(),
        )
    except PermissionError:
        raise HostError(
            _(
                "PostgreSQL does not run as root, and this system does not let root become another "
                "user: run Fairhand as an ordinary user, or name a server in FAIRHAND_DATABASE_URL."
            )
        ) from None
    return tried.returncode == 0


def give(folder: Path, account: Account | None) -> None:
    """Hand `folder` and all in it to `account`."""
    if account is None:
        return
    os.chown(folder, account.uid, account.gid)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, account.uid, account.gid, follow_symlinks=False)
