"""Booking money that came back after its run was done, on the run's page."""

from fairhand.pay.payouts import clearing_balance, confirm_run
from tests.web.conftest import SignIn
from tests.web.scene import Scene


def test_a_done_run_has_a_button_for_what_came_back_later(scene: Scene, signed: SignIn) -> None:
    client, item = signed(scene.world.olga), scene.run.items.get()
    assert confirm_run(scene.run, scene.world.olga)
    page, address = f"/operator/payouts/{scene.run.ref}", f"{item.pk}/bounce"
    assert f"{page}/{address}" in client.get(page).content.decode()
    told = client.post(f"{page}/{address}", {"why": "MD06: refunded"}, follow=True)
    text = told.content.decode()
    assert "Booked: the worker has the money again." in text
    assert f"{page}/{address}" not in text
    scene.run.refresh_from_db()
    assert (scene.run.state, clearing_balance(scene.run).micros) == ("done", 0)
    again = client.post(f"{page}/{address}", {"why": "MD06: refunded"}, follow=True)
    assert b"Somebody was first" in again.content
