"""A write that is sent again takes effect once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from fairhand.kit import idempotency
from fairhand.kit.models import IdempotencyKey
from fairhand.projects.models import Project
from tests.api.conftest import Program, program_of, refused
from tests.world import INTERFACE, World, count

NEW = {"name": "Birds", "interface": INTERFACE}


def send(program: Program, body: Any = NEW, key: str = "k1", path: str = "/projects") -> Any:
    return program.post(path, body, Idempotency_Key=key)


def test_a_repeated_request_gets_the_first_answer_and_does_nothing(rita: Program) -> None:
    before = count("projects_project")
    first, second = send(rita), send(rita)
    assert count("projects_project") == before + 1
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_another_key_is_another_request(rita: Program) -> None:
    assert send(rita, key="k1").json()["ref"] != send(rita, key="k2").json()["ref"]


@pytest.mark.parametrize(
    ("path", "body"), [("/projects", {**NEW, "name": "Bees"}), ("/projects?x=1", NEW)]
)
def test_another_request_with_the_same_key_is_refused(
    rita: Program, path: str, body: object
) -> None:
    send(rita)
    before = count("projects_project")
    refused(send(rita, body, path=path), 422, "idempotency_mismatch")
    assert count("projects_project") == before


def test_a_key_of_another_organisation_has_nothing_to_do_with_it(
    rita: Program, oscar: Program
) -> None:
    first, others = send(rita), send(oscar)
    assert others.status_code == 201
    assert "Idempotent-Replayed" not in others.headers
    assert others.json()["ref"] != first.json()["ref"]


def test_all_keys_of_an_organisation_share_its_idempotency_keys(
    world: World, rita: Program
) -> None:
    first = send(rita)
    assert send(program_of(world.rita, world.organisation)).content == first.content


def test_the_right_to_write_is_asked_for_before_an_answer_is_given_again(
    world: World, rita: Program
) -> None:
    send(rita)
    reader = program_of(world.rita, world.organisation, ["projects:read"])
    refused(send(reader), 403, "scope_missing")


def test_input_that_cannot_be_used_leaves_the_key_free(rita: Program) -> None:
    for faulty in ({}, {**NEW, "interface": {}}):
        refused(send(rita, faulty), 422, "unusable_input")
    assert not IdempotencyKey.objects.exists()
    assert send(rita).status_code == 201


def test_what_is_not_there_leaves_the_key_free(rita: Program) -> None:
    refused(send(rita, None, path="/batches/none/open"), 404, "not_found")
    assert not IdempotencyKey.objects.exists()


def test_a_decided_refusal_is_given_again(world: World, rita: Program) -> None:
    batch = world.batch(tasks=10, opened=False)
    path = f"/batches/{batch.ref}/open"
    first = send(rita, None, path=path)
    refused(first, 402, "not_enough_money")
    assert count("work_bundle") == 0
    world.fund()
    again = send(rita, None, path=path)
    assert (again.status_code, again.content) == (402, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert send(rita, None, key="k2", path=path).status_code == 200


def test_a_fault_of_ours_leaves_neither_effect_nor_answer(
    rita: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The effect and its answer are one transaction: what breaks between them breaks both."""
    before = count("projects_project")
    with monkeypatch.context() as broken:
        broken.setattr(IdempotencyKey.objects, "create", _crash)
        refused(send(rita), 500, "our_fault")
    assert (count("projects_project"), IdempotencyKey.objects.count()) == (before, 0)
    assert send(rita).status_code == 201


def _crash(**_fields: object) -> None:
    raise RuntimeError("select secret from /etc/hosts at db.internal")


def test_a_database_that_is_away_asks_to_try_again(
    rita: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise OperationalError("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr(Project.objects, "create", away)
    answer = send(rita)
    problem = refused(answer, 503, "try_again")
    assert answer.headers["Retry-After"] == "1"
    assert "10.0.0.1" not in str(problem)


def test_a_key_is_not_longer_than_255_characters(rita: Program) -> None:
    assert send(rita, key="k" * 255).status_code == 201
    for key in ("k" * 256, ""):
        refused(send(rita, key=key), 422, "unusable_idempotency_key")


def test_a_key_in_use_is_refused_for_now(rita: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_have_lock", lambda _owner, _key: False)
    refused(send(rita), 409, "in_progress")
    assert not Project.objects.filter(name="Birds").exists()
    monkeypatch.undo()
    assert send(rita).status_code == 201


def test_old_answers_are_forgotten(rita: Program) -> None:
    send(rita, key="old")
    send(rita, key="new")
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=4))
    assert idempotency.forget() == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_an_upload_is_stored_once_for_its_key(world: World, rita: Program) -> None:
    batch = world.batch(tasks=1, opened=False)
    path = f"/batches/{batch.ref}/tasks"

    def upload(body: bytes, kind: str = "text/csv") -> Any:
        return rita.post(path, body, kind=kind, Idempotency_Key="u1")

    first = upload(b"text\nx\ny\n")
    assert first.json() == {"uploaded": 2, "tasks": 3}
    assert upload(b"text\nx\ny\n").content == first.content
    refused(upload(b"text\nx\nz\n"), 422, "idempotency_mismatch")
    refused(upload(b"text\nx\ny\n", "application/x-ndjson"), 422, "idempotency_mismatch")
    assert count("projects_task") == 3
