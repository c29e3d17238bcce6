"""Every operation of the document, with no key, wrong key, wrong scope, wrong side, other tenant.

The cases come from the document itself, so that a new operation cannot stay out of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fairhand.api.urls import api
from fairhand.people.keys import SCOPES
from tests.api.conftest import ORGANISATIONS, Program, program_of, refused
from tests.world import World, count

SNAPSHOT = Path(__file__).parent.parent / "snapshots" / "openapi.json"
PREFIX = "/api/v1"
DOCUMENT: dict[str, Any] = api.get_openapi_schema(path_prefix=f"{PREFIX}/")
TABLES = [
    "projects_project",
    "projects_batch",
    "projects_task",
    "projects_media",
    "projects_mediaimport",
    "work_bundle",
    "work_enrolment",
    "work_answer",
    "work_result",
    "ledger_transfer",
    "kit_history",
    "kit_idempotencykey",
]


class Case(NamedTuple):
    method: str
    path: str
    details: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def cases() -> Iterator[Case]:
    for path, operations in DOCUMENT["paths"].items():
        for method, details in operations.items():
            yield Case(method.upper(), path.removeprefix(PREFIX), details)


CASES = list(cases())
every_operation = pytest.mark.parametrize("case", CASES, ids=str)
with_scope = pytest.mark.parametrize("case", [c for c in CASES if c.details["x-scope"]], ids=str)
with_reference = pytest.mark.parametrize("case", [c for c in CASES if "{ref}" in c.path], ids=str)


def send(program: Program, case: Case, *, ref: str = "bat_none") -> Any:
    """A request that would be right but for who sends it, or for what it names."""
    path = case.path.replace("{ref}", ref).replace("{batch}", ref)
    if "text/csv" in case.details.get("requestBody", {}).get("content", {}):
        return program.send(case.method, path, b"text\nx\n", kind="text/csv")
    body = {
        "POST /projects": {"name": "x", "interface": {}},
        "POST /batches": {"project": ref, "name": "x", "price_micros": 1},
        "POST /projects/{ref}/media": {"urls": []},
    }.get(str(case), {})
    return program.send(case.method, path, body if case.method == "POST" else None)


def rows() -> dict[str, int]:
    return {table: count(table) for table in TABLES}


def test_the_document_is_the_one_that_was_agreed_on() -> None:
    """After a change that is meant: write the document there anew and look at the difference."""
    text = json.dumps(DOCUMENT, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert SNAPSHOT.read_text(encoding="utf-8") == text


def test_the_document_is_served(db: None) -> None:
    served = Program(None).get("/openapi.json")
    assert served.status_code == 200
    assert served.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


@every_operation
def test_an_operation_declares_scope_side_and_errors(case: Case) -> None:
    assert case.details["x-scope"] in {None, *SCOPES}
    assert case.details["x-scope"] is not None or case.path == "/me"
    assert case.details["x-side"] in {"organisation", "worker", "either"}
    assert (case.details["x-scope"] == "work") == (case.details["x-side"] == "worker")
    answers = case.details["responses"]
    assert {"401", "403", "422", "500", "503"} <= set(answers)
    assert "404" in answers or "{" not in case.path
    for status, answer in answers.items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]


@every_operation
def test_only_a_write_scope_writes(case: Case) -> None:
    scope = case.details["x-scope"]
    if case.method in {"POST", "PUT", "DELETE"}:
        assert scope == "work" or scope.endswith(":write")
    else:
        assert case.method == "GET"
        assert scope is None or scope == "work" or scope.endswith(":read")


@every_operation
@pytest.mark.parametrize("secret", [None, "", "fh_" + "0" * 40, "x", "\u00e4"])
def test_without_a_valid_key_nothing_opens(world: World, case: Case, secret: str | None) -> None:
    del world
    before = rows()
    answer = send(Program(secret), case)
    problem = answer.json()
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert problem["code"] in {"no_valid_key", "not_signed_in"}
    assert rows() == before


@with_scope
def test_without_its_scope_nothing_opens(world: World, case: Case) -> None:
    if case.details["x-side"] == "worker":
        program = program_of(world.ada.account, None, [])
    else:
        others = [scope for scope in ORGANISATIONS if scope != case.details["x-scope"]]
        program = program_of(world.rita, world.organisation, others)
    batch = world.batch(tasks=2, opened=case.details["x-side"] == "worker")
    before = rows()
    answer = send(program, case, ref=batch.ref)
    assert answer.status_code in {401, 403}
    assert answer.json()["code"] in {"scope_missing", "not_signed_in"}
    assert rows() == before


@with_scope
def test_a_key_of_the_wrong_side_opens_nothing(world: World, case: Case) -> None:
    batch = world.batch(tasks=2, opened=case.details["x-side"] == "worker")
    if case.details["x-side"] == "worker":
        program = program_of(world.rita, world.organisation, [*ORGANISATIONS, "work"])
    else:
        program = program_of(world.ada.account, None, [*ORGANISATIONS, "work"])
    before = rows()
    answer = send(program, case, ref=batch.ref)
    assert answer.status_code in {401, 403}
    assert answer.json()["code"] in {"workers_key", "organisations_key", "not_signed_in"}
    assert rows() == before


@with_reference
def test_what_is_anothers_is_answered_like_what_never_was(
    world: World, oscar: Program, case: Case
) -> None:
    batch = world.batch(tasks=2, opened=False)
    ref = world.project.ref if case.path.startswith("/projects") else batch.ref
    before = rows()
    others, never = send(oscar, case, ref=ref), send(oscar, case, ref="bat_never")
    refused(others, 404, "not_found")
    assert others.content == never.content
    assert rows() == before


@every_operation
def test_a_reference_with_a_zero_character_is_just_not_there(rita: Program, case: Case) -> None:
    if "{" not in case.path or "{batch}" in case.path:
        return
    refused(send(rita, case, ref="%00"), 404, "not_found")


def test_a_batch_of_anothers_project_is_not_made(world: World, oscar: Program) -> None:
    body = {"project": world.project.ref, "name": "x", "price_micros": 1}
    refused(oscar.post("/batches", body), 404, "not_found")
    assert count("projects_batch") == 0


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE"])
def test_a_method_that_does_nothing_is_refused_as_a_problem(rita: Program, method: str) -> None:
    answer = rita.send(method, "/batches")
    refused(answer, 405, "method_not_allowed")
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "POST"]


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/docs", "/batches/"])
def test_an_unknown_address_is_refused_as_a_problem(rita: Program, path: str) -> None:
    if path:
        refused(rita.get(path), 404, "not_found")
        refused(rita.post(path), 404, "not_found")


def test_a_browsers_session_opens_nothing_here(world: World, client: Any) -> None:
    client.force_login(world.rita, backend="allauth.account.auth_backends.AuthenticationBackend")
    refused(client.get("/api/v1/me"), 401, "no_valid_key")


def test_an_expired_key_and_a_closed_account_open_nothing(world: World, rita: Program) -> None:
    world.rita.is_active = False
    world.rita.save()
    refused(rita.get("/me"), 401, "no_valid_key")
