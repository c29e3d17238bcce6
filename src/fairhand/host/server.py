"""The whole platform on one machine: PostgreSQL, tables, web server, background jobs."""

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from fairhand.host import databases, ports, schema, survivors
from fairhand.host.home import Home
from fairhand.host.postgres import Cluster
from fairhand.host.processes import Child, Supervisor
from fairhand.host.refusal import HostError, Say, silent
from fairhand.host.refusal import gettext as _
from fairhand.host.schema import Kind

DATABASE = "fairhand"
DATABASE_SETTING = "FAIRHAND_DATABASE_URL"
MARKER = "FAIRHAND_SUPERVISOR"
LOOPBACK_HOSTS = "127.0.0.1,localhost,[::1]"
SERVED_SECONDS = 60.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Platform:
    """A running platform: where it is, and with which environment its parts were started."""

    url: str
    database_url: str
    environment: Mapping[str, str]
    home: Home
    cluster: Cluster | None
    supervisor: Supervisor

    def check(self) -> None:
        """Raise HostError if a part of the platform was given up."""
        if self.supervisor.trouble is not None:
            raise self.supervisor.trouble

    def wait(self) -> None:
        """Stay until Ctrl-C or a signal; raises HostError if a part was given up."""
        self.supervisor.over.wait()
        self.check()


@contextmanager
def prepared_database(
    database: str = DATABASE,
    *,
    kind: Kind = "platform",
    home: Home | None = None,
    migrate: bool = True,
    say: Say = silent,
) -> Iterator[tuple[dict[str, str], Cluster | None]]:
    """Give the environment of a platform whose database is up and up to date, without serving it.

    A PostgreSQL that already runs from this home is used, and left running. For commands that
    need the database alone. Raises HostError.
    """
    home = home or Home.open()
    with ExitStack() as stack:
        url, cluster = _database(home, database, stack, say)
        environment = _environment(home, url, kind)
        if migrate:
            log = home.logs / f"{database}-migrate.log"
            schema.prepare(url, kind, environment, log, say)
        yield environment, cluster


@contextmanager
def running_platform(
    database: str = DATABASE,
    *,
    kind: Kind = "platform",
    host: str = "127.0.0.1",
    port: int = 0,
    workers: int = 2,
    threads: int = 4,
    home: Home | None = None,
    logs: bool = True,
    say: Say = silent,
) -> Iterator[Platform]:
    """Run the platform until the block ends, then stop all that was started within five seconds.

    Port 0 chooses a free one. The parts write into the home's `logs` folder, or with `logs` false
    where we write. SIGTERM and a closed terminal end the block as Ctrl-C does. Raises HostError.
    """
    port = ports.claim(host, port)
    home = home or Home.open()
    for sentence in unheeded(kind, os.environ):
        say(sentence)
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        stack.enter_context(home.owned(database))
        marker = stack.enter_context(_marked(home.run / f"{database}.supervisor"))
        environment, cluster = stack.enter_context(
            prepared_database(database, kind=kind, home=home, say=say)
        )
        environment |= {MARKER: marker, **_addresses(kind, host, port)}
        supervisor = Supervisor(cluster, say=say)
        stack.callback(supervisor.stop)
        web = _web(host, port, workers, threads)
        supervisor.start(Child("web", web, environment, _log(home, database, "web", logs=logs)))
        _wait_until_served(supervisor, host, port)
        if (schema.PACKAGE / "jobs" / "__main__.py").exists():  # after it, not to slow the start
            jobs = [sys.executable, "-m", "fairhand.jobs"]
            log = _log(home, database, "jobs", logs=logs)
            supervisor.start(Child("jobs", jobs, environment, log))
        yield Platform(
            url=ports.url(host, port),
            database_url=environment[DATABASE_SETTING],
            environment=environment,
            home=home,
            cluster=cluster,
            supervisor=supervisor,
        )


def unheeded(kind: Kind, settings: Mapping[str, str]) -> Iterator[str]:
    """Say which settings count for nothing here, lest somebody waits for what they promise."""
    console = settings.get("FAIRHAND_PHONE_URL") == "console:"
    if console and kind == "platform" and not settings.get("FAIRHAND_DEBUG"):
        yield _(
            "FAIRHAND_PHONE_URL=console: is for demonstrations: this installation sends no texts "
            "to phones, and asks nobody for a number."
        )


def _database(home: Home, database: str, stack: ExitStack, say: Say) -> tuple[str, Cluster | None]:
    """Start PostgreSQL, or use the server that the setting names; make the database there."""
    told = os.environ.get(DATABASE_SETTING, "")
    if told:
        if database == DATABASE:
            return told, None
        url = urlsplit(told)._replace(path=f"/{database}").geturl()
        databases.ensure(told, database)
        return url, None
    cluster = Cluster.of_home(home.folder, home.identity, say=say)
    cluster.start(attach=True)
    stack.callback(cluster.stop)
    cluster.ensure_database(database)
    return cluster.url(database), cluster


def _environment(home: Home, url: str, kind: Kind) -> dict[str, str]:
    return {
        "FAIRHAND_SECRET_FILE": str(home.secret),
        "FAIRHAND_HOSTS": LOOPBACK_HOSTS,
        **os.environ,
        "FAIRHAND_HOME": str(home.folder),
        DATABASE_SETTING: url,
        "FAIRHAND_KIND": kind,
        "DJANGO_SETTINGS_MODULE": "fairhand.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _addresses(kind: Kind, host: str, port: int) -> dict[str, str]:
    """Tell the platform its address: the operator's word counts, save for demos and the like."""
    hosts = LOOPBACK_HOSTS if host in ports.ANYWHERE else f"{LOOPBACK_HOSTS},{host}"
    told = {"FAIRHAND_BASE_URL": ports.url(host, port), "FAIRHAND_HOSTS": hosts}
    if kind != "platform":
        return told
    return {name: os.environ.get(name) or value for name, value in told.items()}


def _web(host: str, port: int, workers: int, threads: int) -> list[str]:
    sizes = (str(port), str(workers), str(threads))
    return [sys.executable, "-m", "fairhand.host.serve", host, *sizes]


def _log(home: Home, database: str, name: str, *, logs: bool) -> Path | None:
    return home.logs / f"{database}-{name}.log" if logs else None


def _wait_until_served(supervisor: Supervisor, host: str, port: int) -> None:
    web = supervisor.children[0]
    end = time.monotonic() + SERVED_SECONDS
    while not ports.answers(host, port):
        if supervisor.trouble is not None:
            raise supervisor.trouble
        if time.monotonic() > end:
            raise HostError(
                _("The site does not answer on port {port}: {reason}").format(
                    port=port, reason=web.last_words()
                )
            )
        time.sleep(0.01)
    supervisor.settled = True


@contextmanager
def _marked(note: Path) -> Iterator[str]:
    """Give a mark that all our processes carry, and end those of a run that was killed."""
    if note.exists():
        survivors.end_carriers(note.read_text(encoding="ascii"))
    marker = secrets.token_hex(16)
    note.write_text(f"{MARKER}={marker}", encoding="ascii")
    yield marker
    note.unlink(missing_ok=True)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let every usual signal end the block as Ctrl-C does, and the clean-up run to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, _interrupt) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in ENDINGS:  # a second Ctrl-C must not cut the clean-up short
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
