"""Runs requests in processes that end at once, as `kill -9` ends them, at a chosen point.

The points are the two sides of every statement that writes and of every commit: what a process does
between two of them nobody else can see. Requests come as lines of JSON; each is
run by a child of this process, which is warm and has no connection, so that a child is cheap.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

import django
import psycopg
from django.db import connections

from fairhand.kit import database
from fairhand.wsgi import application

django.setup()

# As the ORM writes them; what we write ourselves, such as the hot path's call, counts.
ONLY_READS = ("SELECT", "SAVEPOINT", "RELEASE", "SET ")
passed, die_at = 0, 0


def point() -> None:
    """One side of a statement; the end, if it is the chosen one."""
    global passed  # noqa: PLW0603 - one request a process
    passed += 1
    if passed == die_at:
        os.kill(os.getpid(), signal.SIGKILL)


def between_points(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def watched(*arguments: Any, **named: Any) -> Any:
        if str(arguments[1] if len(arguments) > 1 else "").startswith(ONLY_READS):
            return call(*arguments, **named)
        point()
        done = call(*arguments, **named)
        point()
        return done

    return watched


for owner, name in (
    (psycopg.Cursor, "execute"),
    (psycopg.Cursor, "executemany"),
    (psycopg.Cursor, "copy"),
    (psycopg.Connection, "commit"),
):
    setattr(owner, name, between_points(getattr(owner, name)))


def respond(asked: dict[str, Any]) -> dict[str, Any]:
    """Run one request as the server does."""
    body = asked["body"].encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": asked["path"],
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        **asked["environ"],
    }
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        told.update(status=int(status[:3]), location=dict(headers).get("Location", ""))

    text = b"".join(application(environ, start_response)).decode()
    return {**told, "text": text, "points": passed}


def in_a_child(asked: dict[str, Any]) -> dict[str, Any] | None:
    """What the request was answered; None if the process ended first."""
    global die_at  # noqa: PLW0603
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        os.close(reading)
        die_at = asked["die_at"]
        with os.fdopen(writing, "w") as answer:
            answer.write(json.dumps(respond(asked)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(number, 0)
    told: dict[str, Any] | None = json.loads(text) if text else None
    return told


def warm_up() -> None:
    """Let templates, addresses and the like be read once for all children."""
    for path in ("/operator/payouts/prepare", "/api/v1/batches/x/open", "/api/v1/work/x", "/x"):
        respond({"path": path, "body": "", "environ": {}})
    connections.close_all()
    database.drop_direct()


if __name__ == "__main__":
    warm_up()
    passed = 0
    for line in sys.stdin:
        sys.stdout.write(json.dumps(in_a_child(json.loads(line))) + "\n")
        sys.stdout.flush()
