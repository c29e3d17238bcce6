"""Operators' pages for accounts, duties and what takes two."""

from typing import Any

import pytest

from fairhand.pay.models import PayoutRun
from fairhand.people.accounts import make_operator
from fairhand.people.decisions import standing_of
from fairhand.people.duties import duties_of
from fairhand.people.models import Account, Appeal, Approval, Duty, Session, Worker
from tests.web.conftest import SignIn
from tests.web.scene import Scene
from tests.world import World, balance_of, state_of_money


@pytest.fixture
def paul(world: World) -> Account:
    """A second operator."""
    account = Account.objects.create_user("paul@example.org", name="Paul")
    make_operator(account, [Duty.FINANCE, Duty.SUPPORT])
    return account


def approve(signed: SignIn, who: Account, verdict: str = "approve", **more: str) -> str:
    approval = Approval.objects.get(state="waiting")
    values = {"verdict": verdict, **more}
    address = f"/operator/approvals/{approval.ref}"
    return str(signed(who).post(address, values, follow=True).content.decode())


def test_a_large_payout_is_prepared_once_another_operator_approves(
    scene: Scene, signed: SignIn, settings: Any, paul: Account
) -> None:
    settings.TWO_PEOPLE_ABOVE = 1
    olga = signed(scene.world.olga)
    assert "takes two operators" in olga.get("/operator/payouts").content.decode()
    refused = olga.post("/operator/payouts/prepare", follow=True).content.decode()
    assert "Ask a second one" in refused
    assert PayoutRun.objects.count() == 1
    asked = olga.post("/operator/payouts/ask", {"why": "November"}, follow=True).content.decode()
    assert "once one of these approves: Paul" in asked
    assert "A second operator was asked" in olga.get("/operator/payouts").content.decode()
    assert "You asked for this yourself" in approve(signed, scene.world.olga)
    assert PayoutRun.objects.count() == 1
    assert "asks a second operator" in signed(paul).get("/operator").content.decode()
    assert "Approved, and done." in approve(signed, paul)
    run = PayoutRun.objects.get(state="prepared")
    assert run.created_by == paul


def test_a_run_that_has_grown_since_it_was_asked_for_is_not_paid(
    scene: Scene, signed: SignIn, settings: Any, paul: Account
) -> None:
    settings.TWO_PEOPLE_ABOVE = 1
    signed(scene.world.olga).post("/operator/payouts/ask", {"why": "November"})
    approval = Approval.objects.get()
    Approval.objects.update(
        params={**approval.params, "micros": approval.params["micros"] - 10_000}
    )
    before = state_of_money()
    assert "More is due now" in approve(signed, paul)
    assert state_of_money() == before
    assert Approval.objects.get().state == "waiting"


def test_a_large_deposit_is_booked_by_the_second_operator(
    world: World, signed: SignIn, paul: Account
) -> None:
    values = {"organisation": world.organisation.pk, "amount": "1000.01", "reference": "NTRF-9"}
    before = state_of_money()
    page = signed(world.olga).post("/operator/deposits", values, follow=True).content.decode()
    assert "Book €1,000.01 for Rita&#x27;s Birds, reference NTRF-9" in page
    assert state_of_money()[0] == before[0]
    assert "Say why" in approve(signed, paul, "refuse")
    assert "Approved, and done." in approve(signed, paul)
    assert balance_of(f"deposit:{world.organisation.ref}:EUR") == 1_000_010_000
    again = signed(world.olga).post("/operator/deposits", values, follow=True).content.decode()
    assert "Asked." in again
    assert "booked before" in approve(signed, paul)
    assert balance_of(f"deposit:{world.organisation.ref}:EUR") == 1_000_010_000
    assert "Taken back" in approve(signed, world.olga, "withdraw")


def test_up_to_the_size_one_operator_books_alone(world: World, signed: SignIn) -> None:
    values = {"organisation": world.organisation.pk, "amount": "1000", "reference": "NTRF-9"}
    page = signed(world.olga).post("/operator/deposits", values, follow=True).content
    assert b"Booked." in page
    assert not Approval.objects.exists()


def test_an_installation_with_one_operator_is_told_what_to_do(world: World, signed: SignIn) -> None:
    values = {"organisation": world.organisation.pk, "amount": "2000", "reference": "NTRF-9"}
    page = signed(world.olga).post("/operator/deposits", values, follow=True).content.decode()
    assert page.count("fairhand account EMAIL --duty finance") == 2  # in the message and the card
    assert (
        "There is one operator only"
        in signed(world.olga).get("/operator/operators").content.decode()
    )


