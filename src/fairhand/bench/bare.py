"""The same transaction without the server: pgbench calls the hot path's one statement.

What it includes: the call of `work_turn` with a caller to look up, a page's answers as JSON text
and their digest, prepared once and planned generically, over the same socket, with the same tables,
constraints, triggers and commit setting; and the reading of the answer. What it leaves out is what
the comparison is about: HTTP, the server's processes and threads, and Python (reading the request,
checking the answers against the interface, their digest, the refusals' words).
"""

import hashlib
import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fairhand.bench.load import answers_text
from fairhand.bench.place import Place
from fairhand.bench.scene import Program, answers_of, enrol
from fairhand.kit import database
from fairhand.people.models import ApiKey
from fairhand.projects.models import Batch
from fairhand.work.claims import Caller, take_turn

SCRIPT = """\
\\set page :page + 1
select code, hard, worker, submitted, page
  from work_turn('key'::text, '{label}-' || :client_id::text, '{batch}'::text, :page::int,
                 '{answers}'::jsonb, '{digest}'::text, 'work'::text, 0::bigint);
"""
DONE = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
# Columns of pgbench's log: the transaction's number for its client, microseconds, when it ended.
NUMBER, LATENCY, SECOND, MICROSECOND = 1, 2, 4, 5
# Each connection compiles the functions and makes its plans first. pgbench cannot warm up, so what
# came before everybody had done so many transactions is left out.
WARM_UP_TURNS = 10


class BareRunError(RuntimeError):
    """pgbench failed, or did not store what it was to store."""


class StillWarmingUpError(RuntimeError):
    """Too little of the run was left after the warm-up."""


@dataclass(frozen=True)
class Bare:
    """One run of pgbench: answers stored a second, and milliseconds of a page."""

    rate: float
    p50: float
    p95: float


def script(batch_ref: str, items: int, label: str) -> str:
    """What pgbench runs. A client's n-th transaction hands in its n-th page and takes the next."""
    answers = answers_text(items)
    digest = hashlib.md5(answers.encode(), usedforsecurity=False).hexdigest()
    return SCRIPT.format(label=label, batch=batch_ref, answers=answers, digest=digest)


def prepare(who: Sequence[Program], batch: Batch, label: str) -> None:
    """Let fresh workers in, each with a first page, and with keys that pgbench can name."""
    enrol(who, batch)
    for number, program in enumerate(who):
        digest = f"{label}-{number}"
        ApiKey.objects.filter(account_id=program.worker.pk).update(digest=digest)
        first = take_turn(database.direct(), Caller("key", digest), batch.ref)
        assert first.page is not None, str(first.refusal)


def run(place: Place, batch: Batch, who: Sequence[Program], seconds: int, label: str) -> Bare:
    """Run pgbench, a client for each worker. Raises BareRunError and StillWarmingUpError.

    The workers were prepared with the same label.
    """
    items = batch.page_size
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "turn.sql").write_text(script(batch.ref, items, label), encoding="utf-8")
        done = subprocess.run(
            [
                *(place.program("pgbench"), "--no-vacuum", "-M", "prepared"),
                *("-c", str(len(who)), "-T", str(seconds)),
                *("-D", "page=0", "-f", folder / "turn.sql"),
                *("--log", "--log-prefix", folder / "log", place.database_url),
            ],
            env=os.environ | {"PGOPTIONS": database.OPTIONS},
            check=False,
            capture_output=True,
            text=True,
        )
        logged = _logged(folder)
    count = DONE.search(done.stdout)
    if done.returncode or count is None:
        raise BareRunError(done.stderr.strip() or done.stdout)
    stored = answers_of(who, batch)
    if stored != int(count[1]) * items:
        raise BareRunError(f"pgbench ran {count[1]} pages of {items}, and {stored} were stored")
    return _measured(logged, items, at_least=seconds / 2)


@dataclass(frozen=True)
class _Transaction:
    number: int  # of its client, from 1
    seconds: float
    ended: float


def _logged(folder: Path) -> list[_Transaction]:
    """Every transaction of pgbench's log."""
    rows = [
        line.split()
        for path in folder.glob("log.*")
        for line in path.read_text(encoding="ascii").splitlines()
    ]
    return [
        _Transaction(
            int(row[NUMBER]),
            int(row[LATENCY]) / 1e6,
            int(row[SECOND]) + int(row[MICROSECOND]) / 1e6,
        )
        for row in rows
    ]


def _measured(logged: Sequence[_Transaction], items: int, *, at_least: float) -> Bare:
    """Leave the warm-up out and sum up the rest. Raises StillWarmingUpError."""
    warm = max((one.ended for one in logged if one.number <= WARM_UP_TURNS), default=0.0)
    counted = [one for one in logged if one.ended > warm]
    last = max((one.ended for one in counted), default=warm)
    if last - warm < at_least or len(counted) < 2:  # noqa: PLR2004 - what quantiles need
        raise StillWarmingUpError
    cuts = statistics.quantiles([one.seconds * 1000 for one in counted], n=20)
    return Bare(len(counted) * items / (last - warm), cuts[9], cuts[18])
