"""The web server's own process: loads the site once, then lets its workers share it.

`python -m fairhand.host.serve HOST PORT WORKERS THREADS`. Where workers are forked (Linux before
Python 3.14) they begin with the site already in memory: a start costs one loading instead of one a
worker, and a worker that was killed is back at once. Elsewhere each loads it for itself.
"""

import gc
import importlib
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

SITE = "fairhand.wsgi"
KILL_SECONDS = 1  # how long a worker may take to finish its requests at the end


def main(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the site until SIGTERM or SIGINT."""
    importlib.import_module(SITE)
    gc.collect()
    gc.freeze()  # what is loaded stays shared between the workers
    Server(
        f"{SITE}:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
