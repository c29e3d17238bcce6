"""CPU time of processes and of all they started, read from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat counted after the name, which may itself hold spaces and brackets.
PARENT, TIMES = 1, slice(11, 15)


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU seconds, user and system, of these processes and all below them.

    Those that ended count with the parent that collected them, so that the difference of two
    calls loses nothing. One that is collected while we read would count nowhere: hence twice.
    """
    roots = list(roots)
    return max(_ticks(roots), _ticks(roots)) / TICKS


def _ticks(roots: Iterable[int]) -> int:
    spent: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while we read
        rest = fields.rpartition(")")[2].split()
        number = int(entry.name)
        spent[number] = sum(map(int, rest[TIMES]))
        children[int(rest[PARENT])].append(number)
    total, waiting, seen = 0, list(roots), set()
    while waiting:
        number = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        total += spent.get(number, 0)
        waiting += children[number]
    return total
