"""`fairhand demo`: the whole loop on a small batch, and then a site to look around in."""

import json as json_format
from contextlib import suppress
from typing import Annotated, Any

import psycopg
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from fairhand.cli import reports
from fairhand.cli.simulation import is_complete, platform_for, refuse_faults, simulate
from fairhand.cli.terminal import say
from fairhand.host.refusal import gettext as _
from fairhand.host.server import Platform

PORT = 8000
HIGHEST_PORT = 65535


def demo(
    *,
    port: Annotated[int | None, Parameter(validator=Number(gte=0, lte=HIGHEST_PORT))] = None,
    serve: bool = True,
    fresh: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 1,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Show the whole loop: a funded batch, a simulated crowd, results, a payout; then serve it.

    A demonstration that was made before is served as it is.

    Parameters
    ----------
    port
        The port to listen on; 0 chooses a free one. If not given: 8000, with --no-serve a free one.
    serve
        Leave the site running and print sign-in links. With --no-serve the demonstration is made
        anew and the command ends with its report.
    fresh
        Make the demonstration anew.
    seed
        What the simulated workers' lot is drawn from.
    json
        Print the report as one JSON object; with --no-serve it is the last line.
    """
    chosen = port if port is not None else (PORT if serve else 0)

    def keep(connection: psycopg.Connection) -> bool:
        return serve and not fresh and is_complete(connection, "demo")

    with platform_for("demo", port=chosen, keep=keep) as (platform, kept):
        options = {"url": platform.url, "out": str(platform.home.folder / "demo"), "seed": seed}
        report = None if kept else simulate(platform, "demo", options)
        if report is not None:
            refuse_faults(report)
        if serve:
            _serve(platform, options, json=json)
            return
    assert report is not None
    _show(report, json=json)


def _serve(platform: Platform, options: dict[str, Any], *, json: bool) -> None:
    """Show the report and who can sign in, and stay until Ctrl-C."""
    told = simulate(platform, "links", options)
    _show(told["report"], json=json)
    reports.show_links(Console(stderr=json), told["links"])
    say(_("Fairhand is at {url} (Ctrl-C ends it).").format(url=platform.url))
    with suppress(KeyboardInterrupt):
        platform.wait()


def _show(report: dict[str, Any], *, json: bool) -> None:
    if json:
        print(json_format.dumps(report), flush=True)
    else:
        reports.show_demo(Console(), report)
