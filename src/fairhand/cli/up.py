from contextlib import suppress
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from fairhand.cli.terminal import say
from fairhand.host.refusal import gettext as _
from fairhand.host.server import running_platform

HIGHEST_PORT = 65535


def up(
    *,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=HIGHEST_PORT))] = 8000,
    host: str = "127.0.0.1",
    workers: Annotated[int, Parameter(validator=Number(gte=1))] = 2,
    threads: Annotated[int, Parameter(validator=Number(gte=1))] = 4,
    logs: bool = True,
) -> None:
    """Run the platform until Ctrl-C: PostgreSQL, the site and the background jobs.

    Parameters
    ----------
    port
        The port to listen on; 0 chooses a free one.
    host
        The address to listen on. Behind a proxy leave it as it is.
    workers
        How many processes serve the site.
    threads
        How many requests each process works on at once.
    logs
        Write the logs into the home's folder `logs`; otherwise to standard error.
    """
    with (
        suppress(KeyboardInterrupt),
        running_platform(
            host=host, port=port, workers=workers, threads=threads, logs=logs, say=say
        ) as platform,
    ):
        say(_("Fairhand is at {url} (Ctrl-C ends it).").format(url=platform.url))
        platform.wait()
