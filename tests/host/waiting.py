"""Waiting for what another process does, by looking often rather than by sleeping long."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 30.0


def until(happened: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Look until something happened; fails if it does not."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.01)


def lives(number: int) -> bool:
    """Tell whether a process runs; one that ended and was not collected does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(number: int) -> list[int]:
    """List the processes below `number`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == number:
                found += [int(entry.name), *descendants(int(entry.name))]
    return found


def as_root() -> bool:
    return os.geteuid() == 0
