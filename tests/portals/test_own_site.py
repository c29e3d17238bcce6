"""The installation's own site is portal 0, set up or not; what is owed never depends on a host."""

from dataclasses import asdict

import pytest

from fairhand.kit.decision import Refused
from fairhand.pay import events
from fairhand.pay.earnings import earnings_of, purses_of
from fairhand.people.models import Event, Portal
from fairhand.people.portal_making import Look, change_portal, make_portal, set_gates
from fairhand.people.portals import door_at
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.portals import close_portal
from fairhand.work.privacy.hindrances import hindrances
from fairhand.work.review import accept_all, accept_overdue
from tests.portals.scene import browser, look, portal
from tests.world import World, balance_of, caller, let_pass, page_of, turn


def own_site(world: World) -> Portal:
    return make_portal(Look("own", "Own", ""), world.olga)


def handed_in(world: World, through: Portal | None) -> Batch:
    """A batch of one page, which Ada handed in through a portal and nobody reviewed."""
    batch = world.batch(tasks=3, page_size=3, overlap=1, review_hours=24)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch, portal=through)), portal=through)
    return batch


def as_look(row: Portal, **more: object) -> Look:
    return Look(**{name: getattr(row, name) for name in Look.__slots__} | more)


def test_a_portal_never_becomes_the_own_site_nor_the_own_site_a_portal(world: World) -> None:
    one, own = portal(world, "one"), own_site(world)
    events_before = Event.objects.count()
    for row, host in ((one, ""), (own, "own.example.org")):
        with pytest.raises(Refused) as refused:
            change_portal(row, as_look(row, host=host), world.olga)
        assert refused.value.refusal.code == "own_site"
        assert Portal.objects.get(pk=row.pk).host == row.host
    assert Event.objects.count() == events_before
    assert change_portal(one, look("one", host="uno.example.org"), world.olga).name == "One"


def test_the_form_says_so_and_changes_nothing(world: World) -> None:
    one = portal(world, "one")
    sent = {name: value for name, value in asdict(look("one")).items() if isinstance(value, str)}
    there = f"/operator/portals/{one.ref}/look"
    answer = browser(None, world.olga).post(there, {**sent, "host": ""})
    assert answer.status_code == 422
    assert "is decided when it is made" in answer.content.decode()
    assert Portal.objects.get().host == "one.example.org"


def test_the_own_site_is_never_closed_and_goes_on_asking(world: World) -> None:
    own = own_site(world)
    answer = close_portal(own, world.olga)
    assert getattr(answer, "code", "") == "own_site"
    assert Portal.objects.get().closed_at is None
    Portal.objects.update(closed_at="2026-01-01T00:00:00Z")  # as it could be done once
    assert door_at("testserver") == own


def test_setting_up_the_own_site_changes_nothing_about_a_page_that_is_held(world: World) -> None:
    batch, ada = world.batch(tasks=3, page_size=3, overlap=1, review_hours=24), caller(world.ada)
    page = page_of(turn(ada, batch))
    own = own_site(world)
    set_gates(own, [], world.olga)
    again = turn(ada, batch, portal=own)
    assert page_of(again)["no"] == page["no"]
    assert turn(ada, batch, page, portal=own).submitted is not None
    assert Assignment.objects.get().portal == Enrolment.objects.get().portal == 0


def test_the_own_sites_steps_are_asked_when_it_is_set_up(world: World) -> None:
    batch, own = world.batch(), own_site(world)
    set_gates(own, ["identity"], world.olga)
    answer = turn(caller(world.ada), batch, portal=own).refusal
    assert answer is not None
    assert answer.code == "gates_open"


def test_what_was_earned_is_accepted_shown_and_owed_whatever_host_a_portal_has(
    world: World,
) -> None:
    one = portal(world, "one", world.ada)
    batch = handed_in(world, one)
    Portal.objects.filter(pk=one.pk).update(host="")
    assert accept_all(batch, actor=world.rita.ref) == 1
    assert balance_of(events.payable(events.whose(world.ada.ref, one.ref), "EUR")) == 150_000
    owed = [purse.payable.micros for purse in purses_of(world.ada, "EUR")]
    assert sum(owed) == earnings_of(world.ada, "EUR").payable.micros == 150_000
    assert "money_payable" in [each.refusal.code for each in hindrances(world.ada.account)]


def test_a_batch_that_cannot_be_accepted_keeps_no_other_from_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = handed_in(world, None), handed_in(world, None)
    Assignment.objects.filter(batch=broken).update(pay_micros=10**15)  # more than was ever pending
    for batch in (broken, sound):
        let_pass(batch, 25 * 3600)
    assert accept_overdue() == 1
    assert Assignment.objects.get(batch=broken).state == "submitted"
    assert Assignment.objects.get(batch=sound).state == "accepted"
    assert broken.ref in caplog.text
