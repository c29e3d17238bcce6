"""The platform's own processes: started together, brought back when they fall, ended in order."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fairhand.host import tied
from fairhand.host.postgres import Cluster
from fairhand.host.refusal import HostError, Say, silent
from fairhand.host.refusal import gettext as _

LOOK_SECONDS = 0.05
STDERR = 2
ERROR_LINE = re.compile(r"[\w.]+(Error|Exception|Configured): ")
LONGEST_LOG = 10_000_000
END_SECONDS = 2.0
FALLS_ALLOWED = 5
FALLS_WINDOW = 60.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


@dataclass
class Child:
    """One command that should always run; `log` None lets it write where we write."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    begin: int = 0  # where in its log this run begins
    falls: deque[float] = field(default_factory=deque)
    not_before: float = 0.0

    def start(self) -> None:
        """Start the command in a session of its own, tied to our life."""
        supervised = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid()), *self.command]
        output = self.log.open("ab") if self.log else None
        self.begin = output.tell() if output else 0
        try:
            self.process = subprocess.Popen(
                supervised,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output or STDERR,  # standard output is for what a command reports
                stderr=output or STDERR,
                start_new_session=True,  # Ctrl-C is for us: we stop things in their order
            )
        finally:
            if output:
                output.close()

    def fallen(self) -> bool:
        """Tell whether the command ended by itself; what it left of its session is ended too."""
        if self.process is None or not self.ended():
            return False
        self.kill()
        return True

    def ended(self) -> bool:
        """Tell whether the command has ended, without collecting it.

        Until it is collected its session keeps its number, so that `kill` hits nobody else.
        """
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return self.process is None or os.waitid(os.P_PID, self.process.pid, how) is not None

    def kill(self) -> None:
        """End the command and all it started, at once."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):  # all gone, as some systems say it
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def pause(self) -> float:
        """Note a fall and return how long to wait; raises HostError after too many."""
        now = time.monotonic()
        self.falls.append(now)
        while now - self.falls[0] > FALLS_WINDOW:
            self.falls.popleft()
        if len(self.falls) > FALLS_ALLOWED:
            raise HostError(
                _("The {name} process ended {count} times within a minute: {reason}").format(
                    name=self.name, count=len(self.falls), reason=self.last_words()
                )
            )
        return min(FIRST_PAUSE * (1 << (len(self.falls) - 1)), LONGEST_PAUSE)

    def written(self) -> str:
        """Read what its last run wrote into its log so far."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(self.begin)
            return file.read().decode("utf-8", "replace")

    def last_words(self) -> str:
        """Find the last error in the log of its last run, and where the rest is."""
        if self.log is None or not self.log.exists():
            return _("see above.")
        lines = self.written().strip().splitlines()
        reasons = [line for line in lines if ERROR_LINE.match(line)] or lines or ["-"]
        return f"{reasons[-1].strip()} ({self.log})"


class Supervisor:
    """Keeps children, and the PostgreSQL below them, running until it is told to stop."""

    def __init__(self, cluster: Cluster | None, *, say: Say = silent) -> None:
        self.cluster = cluster
        self.children: list[Child] = []
        self.say = say
        self.trouble: HostError | None = None
        self.over = threading.Event()  # set when stopped, and when it gave up
        self.settled = False  # until the platform has served once, a fall is final
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._cluster_falls = Child("PostgreSQL", [], {}, cluster.layout.log if cluster else None)

    def start(self, child: Child) -> None:
        """Start a child and watch it from now on."""
        if child.log and child.log.exists() and child.log.stat().st_size > LONGEST_LOG:
            child.log.rename(child.log.with_suffix(".old.log"))
        child.start()
        self.children = [*self.children, child]  # the watching thread walks over the old list
        self.watch()

    def watch(self) -> None:
        """Begin to watch."""
        if not self._thread.is_alive():
            self._thread.start()

    def _watch(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            try:
                self._look()
            except HostError as error:
                self.trouble = error
                self.over.set()

    def _look(self) -> None:
        if self.cluster and not self.cluster.alive():
            self.say(_("PostgreSQL ended unexpectedly; starting it again."))
            if self.over.wait(self._cluster_falls.pause()):
                return
            self.cluster.launch()
        for child in self.children:
            if child.fallen():
                if not self.settled:
                    raise HostError(
                        _("The {name} process does not start: {reason}").format(
                            name=child.name, reason=child.last_words()
                        )
                    )
                self.say(_("The {name} process ended; starting it again.").format(name=child.name))
                child.not_before = time.monotonic() + child.pause()
            if child.process is None and time.monotonic() >= child.not_before:
                child.start()

    def stop(self) -> None:
        """End all children, politely for two seconds; the cluster is its owner's to stop."""
        self.over.set()
        if self._thread.is_alive():
            self._thread.join(LOOK_SECONDS * 10)  # it may be waiting for PostgreSQL's recovery
        for child in self.children:
            if child.process is not None and not child.ended():
                child.process.terminate()
        end = time.monotonic() + END_SECONDS
        while time.monotonic() < end and not all(child.ended() for child in self.children):
            time.sleep(0.01)
        for child in self.children:
            child.kill()
