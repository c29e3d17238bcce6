"""AZ-3: nothing that is not asked for can be sent along, in any schema and any form."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from fairhand.api.urls import api
from fairhand.people.keys import issue_key
from fairhand.people.models import Account, ApiKey, Invitation, Member
from fairhand.people.rights import OF_SCOPES
from tests.rights.conftest import Cast, fingerprint, undone

DOCUMENT: Any = api.get_openapi_schema(path_prefix="/api/v1/")
# Every column of ours by its name: all that somebody could try to set.
INTERNAL = sorted(
    {field.name for model in apps.get_models() for field in model._meta.concrete_fields}
    | {"balance", "balance_micros", "owner", "organisation_id", "is_gold", "permissions", "price"}
)
GOOD: dict[str, dict[str, Any]] = {
    "/api/v1/projects": {"name": "x", "interface": {}},
    "/api/v1/batches": {"name": "x", "price_micros": 50_000},
    "/api/v1/batches/{ref}/results": {},
    "/api/v1/projects/{ref}/media": {
        "urls": [{"name": "a.jpg", "url": "https://example.org/a.jpg"}]
    },
}


def writable() -> list[tuple[str, set[str]]]:
    """Each operation that takes JSON, with the fields that its schema has."""
    found = []
    for path, methods in DOCUMENT["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content and "/work/" not in path:
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            found.append((path, set(DOCUMENT["components"]["schemas"][name]["properties"])))
    return found


def test_every_operation_that_takes_json_is_tried() -> None:
    assert {path for path, _ in writable()} == set(GOOD)


@pytest.mark.parametrize(("path", "known"), writable())
def test_a_field_that_is_not_in_the_document_is_refused(
    cast: Cast, path: str, known: set[str]
) -> None:
    _, secret = issue_key(
        cast.accounts["owner"],
        name="k",
        scopes=list(OF_SCOPES),
        organisation=cast.ours.organisation,
    )
    body = GOOD[path] | (
        {"interface": cast.ours.project.interface} if path.endswith("/projects") else {}
    )
    body |= {"project": cast.ours.project.ref} if path.endswith("/batches") else {}
    ref = cast.ours.project.ref if "/projects/{ref}" in path else cast.ours.batch.ref
    client, address = Client(), path.replace("{ref}", ref)

    def status(sent: dict[str, Any]) -> int:
        answer = client.post(
            address,
            json.dumps(sent),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        return answer.status_code

    with undone():
        assert status(body) in {200, 201, 202}
    before = fingerprint()
    for name in set(INTERNAL) - known:
        for value in (1, "owner", True, None):
            assert status(body | {name: value}) == 422, name
    assert fingerprint() == before


def test_a_form_takes_nothing_that_it_does_not_ask_for(cast: Cast) -> None:
    """The pages ignore what else is sent: the rows have only what the form shows."""
    other = cast.others.organisation
    more: dict[str, Any] = dict.fromkeys(INTERNAL, "owner")
    more |= {"organisation": other.pk, "organisation_id": other.pk, "expires_at": "2099-01-01"}
    more |= {"invited_by": cast.world.oscar.pk, "account": cast.world.oscar.pk, "is_active": ""}
    manager, here = cast.clients["manager"], f"/requester/team/{cast.ours.organisation.ref}"
    sent = more | {"email": "", "role": "viewer"}
    assert manager.post(f"{here}/invite", sent).status_code == 200
    made = Invitation.objects.latest("pk")
    assert (made.organisation, made.role) == (cast.ours.organisation, "viewer")
    assert made.invited_by == cast.accounts["manager"]
    sent = more | {"name": "n", "scopes": ["projects:read"], "days": "30"}
    assert manager.post(f"{here}/keys/new", sent).status_code == 200
    key = ApiKey.objects.latest("pk")
    assert (key.account, key.scopes) == (cast.accounts["manager"], ["projects:read"])
    assert key.organisation == cast.ours.organisation
    assert key.expires_at is not None
    assert key.expires_at.year < 2099


def test_the_account_page_changes_name_and_language_alone(cast: Cast) -> None:
    before = fingerprint()
    more: dict[str, Any] = dict.fromkeys(INTERNAL, "owner") | {"language": "de", "name": "viewer"}
    cast.clients["viewer"].post("/account", more)
    assert fingerprint() == before
    assert Account.objects.get(pk=cast.accounts["viewer"].pk).language == "de"


@pytest.mark.parametrize("scope", ["work", "projects:write", "money:read", "everything"])
def test_a_key_is_not_made_with_a_scope_beyond_ones_role(cast: Cast, scope: str) -> None:
    client = cast.clients["designer" if scope == "money:read" else "billing"]
    before = fingerprint()
    here = f"/requester/team/{cast.ours.organisation.ref}/keys/new"
    assert client.post(here, {"name": "k", "scopes": [scope], "days": "0"}).status_code == 422
    assert fingerprint() == before


@pytest.mark.parametrize("role", ["owner", "emperor", ""])
def test_a_manager_does_not_invite_beyond_their_role(cast: Cast, role: str) -> None:
    before = fingerprint()
    here = f"/requester/team/{cast.ours.organisation.ref}/invite"
    answer = cast.clients["manager"].post(here, {"role": role, "email": ""})
    assert answer.status_code == 422
    assert fingerprint() == before
    assert Member.objects.filter(role="owner", organisation=cast.ours.organisation).count() == 2
