"""PostgreSQL's data folder: made whole or not at all, checked, configured at each start."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairhand.host.accounts import Account, give, my_name, named_account, run_as
from fairhand.host.binaries import Binaries
from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

ROLE = "fairhand"  # owns the platform's databases; no superuser
SUPERUSER = "postgres"
BUILTIN_LOCALE_SINCE = 17
CHECKSUMS_SINCE = 18  # by default
# A start that finds these files missing would fail with a riddle.
ESSENTIAL = ("PG_VERSION", "global/pg_control", "base", "pg_wal", "postgresql.conf")
MEGABYTE = 2**20


@dataclass(frozen=True)
class Layout:
    """The places below the folder of one cluster."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"


def environment() -> dict[str, str]:
    """Give PostgreSQL's programs a plain environment: no PG* variable of the caller may leak in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def major_of(data: Path) -> int | None:
    """Read which major made `data`; None if there is no data yet.

    Raises HostError for a folder that is there but is not whole.
    """
    try:
        if not data.exists():
            return None
        missing = [name for name in ESSENTIAL if not (data / name).exists()]
        if not missing:
            return int((data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
    except PermissionError:
        raise HostError(
            _("The database folder {path} cannot be read by this user.").format(path=data)
        ) from None
    except ValueError:
        missing = ["PG_VERSION"]
    raise HostError(
        _(
            "The database folder {path} is only half there ({missing} is missing or broken): bring "
            "it back from a backup, or move it away to begin with an empty platform."
        ).format(path=data, missing=missing[0])
    )


def make(layout: Layout, binaries: Binaries, account: Account | None, *, sync: bool) -> None:
    """Make the data folder under a draft's name and rename it: a crash leaves no half one.

    `initdb` insists on a user with a name, so where PostgreSQL runs under a bare number a named
    one makes the draft and hands it over.
    """
    maker = named_account() if account else None
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=layout.folder))
    give(draft, maker)
    arguments = ["--username", SUPERUSER, "--encoding=UTF8", "--no-instructions"]
    arguments += ["--auth-local=peer", "--auth-host=reject"]
    if binaries.major >= BUILTIN_LOCALE_SINCE:
        arguments += ["--locale-provider=builtin"]
    if binaries.major < CHECKSUMS_SINCE:
        arguments += ["--data-checksums"]
    arguments += ["--locale=C.UTF-8"]
    arguments += [] if sync else ["--no-sync"]
    done = subprocess.run(
        [binaries.program("initdb"), "-D", draft, *arguments],
        cwd="/",
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        **run_as(maker),
    )
    if done.returncode:
        shutil.rmtree(draft)
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise HostError(
            _("PostgreSQL could not make its data folder in {path}: {reason}").format(
                path=layout.folder, reason=told[-1] if told else done.returncode
            )
        )
    give(draft, account)
    draft.rename(layout.data)


def remove_drafts(layout: Layout) -> None:
    """Remove what an interrupted `make` left; the caller holds the lock."""
    for draft in layout.folder.glob("draft-*"):
        shutil.rmtree(draft)


def configure(
    layout: Layout, socket: Path, account: Account | None, settings: Mapping[str, str]
) -> Path:
    """Write the settings of the next start and return the main file.

    They live outside the data folder and are rewritten each time; what an operator wants
    otherwise goes into `local.conf` beside them, which wins.
    """
    folder = layout.settings
    folder.mkdir(mode=0o755, exist_ok=True)
    if account:
        folder.chmod(0o755)  # of no secret; PostgreSQL's user must read it
    me = my_name().replace('"', '""')
    _write(
        folder / "hba.conf",
        "# Only the system user who runs Fairhand may come in, through the socket.\n"
        f"local all {SUPERUSER},{ROLE} peer map=fairhand\n"
        f"local replication {SUPERUSER} peer map=fairhand\n",
    )
    _write(
        folder / "ident.conf",
        "".join(f'fairhand "{me}" {role}\n' for role in (SUPERUSER, ROLE)),
    )
    told = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": '"' + str(socket).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "hba_file": str(folder / "hba.conf"),
        "ident_file": str(folder / "ident.conf"),
        **_sizes(),
        **settings,
    }
    local = folder / "local.conf"
    if not local.exists():
        _write(local, "# Your own settings of PostgreSQL: docs/operate/configuration.md.\n")
    lines = [f"{name} = '{_quoted(value)}'\n" for name, value in told.items()]
    lines.append(f"include_if_exists = '{_quoted(str(local))}'\n")
    main = folder / "postgresql.conf"
    _write(main, "# Written by Fairhand at each start: your own settings go into local.conf.\n")
    with main.open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return main


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _sizes() -> dict[str, str]:
    """Choose sizes for a small server that PostgreSQL shares with the platform."""
    memory = _memory()
    buffers = min(max(memory // 8, 64 * MEGABYTE), 1024 * MEGABYTE)
    return {
        "max_connections": "100",
        "shared_buffers": f"{buffers // MEGABYTE}MB",
        "effective_cache_size": f"{memory // 2 // MEGABYTE}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": f"{min(memory // 16, 256 * MEGABYTE) // MEGABYTE}MB",
        "synchronous_commit": "on",
        "jit": "off",  # pages run short queries: compiling them costs more than it saves
        "random_page_cost": "1.1",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "default_text_search_config": "pg_catalog.simple",
    }


def _memory() -> int:
    """Count the bytes of memory this machine, or this container, may use."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return memory
    return min(memory, int(limit)) if limit.isdigit() else memory
