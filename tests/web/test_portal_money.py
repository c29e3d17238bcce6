"""Money of portals on the pages: what workers see of it, and what operators set and pay."""

import csv
import io

import pytest

from fairhand.kit.money import Money
from fairhand.pay.models import PayoutRun, PortalTerms
from fairhand.pay.payouts import set_destination, set_payer
from fairhand.people.models import Approval, Duty, Operator, Portal
from tests.pay.portal_cast import IBANS, own_site, portal, works
from tests.web.conftest import SignIn
from tests.web.scene import IBAN_PAYER
from tests.world import World, count, state_of_money

GOOD = {
    "share": "12,5",
    "calendar": "weekly",
    "day": "5",
    "first": "",
    "minimum": "5.00",
    "rails": ["sepa"],
}


@pytest.fixture
def one(world: World) -> Portal:
    """A portal that keeps a fifth; Ada has 4 euros there and 5 on the own site."""
    found = portal("one", world.ada, share=200, calendar="weekly", day=5, minimum_micros=9_000_000)
    batch = world.batch(tasks=200, page_size=100, overlap=1)
    works(world.ada, batch, found)
    works(world.ada, batch, None)
    set_payer(name="Fairhand Test", address=IBAN_PAYER, minimum=Money(5_000_000, "EUR"))
    return found


def test_earnings_are_told_by_portal_on_every_host(
    world: World, one: Portal, signed: SignIn
) -> None:
    client = signed(world.ada.account)
    for host in ("testserver", one.host):
        text = client.get("/earnings", headers={"host": host}).content.decode()
        assert "€9.00" in text  # all of it
        assert "€5.00 missing of €9.00" in text
        assert "Goes out: the smallest payout of €5.00 is reached." in text
        assert "Pays every week, on Friday." in text
        assert "The requester paid €5.00, the portal kept €1.00, you got €4.00" in text


def test_who_works_on_the_own_site_alone_sees_no_portals(world: World, signed: SignIn) -> None:
    works(world.ada, world.batch(page_size=10), None)
    client = signed(world.ada.account)
    assert "Where you earned it" not in client.get("/earnings").content.decode()
    own_site(calendar="monthly", day=14)
    text = client.get("/earnings").content.decode()
    assert "Pays on day 14 of each month." in text


def test_the_statement_as_a_file_names_portal_and_parts(
    world: World, one: Portal, signed: SignIn
) -> None:
    response = signed(world.ada.account).get("/earnings/statement.csv")
    found = list(csv.DictReader(io.StringIO(response.content.decode())))
    parts = {
        row["portal"]: [row[name] for name in ("paid_by_requester", "kept_by_portal", "amount")]
        for row in found
    }
    assert parts == {"": ["5.00", "0.00", "5.00"], "One": ["5.00", "1.00", "4.00"]}


def test_an_operator_sets_terms_and_is_told_mistakes_beside_the_field(
    world: World, one: Portal, signed: SignIn
) -> None:
    client, address = signed(world.olga), f"/operator/portals/{one.ref}/terms"
    assert "Of €0.10 the portal keeps" in client.get(address).content.decode()
    before = PortalTerms.objects.values().get(portal=one)
    for wrong, sentence in (
        ({"share": "91"}, "from 0 to 90 per cent"),
        ({"share": "much"}, "Enter a number"),
        ({"day": "8"}, "1 is Monday, 7 Sunday"),
        ({"calendar": "fortnightly"}, "from which payday on"),
        ({"minimum": "0"}, "The smallest payout is from 0.01 EUR"),
        ({"rails": []}, "Choose at least one way to pay"),
    ):
        response = client.post(address, {**GOOD, **wrong})
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert PortalTerms.objects.values().get(portal=one) == before
    done = client.post(address, GOOD)
    assert (done.status_code, done["Location"]) == (302, address)
    assert PortalTerms.objects.get(portal=one).share_permille == 125


def test_terms_are_for_who_runs_the_money(world: World, one: Portal, signed: SignIn) -> None:
    Operator.objects.filter(account=world.olga).update(duties=[Duty.ADMIN])
    assert signed(world.olga).post(f"/operator/portals/{one.ref}/terms", GOOD).status_code == 403
    assert PortalTerms.objects.get(portal=one).share_permille == 200


def test_a_portals_people_are_paid_on_its_own_tab(
    world: World, one: Portal, signed: SignIn
) -> None:
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])
    client, here = signed(world.olga), f"/operator/payouts?portal={one.ref}"
    assert "Nobody is due" in client.get(here).content.decode()
    PortalTerms.objects.filter(portal=one).update(minimum_micros=4_000_000)
    text = client.get(here).content.decode()
    assert "1 worker is due, €4.00" in text
    done = client.post(f"/operator/payouts/prepare?portal={one.ref}", follow=True)
    assert "The file is fit to be sent" in done.content.decode()
    run = PayoutRun.objects.get()
    assert (run.portal, run.total_micros) == (one, 4_000_000)
    assert "Nobody is due" in client.get(here).content.decode()
    assert "1 worker is due, €5.00" in client.get("/operator/payouts").content.decode()
    own = client.post("/operator/payouts/prepare", follow=True)
    assert "The file is fit to be sent" in own.content.decode()
    assert PayoutRun.objects.filter(portal=None).count() == 1


def test_a_large_payout_of_a_portal_takes_two_and_names_it(
    world: World, one: Portal, signed: SignIn, settings: object
) -> None:
    settings.TWO_PEOPLE_ABOVE = 3  # type: ignore[attr-defined]
    PortalTerms.objects.filter(portal=one).update(minimum_micros=4_000_000)
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])
    client = signed(world.olga)
    before = state_of_money()
    refused = client.post(f"/operator/payouts/prepare?portal={one.ref}", follow=True)
    assert "Ask a second one to approve" in refused.content.decode()
    assert state_of_money()[0] == before[0]
    client.post(f"/operator/payouts/ask?portal={one.ref}", {"why": "payday"})
    approval = Approval.objects.get(state="waiting")
    assert approval.params["portal"] == one.ref
    Operator.objects.create(account=world.oscar, duties=list(Duty))
    second = signed(world.oscar)
    assert "of the portal One" in second.get("/operator/approvals").content.decode()
    second.post(f"/operator/approvals/{approval.ref}", {"verdict": "approve"})
    assert PayoutRun.objects.get().portal == one


def test_an_unknown_portal_is_not_found_and_nothing_is_paid(
    world: World, one: Portal, signed: SignIn
) -> None:
    client, before = signed(world.olga), count("ledger_transfer")
    for address in ("/operator/payouts", "/operator/portals/por_none/terms"):
        assert client.get(f"{address}?portal=por_none").status_code == 404
    assert client.post("/operator/payouts/prepare?portal=por_none").status_code == 404
    assert count("ledger_transfer") == before
