"""Databases and roles inside a running PostgreSQL, and what is noted on a database."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _

# Starts that meet on one server: any number that nothing else takes a lock on.
MIGRATION_LOCK = 0x6661_6972


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect in autocommit; raises HostError if the server cannot be reached."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise HostError(
            _("The database server cannot be reached: {reason}").format(reason=reason)
        ) from None
    with connection:
        yield connection


def ensure_role(admin_url: str, role: str) -> None:
    """Make the platform's role unless it is there; it may make databases and nothing more."""
    with connected(admin_url) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(role))
            )


def ensure(admin_url: str, name: str, owner: str | None = None) -> bool:
    """Make a database unless it is there; True if it was made now.

    Raises HostError where the role may not make databases.
    """
    with connected(admin_url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone():
            return False
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if owner:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        try:
            connection.execute(statement)
        except psycopg.errors.DuplicateDatabase:
            return False
        except psycopg.errors.InsufficientPrivilege:
            raise HostError(
                _(
                    "The database {name} does not exist, and this role may not make it: let the "
                    "server's administrator make it."
                ).format(name=name)
            ) from None
    return True


def drop(admin_url: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with connected(admin_url) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@contextmanager
def migrating(url: str) -> Iterator[psycopg.Connection]:
    """Hold the lock that lets one start at a time change the tables."""
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        yield connection


def note(connection: psycopg.Connection) -> str:
    """Read what was noted on the database one is connected to."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = current_database()"
    ).fetchone()
    return (row[0] or "") if row else ""


def set_note(connection: psycopg.Connection, text: str) -> None:
    """Note `text` on the database; a role that does not own it notes nothing."""
    try:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(text)
            )
        )
    except psycopg.errors.InsufficientPrivilege:
        return  # the next start looks at the migrations again, and that is all


def has_tables(connection: psycopg.Connection) -> bool:
    """Tell whether anybody made a table in the database one is connected to."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
    ).fetchone()
    return bool(row and row[0])
