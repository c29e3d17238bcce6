"""What a portal keeps: to the micro-unit, told before the start as it is booked afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pay.portal_cast import portal, works
from tests.world import World, balance_of, caller, page_of, rows, turn

from fairhand.kit.money import Money
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.models import PortalTerms
from fairhand.pay.shares import of_answer, of_page, share_of
from fairhand.people import gates
from fairhand.people.models import Portal
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.progress import hourly_rate, offers_for, price_for

PRICES = st.integers(1, 10**12)
SHARES = st.integers(0, 900)
# Booked in the fast run: nothing, roundings of either kind, and the ends; the rest in the slow one.
FAST = {(0, 999), (1, 50_001), (333, 3), (899, 1), (900, 50_001)}


@given(PRICES, st.integers(1, 1000), SHARES)
def test_the_two_parts_of_a_page_are_the_whole(price: int, answers: int, share: int) -> None:
    page = of_page(Money(price, "EUR"), answers, share)
    assert page.kept.micros + page.pay.micros == page.price.micros == price * answers
    assert 0 <= page.kept.micros * 1000 <= price * answers * share
    # What is less than a millionth stays with the worker, and no more than that.
    assert price * answers * share - page.kept.micros * 1000 < 1000


@given(PRICES, st.integers(1, 1000), SHARES)
def test_a_page_never_pays_less_than_its_answers_were_said_to(
    price: int, answers: int, share: int
) -> None:
    answer, page = (
        of_answer(Money(price, "EUR"), share),
        of_page(Money(price, "EUR"), answers, share),
    )
    assert answer.kept + answer.pay == answer.price
    assert 0 <= page.pay.micros - answers * answer.pay.micros <= answers


@pytest.mark.parametrize(
    ("share", "price"),
    [
        pytest.param(share, price, marks=() if (share, price) in FAST else pytest.mark.slow)
        for share in (0, 1, 200, 333, 899, 900)
        for price in (1, 3, 999, 50_001)
    ],
)
@pytest.mark.parametrize("hours", [0, 24])
def test_pages_are_booked_as_they_were_shown(
    world: World, share: int, price: int, hours: int
) -> None:
    one = portal("one", world.ada, world.ben, share=share)
    batch = world.batch(tasks=17, page_size=5, overlap=2, price_micros=price, review_hours=hours)
    for worker in (world.ada, world.ben):
        works(worker, batch, one, pages=4)
    pages = list(Assignment.objects.filter(batch=batch).exclude(state="returned"))
    assert sum(len(page.tasks) for page in pages) == 34
    for page in pages:
        shown = of_page(Money(price, "EUR"), len(page.tasks), share)
        assert (page.pay_micros, page.share_micros) == (shown.pay.micros, shown.kept.micros)
    assert sum(page.pay_micros + page.share_micros for page in pages) == 34 * price
    assert audit().balanced


def test_what_is_shown_at_a_portal_is_what_is_left_for_the_worker(world: World) -> None:
    one = portal("one", world.ada, share=200)
    batch = world.batch(price_micros=50_000, page_size=10, expected_seconds=10.0)
    (here,) = offers_for(world.ada, one)
    assert (here.price.answer.price.micros, here.price.answer.kept.micros) == (50_000, 10_000)
    assert (here.price.answer.pay.micros, here.price.page.pay.micros) == (40_000, 400_000)
    assert here.price.keeper == "One"
    assert here.rate is not None
    assert here.rate.hourly == Money(14_400_000, "EUR")
    (elsewhere,) = offers_for(world.ada)
    assert elsewhere.price.answer.pay.micros == 50_000
    assert elsewhere.price.keeper == ""
    assert (price_for(batch, one), hourly_rate(batch, one)) == (here.price, here.rate)


def test_a_batch_for_one_portal_is_listed_there_alone(world: World) -> None:
    one, two = portal("one", world.ada), portal("two", world.ada)
    batch = world.batch()
    type(batch).objects.filter(pk=batch.pk).update(portals=[one.ref])
    assert [len(offers_for(world.ada, at)) for at in (one, two, None)] == [1, 0, 0]


def test_the_own_site_keeps_nothing_whatever_its_terms_say(world: World) -> None:
    own = Portal.objects.create(slug="own", name="Own", host="")
    PortalTerms.objects.create(portal=own, share_permille=500)
    batch = world.batch(page_size=10)
    works(world.ada, batch, own)
    assert share_of(own) == 0
    assert balance_of(events.payable(world.ada.ref, "EUR")) == 500_000


def test_a_new_share_counts_for_pages_that_are_taken_from_then_on(world: World) -> None:
    one = portal("one", world.ada, share=200)
    batch, ada = world.batch(page_size=5), caller(world.ada)
    held = page_of(turn(ada, batch, portal=one))
    for share in (0, 500):
        PortalTerms.objects.update(share_permille=share)
        gates.rules_changed()
        held = page_of(turn(ada, batch, held, portal=one))
    turn(ada, batch, held, portal=one)
    pages = Assignment.objects.filter(batch=batch, state="accepted").order_by("no")
    kept = [(page.pay_micros, page.share_micros) for page in pages]
    assert kept == [(200_000, 50_000), (250_000, 0), (125_000, 125_000)]
    assert balance_of(events.portal(one.ref, "EUR")) == 175_000
    assert Enrolment.objects.get(batch=batch, worker=world.ada).share_permille == 500
    assert rows("select count(*) from ledger_transfer where reason = 'share'") == [(2,)]
