"""A plain connection for the hot path: no ORM, prepared statements, each with its own commit."""

import threading

import psycopg
from django.db import connections

# Statements of the hot path are planned once for all parameters: planning each call costs as much
# as running it. The queries are written so that the general plan is right at any size, but one made
# while a table is tiny would read all of it, and be kept while it grows: hence no such scans.
OPTIONS = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


class _Direct(threading.local):
    connection: psycopg.Connection | None = None


_direct = _Direct()


def direct() -> psycopg.Connection:
    """This thread's own connection, in autocommit, made when there is none or it was lost."""
    found = _direct.connection
    if found is None or found.closed:
        parameters = connections["default"].get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold", "server_side_binding"):
            parameters.pop(name, None)
        found = psycopg.connect(
            **{**parameters, "options": OPTIONS}, autocommit=True, prepare_threshold=0
        )
        _direct.connection = found
    return found


def drop_direct() -> None:
    """Close this thread's connection, so that the next use makes a new one."""
    if _direct.connection is not None:
        _direct.connection.close()
        _direct.connection = None
