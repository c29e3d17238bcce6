"""Every page as every role: who may open it, and what the others hear."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from fairhand.people import membership
from fairhand.people.models import Account, Member, Worker
from fairhand.people.notices.kinds import KINDS, Whom
from fairhand.work.models import Restriction
from tests.web.conftest import SignIn
from tests.web.scene import Scene
from tests.world import World

WORKER = ["/work", "/work/{open}", "/work/{open}/task", "/earnings", "/earnings/destination"]
WORKER += ["/identity", "/identity/begin"]
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
    "/operator/identity",
    "/operator/sames",
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
    restriction = Restriction.objects.get(worker=scene.cleo, batch=scene.open, lifted_at=None)
    contest = f"/appeals/contest/restriction/{restriction.pk}"
    assert "Right at best" in check_page(client, contest)
    for template in ("/work", "/work/{open}"):
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


def left(world: World) -> Account:
    """Somebody who has just left their only organisation."""
    account = Account.objects.create_user("lea@example.org", name="Lea")
    Member.objects.create(
        organisation=world.organisation, account=account, role=Member.Role.MANAGER
    )
    membership.end_membership(account, world.organisation, account)
    return account


def test_whoever_left_their_last_organisation_can_begin_to_work(
    world: World, signed: SignIn, settings: Any
) -> None:
    settings.OPEN_SIGNUP = True
    client = signed(left(world))
    assert "Begin to work" in client.get("/").content.decode()
    assert client.post("/account/work", follow=True).redirect_chain[-1][0] == "/work"
    assert client.post("/account/work")["Location"] == "/work", "twice is no harm"


def test_nobody_lets_themselves_in_where_sign_up_is_closed(world: World, signed: SignIn) -> None:
    client = signed(left(world))
    page = client.get("/").content.decode()
    assert "Begin to work" not in page
    assert "invite you" in page
    assert client.post("/account/work")["Location"] == "/"
    assert not Worker.objects.filter(account__email="lea@example.org").exists()


def test_the_door_offers_an_account_only_where_sign_up_is_open(db: None, settings: Any) -> None:
    assert b"Make an account" not in Client().get("/").content
    settings.OPEN_SIGNUP = True
    assert b"Make an account" in Client().get("/").content


def test_wishes_name_nothing_that_concerns_others(world: World, signed: SignIn) -> None:
    page = signed(world.ada.account).get("/notices/wishes").content.decode()
    for kind in KINDS.values():
        if kind.whom == Whom.OPERATORS:
            assert escape(str(kind.about)) not in page, kind.name
