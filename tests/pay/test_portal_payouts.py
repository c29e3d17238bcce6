"""Each portal pays its own people: by its minimum and its rails, apart from every other's money."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.pay.portal_cast import IBANS, own_site, portal, works
from tests.pay.test_payouts import earned, payer, refusal_of
from tests.world import World, balance_of, count

from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.due import due, due_everywhere
from fairhand.pay.earnings import earnings_of, purses_of
from fairhand.pay.models import PortalTerms
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    confirm_run,
    prepare_run,
    send_run,
    set_destination,
)
from fairhand.pay.portals import totals
from fairhand.pay.terms import next_payday
from fairhand.people.models import Portal, PortalMember, Worker
from fairhand.work.review import accept_all


def gains(worker: Worker, through: Portal, micros: int) -> None:
    """Money that is payable to a worker at a portal."""
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    account = open_account(events.payable(events.whose(worker.ref, through.ref), "EUR"), "EUR")
    source = f"bat_{through.slug}/1/{worker.ref}"
    post([Entry(outside, account, micros, "EUR", "earn", source)])


def payable_at(worker: Worker, through: Portal | None) -> int:
    ref = through.ref if through is not None else ""
    return balance_of(events.payable(events.whose(worker.ref, ref), "EUR"))


@pytest.fixture
def two(world: World) -> tuple[Portal, Portal]:
    """Two portals; Ada has eight euros at each and at the own site, Ben three at the first."""
    payer(5_000_000)
    one = portal("one", world.ada, world.ben, minimum_micros=2_000_000)
    other = portal("two", world.ada, minimum_micros=9_000_000)
    earned(world.ada, 8_000_000)
    for through in (one, other):
        gains(world.ada, through, 8_000_000)
    gains(world.ben, one, 3_000_000)
    for worker, iban in zip((world.ada, world.ben), IBANS, strict=True):
        assert set_destination(worker, holder=worker.account.name, address=iban)
    return one, other


def test_a_run_pays_one_portals_people_by_its_own_minimum(
    world: World, two: tuple[Portal, Portal]
) -> None:
    one, other = two
    run = prepare_run(world.olga, portal=one)
    paid = {item.worker: item.amount_micros for item in run.items.select_related("worker")}
    assert paid == {world.ada: 8_000_000, world.ben: 3_000_000}
    assert [payable_at(world.ada, at) for at in (None, one, other)] == [8_000_000, 0, 8_000_000]
    assert refusal_of(prepare_run, world.olga, portal=other) == "nobody_due"


def test_one_run_of_each_portal_may_be_prepared_at_a_time(
    world: World, two: tuple[Portal, Portal]
) -> None:
    one, _other = two
    runs = [prepare_run(world.olga, portal=at) for at in (one, None)]
    assert [run.portal for run in runs] == [one, None]
    for at in (one, None):
        assert refusal_of(prepare_run, world.olga, portal=at) == "run_waiting"


def test_the_own_site_set_up_as_a_portal_is_the_own_site(
    world: World, two: tuple[Portal, Portal]
) -> None:
    own = own_site(minimum_micros=8_000_001, calendar="monthly", day=14)
    assert refusal_of(prepare_run, world.olga, portal=own) == "nobody_due"
    assert refusal_of(prepare_run, world.olga) == "nobody_due"
    PortalTerms.objects.filter(portal=own).update(minimum_micros=8_000_000)
    assert prepare_run(world.olga, portal=own).portal is None


@pytest.mark.parametrize("ending", ["cancelled", "bounced", "returned"])
def test_what_comes_back_is_where_it_came_from(
    world: World, two: tuple[Portal, Portal], ending: str
) -> None:
    one, other = two
    run = prepare_run(world.olga, portal=one)
    if ending == "cancelled":
        assert cancel_run(run, world.olga)
    else:
        assert send_run(run, world.olga)
        if ending == "returned":
            assert confirm_run(run, world.olga)
        for item in run.items.all():
            assert bounce_item(item, world.olga, "closed")
    expected = [8_000_000, 8_000_000, 8_000_000]
    assert [payable_at(world.ada, at) for at in (None, one, other)] == expected
    assert payable_at(world.ben, one) == 3_000_000
    assert audit().balanced


def test_a_portal_that_pays_by_other_rails_is_not_in_this_one(
    world: World, two: tuple[Portal, Portal]
) -> None:
    one, _other = two
    PortalTerms.objects.filter(portal=one).update(rails=["pigeon"])
    before = count("ledger_transfer")
    assert refusal_of(prepare_run, world.olga, portal=one) == "nobody_due"
    assert count("ledger_transfer") == before


def test_who_left_or_whose_portal_closed_is_still_paid(
    world: World, two: tuple[Portal, Portal]
) -> None:
    one, _other = two
    PortalMember.objects.update(left_at=timezone.now())
    Portal.objects.update(closed_at=timezone.now())
    assert len(prepare_run(world.olga, portal=one).items.all()) == 2
    assert [purse.portal for purse in purses_of(world.ben, "EUR")] == [None, one]


def test_all_portals_are_looked_at_in_as_many_queries_as_one(
    world: World, two: tuple[Portal, Portal], django_assert_num_queries: object
) -> None:
    one, other = two
    owner = payer(5_000_000)
    everywhere = due_everywhere(owner, "EUR")
    assert {at: len(people) for at, people in everywhere.items()} == {None: 1, one: 2, other: 0}
    for at, people in everywhere.items():
        assert due(owner, "EUR", at) == people
    with django_assert_num_queries(5):  # type: ignore[operator]
        due_everywhere(owner, "EUR")


def test_a_run_is_paid_on_the_portals_payday(world: World, two: tuple[Portal, Portal]) -> None:
    one, _other = two
    first = timezone.now().date() + timedelta(days=20)
    terms = {"calendar": "fortnightly", "first": first, "day": first.isoweekday()}
    PortalTerms.objects.filter(portal=one).update(**terms)
    run = prepare_run(world.olga, portal=one)
    assert run.execution_date == next_payday(PortalTerms.objects.get(portal=one), first)


def test_a_worker_sees_each_portals_money_and_what_is_missing(
    world: World, two: tuple[Portal, Portal]
) -> None:
    one, other = two
    own, first, second = purses_of(world.ada, "EUR")
    assert [purse.portal for purse in (own, first, second)] == [None, one, other]
    assert [purse.missing.micros for purse in (own, first, second)] == [0, 0, 1_000_000]
    assert own.payday is None
    assert second.payday == next_payday(other.terms, timezone.now().date())
    assert earnings_of(world.ada, "EUR").payable.micros == 24_000_000
    (theirs,) = [purse for purse in purses_of(world.ben, "EUR") if purse.portal is not None]
    assert theirs.payable.micros == 3_000_000


def test_money_under_another_reference_is_nobody_elses(world: World) -> None:
    like = open_account(f"payable:{world.ada.ref}x:EUR", "EUR")
    outside = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    post([Entry(outside, like, 5, "EUR", "earn", "bat_like/1/1")])
    assert earnings_of(world.ada, "EUR").payable.micros == 0


def test_a_portal_is_told_its_totals_and_nobody_elses(world: World) -> None:
    payer(10_000)
    one = portal("one", world.ada, share=200, minimum_micros=10_000)
    other = portal("two", world.ben, share=500)
    batch = world.batch(tasks=20, page_size=10, overlap=2)
    works(world.ada, batch, one)
    works(world.ben, batch, other)
    review = world.batch(tasks=10, page_size=10, review_hours=24)
    works(world.ada, review, one)
    assert totals(one).kept.micros == 100_000
    assert totals(one).owed.micros == 800_000
    assert accept_all(review, actor=world.rita.ref) == 1
    assert set_destination(world.ada, holder="Ada", address=IBANS[0])
    run = prepare_run(world.olga, portal=one)
    assert (totals(one).on_the_way.micros, totals(one).owed.micros) == (800_000, 0)
    assert send_run(run, world.olga)
    assert confirm_run(run, world.olga)
    found = totals(one)
    assert (found.kept.micros, found.paid.micros, found.earned.micros) == (
        200_000,
        800_000,
        800_000,
    )
    assert totals(other).kept.micros == totals(other).owed.micros == 250_000
