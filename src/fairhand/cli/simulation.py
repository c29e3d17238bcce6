"""What `demo` and `replay` share: a platform on its own database, and the simulation beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import psycopg

from fairhand.cli.terminal import say
from fairhand.host import databases
from fairhand.host.home import Home
from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _
from fairhand.host.server import (
    DATABASE,
    DATABASE_SETTING,
    Platform,
    prepared_database,
    running_platform,
)

Kind = Literal["demo", "replay"]
HELD = "select 1 from kit_history where kind = %s and subject = 'report' and target = 'complete'"


@contextmanager
def platform_for(
    kind: Kind, *, port: int, keep: Callable[[psycopg.Connection], bool]
) -> Iterator[tuple[Platform, bool]]:
    """Run a platform of this kind; also tell whether its database was kept as it was.

    `keep` looks at a database of this kind and says whether to go on with it; otherwise it is
    emptied first. Raises HostError where the database is of another kind.
    """
    home = Home.open()
    # A server that is named is used as it is; our own PostgreSQL holds a database for each kind.
    name = DATABASE if os.environ.get(DATABASE_SETTING) else f"{DATABASE}_{kind}"
    with prepared_database(name, kind=kind, home=home, migrate=False, say=say) as (environment, _c):
        with home.owned(name), databases.migrating(environment[DATABASE_SETTING]) as connection:
            kept = _is_made(connection, kind) and keep(connection)
            if not kept:
                _empty(connection)
        with running_platform(name, kind=kind, home=home, port=port, say=say) as platform:
            yield platform, kept


def simulate(platform: Platform, command: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a program of `fairhand.sim` against the platform; returns its report.

    Raises HostError with its sentence where it was refused, or where it broke.
    """
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "fairhand.sim", command, json.dumps(options)],
        env=dict(platform.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    try:
        report = json.loads(lines[-1])
    except (IndexError, ValueError):
        raise HostError(_("The simulation broke off; its last words are above.")) from None
    if "refusal" in report:
        raise HostError(report["refusal"])
    assert isinstance(report, dict)
    return report


def refuse_faults(report: Mapping[str, Any]) -> None:
    """Raise HostError where money went astray: nothing else in the report is worth reading then."""
    if not report["ledger_balanced"]:
        raise HostError(_("The ledger does not balance."))
    if not report["payout_valid"]:
        raise HostError(
            _(
                "The payout file {path} would be refused by a bank, or money is stuck in its run."
            ).format(path=report["payout_file"])
        )


def is_complete(connection: psycopg.Connection, kind: Kind) -> bool:
    """Tell whether the simulation in this database ran to its end."""
    return connection.execute(HELD, [kind]).fetchone() is not None


def _is_made(connection: psycopg.Connection, kind: Kind) -> bool:
    """Tell whether the database holds an installation of this kind; False if it is empty.

    Raises HostError where it holds anything else: nobody's data are emptied for a demonstration.
    """
    if not databases.has_tables(connection):
        return False
    there = connection.execute("select to_regclass('kit_installation') is not null").fetchone()
    row = None
    if there is not None and there[0]:
        row = connection.execute("select kind from kit_installation").fetchone()
    made_as = row[0] if row is not None else _noted_kind(connection)
    if made_as != kind:
        raise HostError(
            _("The database {name} was made as {made_as} and cannot be used as {kind}.").format(
                name=connection.info.dbname, made_as=made_as, kind=kind
            )
        )
    return row is not None


def _noted_kind(connection: psycopg.Connection) -> str:
    """What the host noted when it began to make the tables; something else if it did not."""
    try:
        noted = json.loads(databases.note(connection) or "{}")
    except ValueError:
        noted = {}
    kind = noted.get("kind") if isinstance(noted, dict) else None
    return kind if isinstance(kind, str) else _("something else")


def _empty(connection: psycopg.Connection) -> None:
    """Leave the database as it was when it was made."""
    if not databases.has_tables(connection):
        return
    try:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    except psycopg.errors.InsufficientPrivilege:
        raise HostError(
            _("This role may not empty the database {name}: give it a database of its own.").format(
                name=connection.info.dbname
            )
        ) from None
    databases.set_note(connection, "")
