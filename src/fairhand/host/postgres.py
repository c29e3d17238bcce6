"""Our own supervisor of one PostgreSQL: private socket, peer check, crash-safe start, one owner.

`with Cluster.temporary() as cluster:` gives tests and benches one that leaves nothing behind.
"""

import math
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from fairhand.host import binaries as programs
from fairhand.host import databases, datafolder, place, survivors
from fairhand.host.accounts import Account, am_root, run_as, server_account
from fairhand.host.datafolder import ROLE, SUPERUSER, Layout
from fairhand.host.refusal import HostError, Say, silent
from fairhand.host.refusal import gettext as _
from fairhand.host.sharing import Sharing

LONGEST_SOCKET = 99  # bytes; the system's limit is 103 to 107
READY_LINE = 7  # of postmaster.pid, counted from 0: the status
SOCKET_LINE = 4
RECOVERY_SECONDS = 300.0  # replaying the log after a crash may take long
QUIET_SECONDS = 2.0
RETRY_SECONDS = 10.0
STOP_SECONDS = 2.5
# Memory and lock files of a predecessor that is just going away.
PASSING = ("shared memory block", "lock file", "could not create lock")
LEAVING = "unexpected postmaster exit"
PORT = 5432
NO_FSYNC = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",  # it may lie in memory
}


