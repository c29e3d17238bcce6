import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairhand.host import processes
from fairhand.host.postgres import Cluster
from fairhand.host.processes import Child, Supervisor
from tests.host.waiting import lives, until

ENDURING = "import signal; signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)\n"
    "while True: signal.pause()"
)
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
child.wait()
"""
ENDS = "raise SystemExit('ValueError: it cannot')"


def child(folder: Path, code: str) -> Child:
    return Child("test", [sys.executable, "-c", code], os.environ, folder / "test.log")


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(None)
    made.settled = True
    yield made
    made.stop()


def number(one: Child) -> int:
    assert one.process is not None
    return one.process.pid


def written(one: Child) -> str:
    assert one.log is not None
    return one.log.read_text() if one.log.exists() else ""


def test_a_killed_process_comes_back(tmp_path: Path, supervisor: Supervisor) -> None:
    one = child(tmp_path, ENDURING)
    supervisor.start(one)
    first = number(one)
    os.kill(first, signal.SIGKILL)
    until(lambda: one.process is not None and one.process.pid != first)
    assert not lives(first)
    assert not supervisor.over.is_set()


def test_what_a_killed_process_had_started_does_not_stay(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    one = child(tmp_path, PARENT)
    supervisor.start(one)
    until(lambda: written(one) != "")
    below = int(written(one).split()[0])
    os.kill(number(one), signal.SIGKILL)
    until(lambda: not lives(below))


def test_a_process_that_keeps_falling_is_given_up_with_its_last_words(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FALLS_ALLOWED", 2)
    supervisor.start(child(tmp_path, ENDS))
    assert supervisor.over.wait(30)
    assert "ended 3 times" in str(supervisor.trouble)
    assert "it cannot" in str(supervisor.trouble)


def test_a_process_that_never_served_is_given_up_at_its_first_fall(tmp_path: Path) -> None:
    supervisor = Supervisor(None)
    supervisor.start(child(tmp_path, ENDS))
    assert supervisor.over.wait(30)
    supervisor.stop()
    assert "does not start: ValueError: it cannot" in str(supervisor.trouble)


def test_stopping_ends_the_stubborn_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "END_SECONDS", 0.2)
    supervisor, one = Supervisor(None), child(tmp_path, STUBBORN)
    supervisor.start(one)
    until(lambda: written(one) != "")
    stubborn = number(one)
    supervisor.stop()
    assert not lives(stubborn)


def test_a_killed_postgresql_comes_back_with_its_data() -> None:
    with Cluster.temporary(fsync=True) as cluster:
        supervisor = Supervisor(cluster)
        supervisor.watch()
        first = cluster.process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: cluster.process is not None and cluster.process is not first)
        until(lambda: cluster._status() == "ready")
        assert cluster.ensure_database("after")
        supervisor.stop()
