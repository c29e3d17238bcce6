"""Programs that speak HTTP with a key, each in somebody's name."""

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from fairhand.people.keys import issue_key
from fairhand.people.models import Account, Organisation, Worker
from tests.world import World

ORGANISATIONS = ["projects:read", "projects:write", "results:read", "money:read"]


@dataclass(frozen=True)
class Program:
    """A program with a key. Its addresses are below /api/v1."""

    secret: str | None

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "application/json",
        arrives: bytes | None = None,
        **headers: str,
    ) -> Any:
        """Send a request; `body` becomes JSON unless it is bytes; `headers` are named like_this.

        `arrives` is what of the body gets to the server, where that is not all of it.
        """
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        named["Content-Type"] = kind
        if self.secret is not None:
            named["Authorization"] = f"Bearer {self.secret}"
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        environ: dict[str, Any] = {} if arrives is None else {"wsgi.input": io.BytesIO(arrives)}
        named.setdefault("Content-Length", str(len(raw)))
        return Client(raise_request_exception=False).generic(
            method,
            f"/api/v1{path}",
            raw,
            content_type=kind,
            headers=named,
            **environ,
        )

    def get(self, path: str, **headers: Any) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.send("POST", path, body, **more)


def program_of(
    account: Account, organisation: Organisation | None, scopes: list[str] = ORGANISATIONS
) -> Program:
    return Program(issue_key(account, name="test", scopes=scopes, organisation=organisation)[1])


def workers_program(worker: Worker) -> Program:
    return program_of(worker.account, None, ["work"])


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer is; fails when it is another one, or none."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert set(problem) - {"problems"} == {"type", "title", "status", "code", "detail"}
    return problem


@pytest.fixture
def rita(world: World) -> Program:
    """The requester's program, with every scope."""
    return program_of(world.rita, world.organisation)


@pytest.fixture
def oscar(world: World) -> Program:
    """A program of another organisation, with every scope."""
    return program_of(world.oscar, world.other_organisation)


@pytest.fixture
def ada(world: World) -> Program:
    """A worker's program."""
    return workers_program(world.ada)
