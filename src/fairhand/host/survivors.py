"""What a killed predecessor left running: found by what only its processes have, then ended."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
GENTLE_SECONDS = 8.0
RUDE_SECONDS = 5.0


def _numbers() -> Iterator[int]:
    if PROC.is_dir():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def working_in(folder: Path) -> list[int]:
    """List the processes whose working folder is `folder`, as every process of PostgreSQL's has.

    Empty where the system has no /proc.
    """
    found = []
    for number in _numbers():
        try:
            if (PROC / str(number) / "cwd").readlink() == folder:
                found.append(number)
        except OSError:
            continue  # gone, or somebody else's
    return found


def carrying(marker: str) -> list[int]:
    """List the processes that have `marker` among their environment variables."""
    found = []
    for number in _numbers():
        try:
            variables = (PROC / str(number) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in variables and number != os.getpid():
            found.append(number)
    return found


def is_server(number: int, data: Path) -> bool:
    """Tell whether process `number` is a PostgreSQL server over `data`."""
    if PROC.is_dir():
        return number in working_in(data)
    told = subprocess.run(
        ["ps", "-o", "command=", "-p", str(number)], check=False, capture_output=True, text=True
    ).stdout
    return "postgres" in told and str(data) in told


def signal_all(numbers: list[int], what: signal.Signals) -> None:
    for number in numbers:
        try:
            os.kill(number, what)
        except ProcessLookupError:
            continue


def gone_within(folder: Path, seconds: float) -> bool:
    """Wait until no process works in `folder` any more."""
    end = time.monotonic() + seconds
    while working_in(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def end_carriers(marker: str) -> None:
    """End what carries `marker`: politely, then not."""
    for what in (signal.SIGTERM, signal.SIGKILL):
        signal_all(carrying(marker), what)
        end = time.monotonic() + RUDE_SECONDS / 2
        while carrying(marker) and time.monotonic() < end:
            time.sleep(0.02)


def end_servers(data: Path, postmaster: int | None) -> bool:
    """End every server process over `data`, tidily if its postmaster lives; True if all went.

    Back ends that outlive a killed postmaster hold its shared memory, and no new server starts
    beside them.
    """
    if postmaster is not None and is_server(postmaster, data):
        signal_all([postmaster], signal.SIGINT)
        if gone_within(data, GENTLE_SECONDS):
            return True
    elif gone_within(data, 1.0):  # they notice by themselves, unless busy
        return True
    signal_all(working_in(data), signal.SIGQUIT)
    return gone_within(data, RUDE_SECONDS)
