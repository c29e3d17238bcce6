"""Tables kept up to date, and what kind of installation a database holds.

Both are noted on the database itself: a note elsewhere could speak of another database.
"""

import hashlib
import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

import psycopg

from fairhand.host import databases
from fairhand.host.refusal import HostError, Say
from fairhand.host.refusal import gettext as _

Kind = Literal["platform", "demo", "replay", "bench"]
PACKAGE = Path(__file__).resolve().parent.parent
# Their tables live in the same database.
DISTRIBUTIONS = ("django", "django-allauth", "procrastinate")


def fingerprint() -> str:
    """Sum up everything that decides which tables there should be."""
    digest = hashlib.sha256()
    sources = [*PACKAGE.glob("*/migrations/**/*.py"), *PACKAGE.glob("*/sql/**/*.sql")]
    sources += [*PACKAGE.glob("*/*/migrations/**/*.py"), PACKAGE / "settings.py"]
    for path in sorted(sources):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    for name in DISTRIBUTIONS:
        digest.update(f"{name} {importlib.metadata.version(name)}\0".encode())
    return digest.hexdigest()[:32]


def prepare(url: str, kind: Kind, environment: Mapping[str, str], log: Path, say: Say) -> None:
    """Bring the tables up to date where needed, and hold the database to its kind.

    Raises HostError if the database was made as another kind, or if a migration fails.
    """
    with databases.migrating(url) as connection:
        noted = _noted(connection)
        _check_kind(connection, noted, kind)
        wanted = fingerprint()
        if noted.get("schema") == wanted:
            return
        say(_("Preparing the database …"))
        databases.set_note(connection, json.dumps({"kind": kind}))
        _migrate(environment, log)
        databases.set_note(connection, json.dumps({"kind": kind, "schema": wanted}))


def _noted(connection: psycopg.Connection) -> dict[str, str]:
    try:
        noted = json.loads(databases.note(connection) or "{}")
    except ValueError:
        return {}  # an administrator's own comment
    return noted if isinstance(noted, dict) else {}


def _check_kind(connection: psycopg.Connection, noted: dict[str, str], kind: Kind) -> None:
    """Refuse to run a real platform's data as a demo, which has open doors, or the reverse."""
    made_as = noted.get("kind")
    if made_as not in get_args(Kind):
        made_as = "platform" if databases.has_tables(connection) else kind
    if made_as != kind:
        raise HostError(
            _("The database {name} was made as {made_as} and cannot be used as {kind}.").format(
                name=connection.info.dbname, made_as=made_as, kind=kind
            )
        )


def _migrate(environment: Mapping[str, str], log: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--noinput", "--verbosity=0"],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )
    told = (done.stderr + done.stdout).strip()
    if done.returncode:
        log.write_text(told + "\n", encoding="utf-8")
        raise HostError(
            _("The database could not be brought up to date: {reason} ({log})").format(
                reason=told.splitlines()[-1] if told else done.returncode, log=log
            )
        )
