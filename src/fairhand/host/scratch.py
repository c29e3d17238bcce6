"""A PostgreSQL that lasts as long as a test run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from fairhand.host import databases
from fairhand.host.datafolder import ROLE
from fairhand.host.postgres import Cluster

SETTING = "FAIRHAND_TEST_DATABASE_URL"


@contextmanager
def scratch_database(name: str = "fairhand") -> Iterator[str]:
    """Give the address of a database for tests: the one the setting names, or one made now.

    Its role is the platform's, with one right more: tests empty tables past the triggers that
    refuse it.
    """
    told = os.environ.get(SETTING, "")
    if told:
        yield told
        return
    with Cluster.temporary() as cluster:
        cluster.ensure_database(name)
        with databases.connected(cluster.admin_url()) as connection:
            connection.execute(
                sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(
                    sql.Identifier(ROLE)
                )
            )
        yield cluster.url(name)
