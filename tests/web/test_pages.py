"""Every page as every role: who may open it, and what the others hear."""

import re

import pytest
from django.test import Client

from fairhand.people.models import Account
from tests.web.conftest import SignIn
from tests.web.scene import Scene

WORKER = ["/work", "/work/{open}", "/work/{open}/task", "/earnings", "/earnings/destination"]
REQUESTER = [
    "/requester",
    "/requester/new",
    "/requester/batches/{open}",
    "/requester/batches/{draft}",
    "/requester/batches/{review}",
    "/requester/batches/{done}",
    "/requester/batches/{done}/results",
    "/requester/batches/{done}/results?order=unsure&page=2",
    "/requester/batches/{open}/results",
    "/requester/batches/{open}/workers",
    "/requester/batches/{draft}/workers",
    "/requester/trail/{organisation}",
]
OPERATOR = [
    "/operator",
    "/operator/payouts",
    "/operator/payouts/payer",
    "/operator/payouts/{run}",
    "/operator/ledger",
    "/operator/ledger?q=payable",
    "/operator/ledger?q=nothing",
    "/operator/restrictions",
    "/operator/deposits",
    "/operator/mails",
    "/operator/approvals",
    "/operator/accounts",
    "/operator/accounts?q=nobody",
    "/operator/accounts/{ada}",
    "/operator/operators",
    "/operator/trail",
    "/operator/trail?q=nothing",
]
ANYBODY = ["/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]
LIMIT = 100_000


def address(template: str, scene: Scene) -> str:
    return template.format(
        open=scene.open.ref,
        review=scene.review.ref,
        done=scene.done.ref,
        draft=scene.draft.ref,
        run=scene.run.ref,
        ada=scene.world.ada.account.ref,
        organisation=scene.world.organisation.ref,
    )


def check_page(client: Client, url: str) -> str:
    """A page that opens has a title, one heading, and fits a slow line."""
    response = client.get(url, follow=True)
    text = response.content.decode()
    assert response.status_code == 200, f"{url}: {response.status_code}"
    assert re.search(r"<title>\s*\S", text), url
    if 'id="workbench"' not in text:
        assert len(re.findall(r"<h1[ >]", text)) == 1, url
    assert len(response.content) < LIMIT, f"{url} has {len(response.content)} bytes"
    assert "&amp;#" not in text, f"{url} escapes twice"
    return text


def test_a_worker_opens_every_page_of_workers(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.ada.account)
    for template in WORKER:
        check_page(client, address(template, scene))


def test_a_restricted_worker_reads_why_and_can_ask(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.cleo.account)
    for template in ("/work", "/work/{open}", "/work/{open}/ask"):
        assert "85 %" in check_page(client, address(template, scene))


def test_a_requester_opens_every_page_of_requesters(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.rita)
    for template in REQUESTER:
        check_page(client, address(template, scene))


def test_an_operator_opens_every_page_of_operators(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    for template in OPERATOR:
        check_page(client, address(template, scene))


@pytest.mark.django_db
def test_anybody_opens_the_door() -> None:
    client = Client(headers={"accept-language": "en"})
    for url in ANYBODY:
        check_page(client, url)


def test_an_empty_installation_says_how_to_begin(db: None) -> None:
    assert b"fairhand account EMAIL --operator" in Client().get("/").content
    Account.objects.create_user("first@example.org", "a long good passphrase")
    assert b"fairhand account EMAIL --operator" not in Client().get("/").content
