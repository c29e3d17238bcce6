"""Runs a command that ends when its supervisor dies, however that dies.

`python -I -S tied.py SUPERVISOR COMMAND…` asks the system (Linux only; elsewhere it just runs the
command) for a signal at the supervisor's death, then becomes the command: the request outlives
`exec`. It imports nothing of ours, so that it costs a few milliseconds.
"""

import ctypes
import os
import signal
import sys

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def main(supervisor: int, command: list[str]) -> None:
    """Tie this process to its parent and become `command`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() == supervisor:  # else it died before the request
        os.execv(command[0], command)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