def test_what_duties_do_not_open_is_not_even_listed(
    world: World, signed: SignIn, paul: Account
) -> None:
    values = {"organisation": world.organisation.pk, "amount": "2000", "reference": "NTRF-9"}
    signed(world.olga).post("/operator/deposits", values)
    make_operator(world.oscar, [Duty.QUALITY])
    page = signed(world.oscar).get("/operator/approvals").content.decode()
    assert "NTRF-9" not in page
    assert "finance" in approve(signed, world.oscar)
    assert Approval.objects.get().state == "waiting"
    assert "NTRF-9" in signed(paul).get("/operator/approvals").content.decode()


def test_an_account_is_found_by_address_name_or_number(world: World, signed: SignIn) -> None:
    client = signed(world.olga)
    ada = world.ada.account
    for asked in (ada.email[:8], "Ada", ada.ref, world.ada.ref):
        page = client.get("/operator/accounts", {"q": asked}).content.decode()
        assert f"/operator/accounts/{ada.ref}" in page, asked
    assert b"Nobody found" in client.get("/operator/accounts?q=zzz").content
    assert client.get("/operator/accounts/acc_never").status_code == 404


def test_support_signs_somebody_out_everywhere(world: World, signed: SignIn) -> None:
    ada = signed(world.ada.account)
    address = f"/operator/accounts/{world.ada.account.ref}"
    page = signed(world.olga).post(f"{address}/sign-out", follow=True).content
    assert b"1 browser was signed out." in page
    assert ada.get("/work").status_code == 302
    assert not Session.objects.filter(account=world.ada.account).exists()


def test_an_exclusion_is_asked_approved_contested_and_taken_back(
    world: World, signed: SignIn, paul: Account
) -> None:
    address = f"/operator/accounts/{world.ada.account.ref}"
    olga = signed(world.olga)
    olga.post(f"{address}/exclude", {"why": "Two accounts."})
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
    assert "A second operator was asked" in olga.get(address).content.decode()
    assert "Approved, and done." in approve(signed, paul)
    assert Worker.objects.get(pk=world.ada.pk).standing == "expelled"
    ada = signed(world.ada.account)
    assert b"Two accounts." in ada.get("/account").content
    number = standing_of(world.ada.account).number
    assert f"/appeals/contest/standing/{number}" in ada.get("/appeals").content.decode()
    ada.post(f"/appeals/contest/standing/{number}", {"words": "It was my sister."})
    assert "1 decision is contested" in olga.get("/operator").content.decode()
    appeal = Appeal.objects.get()
    assert f"/operator/appeals/{appeal.ref}" in olga.get(address).content.decode()
    own = olga.get(f"/operator/appeals/{appeal.ref}").content.decode()
    assert "It was my sister." in own
    assert "You made the decision that is contested" in own
    assert "Say why" in olga.post(f"{address}/let-back", follow=True).content.decode()
    olga.post(f"{address}/let-back", {"why": "It was her sister."})
    assert Appeal.objects.get().state == "upheld"
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
    assert ada.get("/work").status_code == 200


def test_an_operator_cannot_be_excluded(world: World, signed: SignIn, paul: Account) -> None:
    address = f"/operator/accounts/{paul.ref}/exclude"
    page = signed(world.olga).post(address, {"why": "x"}, follow=True).content
    assert b"Take their duties first" in page
    assert not Approval.objects.exists()


def test_an_administrator_gives_and_takes_duties(world: World, signed: SignIn) -> None:
    client, page = signed(world.olga), "/operator/operators"
    client.post(page, {"email": world.oscar.email.upper(), "duties": ["quality"]})
    assert duties_of(world.oscar) == {Duty.QUALITY}
    client.post(page, {"ref": world.oscar.ref, "duties": ["support", "nonsense"]})
    assert duties_of(world.oscar) == {Duty.SUPPORT}
    client.post(page, {"ref": world.oscar.ref})
    assert signed(world.oscar).get("/operator").status_code == 403
    assert b"last administrator" in client.post(page, {"ref": world.olga.ref}, follow=True).content
    assert (
        client.post(page, {"email": "never@example.org", "duties": ["quality"]}).status_code == 422
    )
    assert client.post(page, {"email": world.rita.email}).status_code == 422


def test_nobody_gives_themselves_a_duty(world: World, signed: SignIn) -> None:
    make_operator(world.oscar, set(Duty) - {Duty.ADMIN})
    values = {"ref": world.oscar.ref, "duties": ["admin"]}
    assert signed(world.oscar).post("/operator/operators", values).status_code == 403
    assert Duty.ADMIN not in duties_of(world.oscar)
