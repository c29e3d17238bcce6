"""`fairhand replay`: the whole loop with a crowd that once worked."""

import json as json_format
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from fairhand.cli import reports
from fairhand.cli.simulation import platform_for, refuse_faults, simulate
from fairhand.host.refusal import HostError
from fairhand.sim.recorded import NotUsableError, RecordedCrowd
from fairhand.sim.tables import BadTableError

MOST_ON_A_PAGE = 100


def replay(
    folder: Annotated[Path, Parameter(name="DIR")],
    /,
    *,
    overlap: Literal["full", "adaptive"] = "full",
    confidence: Annotated[float, Parameter(validator=Number(gte=0.501, lte=0.999))] = 0.95,
    bar: Annotated[float | None, Parameter(validator=Number(gt=0, lte=1))] = None,
    seed: int = 1,
    page_size: Annotated[int, Parameter(validator=Number(gte=1, lte=MOST_ON_A_PAGE))] = 10,
    threads: Annotated[int, Parameter(validator=Number(gte=1, lte=64))] = 4,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Run the whole loop with a recorded crowd: one account for each of its workers.

    Parameters
    ----------
    folder
        Folder with labels.csv (task, worker, label) and truth.csv (task, label).
    overlap
        full: every recorded answer is given. adaptive: stop asking where the crowd is sure.
    confidence
        How sure, for adaptive overlap: between 0.501 and 0.999.
    bar
        The share of gold answers that a worker must get right to go on; none if not given.
    seed
        Which tasks serve as gold, and in which order the workers come.
    page_size
        How many tasks are handed out at a time.
    threads
        How many workers are at work at once.
    json
        Print the figures as one JSON object on the last line.
    """
    _refuse_unusable(folder)
    options: dict[str, Any] = {"folder": str(folder.resolve()), "overlap": overlap, "bar": bar}
    options |= {"confidence": confidence, "seed": seed, "page_size": page_size, "threads": threads}
    with platform_for("replay", port=0, keep=lambda _connection: False) as (platform, _kept):
        out = str(platform.home.folder / "replay")
        report = simulate(platform, "replay", {"url": platform.url, "out": out, **options})
    if json:
        print(json_format.dumps(report))
    else:
        reports.show_replay(Console(), report)
    refuse_faults(report)


def _refuse_unusable(folder: Path) -> None:
    """Look at the folder before anything is started."""
    try:
        RecordedCrowd.read(folder)
    except (NotUsableError, BadTableError) as refused:
        raise HostError(str(refused)) from None
