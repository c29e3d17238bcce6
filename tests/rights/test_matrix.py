"""AZ-1 and AZ-2: every page of members and every operation, as everybody, of ours and another's.

What is expected is what the page or operation declares; nothing is listed here by hand.
"""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fairhand.people.keys import issue_key
from fairhand.people.models import Member
from fairhand.people.rights import OF_SCOPES, RIGHTS, Permission
from tests.rights.conftest import Cast, Side, fingerprint, undone
from tests.rights.declared import Operation, Route, operations, routes

MEMBERS = [each for each in routes() if each.opens_to and each.opens_to.who == "members"]
OPERATIONS = [each for each in operations() if each.details["x-side"] == "organisation"]
ROLES = Member.Role.values
NEVER = {
    "ref": "bat_never",
    "member": "acc_never",
    "number": "999999999",
    "action": "pause",
    "what": "results",
    "form": "csv",
}


def of_side(route: Route, side: Side) -> dict[str, str]:
    """What an address is filled with to name something of this side."""
    of_organisation = route.name.startswith(("team", "key", "organisation"))
    number = side.invitation.pk if "invitations" in route.address else side.key.pk
    return NEVER | {
        "ref": side.organisation.ref if of_organisation else _work_of(route, side),
        "member": side.member.ref,
        "number": str(number),
    }


def _work_of(route: Route, side: Side) -> str:
    return side.project.ref if "projects/" in route.address else side.batch.ref


def filled(route: Route, values: dict[str, str]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]], route.address)


def ask(client: Client, method: str, address: str) -> tuple[int, str]:
    """Status and words, without what differs from answer to answer."""
    form = {"role": "viewer", "name": "x"}
    answer = client.post(address, form) if method == "POST" else client.get(address)
    if answer.streaming:
        return answer.status_code, ""
    text = answer.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    return answer.status_code, text.replace(address, "")


@pytest.mark.parametrize("route", MEMBERS, ids=str)
def test_a_page_opens_to_whom_it_says_and_to_nobody_else(cast: Cast, route: Route) -> None:
    assert route.opens_to is not None
    allowed = RIGHTS[Permission(route.opens_to.need)]
    for method in ("GET", "POST"):
        for role in ROLES:
            values = of_side(route, cast.ours)
            if "keys" in route.address and role in cast.keys:  # what is one's own
                values["number"] = str(cast.keys[role].pk)
            address = filled(route, values)
            with undone():
                before = fingerprint()
                status, _ = ask(cast.clients[role], method, address)
                if role in allowed:
                    assert status not in {401, 403, 404}, (role, method, status)
                else:
                    assert (status == 403) or (method == "GET" and status == 405), (role, status)
                    assert fingerprint() == before


@pytest.mark.parametrize("route", MEMBERS, ids=str)
def test_who_belongs_to_no_organisation_opens_none_of_its_pages(cast: Cast, route: Route) -> None:
    address = filled(route, of_side(route, cast.ours))
    before = fingerprint()
    for method in ("GET", "POST"):
        for name in ("worker", "operator"):
            assert ask(cast.clients[name], method, address)[0] in {403, 405}, (name, method)
        status, _ = ask(cast.clients["nobody"], method, address)
        assert status in {302, 405}
    assert fingerprint() == before


@pytest.mark.parametrize("route", [each for each in MEMBERS if "<" in each.address], ids=str)
def test_what_is_anothers_answers_like_what_never_was(cast: Cast, route: Route) -> None:
    before = fingerprint()
    for method in ("GET", "POST"):
        for name in (*ROLES, "stranger"):
            client, theirs = cast.clients[name], cast.others if name in ROLES else cast.ours
            said = [
                ask(client, method, filled(route, values))
                for values in (of_side(route, theirs), of_side(route, cast.gone), NEVER)
            ]
            assert said[0] == said[1] == said[2], (name, method)
            assert said[0][0] in {403, 404, 405}, (name, method, said[0][0])
            if said[0][0] == 404:
                assert "no such thing" in said[0][1]
    assert fingerprint() == before