class Cluster:
    """One PostgreSQL server over one folder, owned by the process that started it."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        say: Say = silent,
    ) -> None:
        self.layout = Layout(folder.resolve())
        self.settings = dict(settings or {})
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None
        self.binaries: programs.Binaries | None = None
        self.socket = Path()
        self._account: Account | None = None
        self.sharing = Sharing(self.layout.folder)
        self._stopping = False

    @classmethod
    def of_home(cls, folder: Path, identity: str, *, say: Say = silent) -> Self:
        """Give the cluster of an installation's home, wherever its data had to go."""
        return cls(place.of_home(folder.resolve(), identity, say), say=say)

    @classmethod
    @contextmanager
    def temporary(
        cls, *, fsync: bool = False, settings: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """Run a cluster that leaves nothing behind, for tests and benches."""
        parent = place.scratch(lasting=fsync)
        cls._sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix="fairhand-", dir=parent))
        if am_root():
            folder.chmod(0o711)
        chosen = {"max_connections": "200", **({} if fsync else NO_FSYNC), **(settings or {})}
        try:
            with cls(folder, settings=chosen) as cluster:
                yield cluster
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @classmethod
    def _sweep(cls, parent: Path) -> None:
        """Remove temporary clusters whose owners were killed, with the servers they left."""
        for note in parent.glob("fairhand-*/data/postmaster.pid"):
            left = cls(note.parents[1])
            with suppress(HostError, OSError):
                if left.sharing.own():  # else its owner lives
                    left._recover()
                    left.sharing.leave()
                    shutil.rmtree(left.layout.folder, ignore_errors=True)

    # --- life ---------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, *, attach: bool = False) -> None:
        """Start the server, making its data first if there is none.

        With `attach`, a server that another process of ours runs is used instead; whoever ends
        last stops it. Raises HostError if it cannot be started or is taken.
        """
        layout, self._stopping = self.layout, False
        account = self._account = server_account(layout.data)
        layout.folder.mkdir(mode=0o711 if account else 0o700, parents=True, exist_ok=True)
        with self.sharing.gate(RETRY_SECONDS):
            alone, ours = self.sharing.join(), self.sharing.own()
            if not alone and not attach:
                self.sharing.leave()
                raise HostError(
                    _(
                        "The PostgreSQL of {path} runs already: stop the other Fairhand first."
                    ).format(path=layout.folder)
                )
            self._begin(account, new=alone and ours)

    def _begin(self, account: Account | None, *, new: bool) -> None:
        try:
            if new:
                self._start(account)
            else:
                self._attach()
        except BaseException:  # Ctrl-C too: what was started is stopped
            self._end(STOP_SECONDS)
            raise

    def _start(self, account: Account | None) -> None:
        layout = self.layout
        datafolder.remove_drafts(layout)
        major = datafolder.major_of(layout.data)
        self.binaries, copied = programs.choose(major, account)
        if copied:
            self.say(
                _("PostgreSQL's programs run from {path}, where their user reaches them.").format(
                    path=self.binaries.folder
                )
            )
        self._recover()
        if major is None:
            sync = self.settings.get("fsync") != "off"
            datafolder.make(layout, self.binaries, account, sync=sync)
        self.launch()
        databases.ensure_role(self.admin_url(), ROLE)

    def launch(self) -> None:
        """Start the server process over data that is there, and wait until it accepts.

        This is also how a server that died is brought back. Raises HostError with PostgreSQL's
        own last words.
        """
        assert self.binaries is not None
        if self.socket == Path():
            self.socket = self._make_socket_folder()
        main = datafolder.configure(self.layout, self.socket, self._account, self.settings)
        end = time.monotonic() + RETRY_SECONDS
        while (words := self._try_launch(main)) is not None:
            passing = any(sign in words for sign in PASSING) and not self._stopping
            if not passing or time.monotonic() > end:
                raise HostError(
                    _("PostgreSQL did not start: {reason} (its log is {path})").format(
                        reason=words, path=self.layout.log
                    )
                )
            survivors.end_servers(self.layout.data, None)
            time.sleep(0.1)

    def _try_launch(self, main: Path) -> str | None:
        """Start once and wait; None when it accepts, else its last words."""
        assert self.binaries is not None
        log = self.layout.log
        begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            process = self.process = subprocess.Popen(
                [
                    self.binaries.program("postgres"),
                    *("-D", str(self.layout.data), "-c", f"config_file={main}"),
                ],
                cwd="/",
                env=datafolder.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                umask=0o077,
                start_new_session=True,  # Ctrl-C is for us: we stop things in their order
                **run_as(self._account),
            )
        said, began = False, time.monotonic()
        while process.poll() is None:
            if self._status() == "ready":
                return None
            waited = time.monotonic() - began
            if waited > QUIET_SECONDS and not said:
                self.say(_("PostgreSQL is recovering from a crash …"))
                said = True
            if waited > RECOVERY_SECONDS:
                self.stop()
                return _("it was not ready after {seconds} seconds").format(seconds=int(waited))
            time.sleep(0.005)
        self.process = None
        return _last_words(log, begin)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server if nobody else uses it; nothing acknowledged is lost either way.

        A checkpoint that lasts longer than `seconds` is cut off, and the next start recovers.
        """
        self._stopping = True
        if self.sharing.joined:
            with self.sharing.gate(math.inf):
                self._end(seconds)

    def _end(self, seconds: float) -> None:
        process, self.process = self.process, None
        if not self.sharing.last():
            if process is not None:
                process.returncode = 0  # no longer ours to wait for
            self.sharing.leave()
            return
        if process is None:
            self._recover(said=False)
        elif process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait()
        self._remove_socket_folder()
        self.sharing.leave()

    def alive(self) -> bool:
        """Tell whether the server runs, or is for somebody else to bring back."""
        if self.process is not None:
            return self.process.poll() is None
        return self._answers() or not self.sharing.own()

    # --- what callers use ---------------------------------------------------------------------
    def url(self, database: str, role: str = ROLE) -> str:
        """Give the address of a database, for psycopg, Django's settings and PostgreSQL's tools."""
        socket = quote(str(self.socket), safe="")
        # The port names the socket's file; said here, the caller's PGPORT cannot mislead.
        return f"postgresql://{role}@/{quote(database)}?host={socket}&port={PORT}"

    def admin_url(self, database: str = "postgres") -> str:
        """Give the address for the superuser, who makes extensions; the platform never uses it."""
        return self.url(database, SUPERUSER)

    def program(self, name: str) -> Path:
        """Find one of PostgreSQL's own programs: psql, pgbench, pg_dump …"""
        assert self.binaries is not None
        return self.binaries.program(name)

    def ensure_database(self, name: str) -> bool:
        """Make the database unless it is there; True if it was made now."""
        return databases.ensure(self.admin_url(), name, owner=ROLE)

    def drop_database(self, name: str) -> None:
        """Drop the database, whoever is connected to it."""
        databases.drop(self.admin_url(), name)

    # --- inner --------------------------------------------------------------------------------
    def _answers(self) -> bool:
        """Tell whether the process that the server's note names lives."""
        try:
            os.kill(int(self._told()[0]), 0)
        except PermissionError:
            return True
        except (IndexError, ValueError, ProcessLookupError):
            return False
        return True

    def _attach(self) -> None:
        """Use the server that another process of ours runs here, once it accepts."""
        end = time.monotonic() + RETRY_SECONDS
        while self._status() != "ready":
            if time.monotonic() > end:
                raise self.sharing.busy()
            time.sleep(0.05)
        self.socket = Path(self._told()[SOCKET_LINE])
        self.binaries, _copied = programs.choose(
            datafolder.major_of(self.layout.data), self._account
        )

    def _told(self) -> list[str]:
        try:
            return (self.layout.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _status(self) -> str:
        """Read what the server says of itself: "starting", "ready", "stopping" or nothing."""
        told = self._told()
        if self.process is not None and told and told[0] != str(self.process.pid):
            return ""  # a predecessor's
        return told[READY_LINE].strip() if len(told) > READY_LINE else ""

    def _recover(self, *, said: bool = True) -> None:
        """End a server that nobody uses any more, as a killed predecessor leaves it."""
        told = self._told()
        if not told:
            return
        number = abs(int(told[0])) if told[0].strip().lstrip("-").isdigit() else None
        if said and number and survivors.is_server(number, self.layout.data):
            self.say(_("Stopping the PostgreSQL that an interrupted run left behind …"))
        if not survivors.end_servers(self.layout.data, number):
            raise HostError(
                _("A PostgreSQL that an earlier run left in {path} does not end: end it.").format(
                    path=self.layout.data
                )
            )
        if len(told) > SOCKET_LINE and self._is_temporary(Path(told[SOCKET_LINE])):
            shutil.rmtree(told[SOCKET_LINE], ignore_errors=True)
        # Its number may be another program's by now, which PostgreSQL would take for a server.
        (self.layout.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_socket_folder(self) -> Path:
        folder = self.layout.folder / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET:
            folder = Path(tempfile.mkdtemp(prefix="fairhand-", dir="/tmp"))
        else:
            folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        if self._account:
            os.chown(folder, self._account.uid, self._account.gid)
        return folder

    def _is_temporary(self, socket: Path) -> bool:
        return socket.parent == Path("/tmp") and socket.name.startswith("fairhand-")  # noqa: S108

    def _remove_socket_folder(self) -> None:
        if self._is_temporary(self.socket):
            shutil.rmtree(self.socket, ignore_errors=True)
        self.socket = Path()


def _last_words(log: Path, begin: int) -> str:
    """Find the reason in what the server wrote since `begin`."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    # What a killed predecessor's back ends say while they go is not the new server's reason.
    own = [line for line in lines if LEAVING not in line]
    reasons = [line for line in own if "FATAL" in line or "PANIC" in line] or lines[-1:]
    return " ".join(reasons[-1].split()) if reasons else _("it said nothing")
