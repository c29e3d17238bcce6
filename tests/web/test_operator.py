"""What operators do on their pages."""

from fairhand.pay.models import ItemState, Payer, PayoutRun, RunState
from fairhand.pay.payouts import clearing_balance
from fairhand.work.models import Restriction
from tests.web.conftest import SignIn
from tests.web.scene import IBAN_PAYER, Scene, launch, moods
from tests.world import World, caller, state_of_money, work_through


def test_a_run_goes_from_prepared_to_paid(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    client.post(f"/operator/payouts/{scene.run.ref}/confirm")
    assert b"1 worker is due" in client.get("/operator/payouts").content  # Ben, from October
    response = client.post("/operator/payouts/prepare", follow=True)
    run = PayoutRun.objects.get(state=RunState.PREPARED)
    assert b"The file is fit to be sent" in response.content
    file = client.get(f"/operator/payouts/{run.ref}/file")
    assert file.content == bytes(run.file)
    assert b"pain.001.001.09" in file.content
    again = client.post("/operator/payouts/prepare", follow=True)
    assert b"A run is prepared already" in again.content
    for action, state in (("send", RunState.SENT), ("confirm", RunState.DONE)):
        client.post(f"/operator/payouts/{run.ref}/{action}")
        run.refresh_from_db()
        assert run.state == state
    assert clearing_balance(run).micros == 0
    again = client.post(f"/operator/payouts/{run.ref}/cancel", follow=True)
    assert b"Somebody was first" in again.content


def test_a_payment_that_came_back_needs_a_reason(scene: Scene, signed: SignIn) -> None:
    client, item = signed(scene.world.olga), scene.run.items.get()
    address = f"/operator/payouts/{scene.run.ref}/{item.pk}/bounce"
    before = state_of_money()
    assert b"Write down why" in client.post(address, {"why": " "}, follow=True).content
    assert state_of_money() == before
    client.post(address, {"why": "AC04: account closed"})
    item.refresh_from_db()
    scene.run.refresh_from_db()
    assert (item.state, scene.run.state) == (ItemState.BOUNCED, RunState.DONE)
    text = signed(scene.world.ada.account).get("/earnings").content.decode()
    assert "Came back from your bank" in text


def test_a_run_can_be_stopped_before_the_bank_has_it(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    client.post("/operator/payouts/prepare")
    run = PayoutRun.objects.get(state=RunState.PREPARED)
    text = client.post(f"/operator/payouts/{run.ref}/cancel", follow=True).content.decode()
    assert "everybody has their money again" in text
    assert "1 worker is due" in client.get("/operator/payouts").content.decode()


def test_without_an_account_to_pay_from_there_is_no_run(world: World, signed: SignIn) -> None:
    client = signed(world.olga)
    assert b"First: the account" in client.get("/operator/payouts").content
    response = client.post("/operator/payouts/prepare", follow=True)
    assert b"Set the account that workers are paid from first" in response.content
    assert not PayoutRun.objects.exists()


def test_the_payer_is_kept_only_with_a_good_account(world: World, signed: SignIn) -> None:
    client = signed(world.olga)
    values = {"name": "Fairhand", "address": IBAN_PAYER[:-1] + "3", "minimum": "2,50"}
    response = client.post("/operator/payouts/payer", values)
    assert response.status_code == 422
    assert b'id="id_address_error"' in response.content
    assert not Payer.objects.exists()
    client.post("/operator/payouts/payer", {**values, "address": IBAN_PAYER})
    assert Payer.objects.get().minimum_micros == 2_500_000
    assert b'value="2.50"' in client.get("/operator/payouts/payer").content


def test_a_deposit_is_booked_once(world: World, signed: SignIn) -> None:
    client = signed(world.olga)
    values = {"organisation": world.organisation.pk, "amount": "250", "reference": "NTRF-77"}
    assert b"Booked." in client.post("/operator/deposits", values, follow=True).content
    before = state_of_money()
    assert b"booked before" in client.post("/operator/deposits", values, follow=True).content
    for amount in ("0", "-5", "1.005", "x"):
        answer = client.post(
            "/operator/deposits", {**values, "amount": amount, "reference": amount}
        )
        assert answer.status_code == 422
    assert state_of_money() == before
    assert b"\xe2\x82\xac250.00" in signed(world.rita).get("/requester").content


def test_lifting_a_restriction_needs_a_reason_and_lets_go_on(scene: Scene, signed: SignIn) -> None:
    client, address = (
        signed(scene.world.olga),
        f"/operator/restrictions/{scene.restriction.pk}/lift",
    )
    assert b"Write down why" in client.post(address, {"why": ""}, follow=True).content
    scene.restriction.refresh_from_db()
    assert scene.restriction.lifted_at is None
    client.post(address, {"why": "the key was wrong"})
    scene.restriction.refresh_from_db()
    assert scene.restriction.lifted_by == scene.world.olga
    assert b"Nobody is restricted" in client.get("/operator/restrictions").content
    assert b"Somebody was first" in client.post(address, {"why": "again"}, follow=True).content
    assert signed(scene.cleo.account).get(f"/work/{scene.open.ref}/task").status_code == 200


def test_the_ledger_balances_and_is_searched(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    text = client.get("/operator/ledger").content.decode()
    assert "Balanced" in text
    assert "must be zero" in text
    found = client.get(f"/operator/ledger?q=payable:{scene.world.ada.ref}").content.decode()
    assert found.count("<tr>") == 2  # the head and the one account
    assert "No such account" in client.get("/operator/ledger?q=zzz").content.decode()


def test_the_start_page_names_what_waits(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.olga)
    text = client.get("/operator").content.decode()
    assert "Book what the bank said about a payout" in text
    assert "1 worker can be paid" in text
    restriction = Restriction.objects.get(worker=scene.cleo, batch=scene.open, lifted_at=None)
    address = f"/appeals/contest/restriction/{restriction.pk}"
    assert signed(scene.cleo.account).post(address, {"words": "please"}).status_code == 302
    assert "1 decision is contested" in client.get("/operator").content.decode()


def test_an_empty_installation_needs_its_first_step(world: World, signed: SignIn) -> None:
    client = signed(world.olga)
    assert b"Say which account workers are paid from" in client.get("/operator").content
    launch(world, moods(world, "Small", 10))
    work_through(caller(world.ada), world.project.batches.get())
    assert b"Small" in client.get("/operator").content