SUB = [each for each in MEMBERS if "number" in each.address or "member:" in each.address]
SUB += [each for each in MEMBERS if "<str:member>" in each.address]


@pytest.mark.parametrize("route", SUB, ids=str)
def test_anothers_part_is_not_reached_through_ones_own_organisation(
    cast: Cast, route: Route
) -> None:
    """AZ-2: the organisation is ours, and the key, invitation or member is not."""
    before = fingerprint()
    own = of_side(route, cast.ours)["ref"]
    for side in (of_side(route, cast.others), of_side(route, cast.gone), NEVER):
        status, _ = ask(cast.clients["owner"], "POST", filled(route, side | {"ref": own}))
        assert status == 404
    assert fingerprint() == before


def send(secret: str | None, operation: Operation, side: Side | None) -> Any:
    """A request that would be right but for who sends it, or for what it names."""
    batch = side.batch.ref if side else "bat_never"
    project = side.project.ref if side else "prj_never"
    ref = project if operation.path.startswith("/projects") else batch
    part = side.media_import.ref if side else "imp_never"
    path = "/api/v1" + operation.path.replace("{ref}", ref).replace("{id}", part)
    path = path.replace("{name}", side.media.name if side else "p.png")
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    content = operation.details.get("requestBody", {}).get("content", {})
    client = Client(raise_request_exception=False)
    if "text/csv" in content:
        return client.generic("POST", path, b"text\nx\n", "text/csv", headers=headers)
    bodies = {
        "POST /projects": {"name": "x", "interface": side.project.interface if side else {}},
        "POST /batches": {"project": project, "name": "x", "price_micros": 1},
        "POST /projects/{ref}/media": {"urls": []},
    }
    body = json.dumps(bodies.get(str(operation), {})).encode()
    return client.generic(
        operation.method,
        path,
        body if operation.method == "POST" else b"",
        "application/json",
        headers=headers,
    )


def secret_of(cast: Cast, role: str) -> str:
    """A key with every scope, whose member has this role now: the role has to hold by itself."""
    account = cast.accounts[role]
    Member.objects.filter(account=account).update(role="owner")
    _, secret = issue_key(
        account, name="all", scopes=list(OF_SCOPES), organisation=cast.ours.organisation
    )
    Member.objects.filter(account=account).update(role=role)
    return secret


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_opens_to_the_roles_that_it_says(cast: Cast, operation: Operation) -> None:
    allowed = RIGHTS[Permission(operation.permission or "")]
    for role in ROLES:
        secret = secret_of(cast, role)
        with undone():
            before = fingerprint()
            answer = send(secret, operation, cast.ours)
            if role in allowed:
                assert answer.status_code not in {401, 403, 404}, (role, answer.content)
            else:
                assert answer.status_code == 403, role
                assert answer.json()["code"] == "role_lacks_right"
                assert fingerprint() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_program_learns_nothing_of_what_is_anothers(cast: Cast, operation: Operation) -> None:
    if "{ref}" not in operation.path and str(operation) != "POST /batches":
        return
    for role in ROLES:
        secret = secret_of(cast, role)
        before, said = fingerprint(), []
        for side in (cast.others, cast.gone, None):
            with CaptureQueriesContext(connection) as asked:
                answer = send(secret, operation, side)
            said.append((answer.status_code, answer.content, len(asked)))
        assert said[0][0] in {403, 404}
        # The first request of a key also notes that it was used.
        assert [one[:2] for one in said] == [said[0][:2]] * 3
        assert said[1][2] == said[2][2]
        assert fingerprint() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("secret", [None, "fh_" + "0" * 40])
def test_an_operation_opens_to_nobody_without_a_key(
    cast: Cast, operation: Operation, secret: str | None
) -> None:
    before = fingerprint()
    assert send(secret, operation, cast.ours).status_code == 401
    assert fingerprint() == before
