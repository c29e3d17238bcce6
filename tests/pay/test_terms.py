"""A portal's terms: what is refused, what is told, and on which day its people are paid."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.pay.portal_cast import fortnightly, monthly, portal, weekly
from tests.world import World, count

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.pay.models import PortalTerms
from fairhand.pay.providers.sepa.target import is_banking_day
from fairhand.pay.terms import calendar_sentence, next_payday, set_terms
from fairhand.people.duties import has_duty
from fairhand.people.models import Duty, Event, Notice, Operator, Portal, Rules

GOOD: dict[str, Any] = {
    "share_permille": 125,
    "calendar": "weekly",
    "day": 5,
    "first": None,
    "minimum": Money(5_000_000, "EUR"),
    "rails": ["sepa"],
}
DAYS = st.dates(date(2020, 1, 1), date(2050, 12, 31))


@pytest.fixture
def one(world: World) -> Portal:
    return portal("one", world.ada)


def rules() -> int:
    return Rules.objects.get(pk=1).stamp


def test_terms_are_set_noted_and_asked_about_anew(world: World, one: Portal) -> None:
    before = rules()
    assert set_terms(one, **GOOD, by=world.olga)
    found = PortalTerms.objects.get(portal=one)
    assert (found.share_permille, found.day, found.minimum_micros) == (125, 5, 5_000_000)
    event = Event.objects.filter(action="terms.changed").latest("pk")
    assert (event.actor, event.subject) == (world.olga.ref, one.ref)
    assert (event.before["share"], event.after["share"]) == ("0 of 1000", "125 of 1000")
    assert rules() == before + 1


def test_the_same_again_changes_nothing(world: World, one: Portal) -> None:
    assert set_terms(one, **GOOD, by=world.olga)
    before = (rules(), count("people_event"))
    assert set_terms(one, **GOOD, by=world.olga)
    assert (rules(), count("people_event")) == before


def test_another_minimum_asks_nobody_anew(world: World, one: Portal) -> None:
    assert set_terms(one, **GOOD, by=world.olga)
    before = rules()
    assert set_terms(one, **{**GOOD, "minimum": Money(6_000_000, "EUR")}, by=world.olga)
    assert PortalTerms.objects.get(portal=one).minimum_micros == 6_000_000
    assert rules() == before


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"share_permille": -1}, "bad_share"),
        ({"share_permille": 901}, "bad_share"),
        ({"calendar": "daily"}, "bad_day"),
        ({"day": 0}, "bad_weekday"),
        ({"day": 8}, "bad_weekday"),
        ({"calendar": "monthly", "day": 29}, "bad_day"),
        ({"calendar": "fortnightly"}, "no_first_payday"),
        ({"calendar": "fortnightly", "first": date(2090, 1, 3)}, "far_first_payday"),
        ({"rails": []}, "no_rail"),
        ({"rails": ["sepa", "pigeon"]}, "no_rail"),
        ({"minimum": Money(5_000_000, "USD")}, "bad_currency"),
        ({"minimum": Money(0, "EUR")}, "bad_minimum"),
        ({"minimum": Money(100_000_001, "EUR")}, "bad_minimum"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    world: World, one: Portal, wrong: dict[str, Any], code: str
) -> None:
    before = (rules(), count("people_event"), PortalTerms.objects.values().get(portal=one))
    answer = set_terms(one, **{**GOOD, **wrong}, by=world.olga)
    assert isinstance(answer, Refusal)
    assert answer.code == code
    assert "%" not in str(answer)
    after = (rules(), count("people_event"), PortalTerms.objects.values().get(portal=one))
    assert after == before


def test_its_people_are_told_of_another_share_and_of_nothing_else(
    world: World, one: Portal
) -> None:
    share = {**GOOD, "share_permille": 125}
    for terms in (share, share, {**share, "minimum": Money(6_000_000, "EUR")}):
        assert set_terms(one, **terms, by=world.olga)
    (told,) = Notice.objects.filter(kind="money.share_changed")
    assert told.account == world.ada.account
    assert told.params == {"portal": one.name, "before": "0", "after": "12.5"}


def test_the_own_site_can_have_a_calendar_and_keeps_nothing(world: World) -> None:
    own = Portal.objects.create(slug="own", name="Own", host="")
    answer = set_terms(own, **GOOD, by=world.olga)
    assert isinstance(answer, Refusal)
    assert answer.code == "own_site_keeps_nothing"
    assert set_terms(own, **{**GOOD, "share_permille": 0}, by=world.olga)


def test_terms_are_set_by_who_runs_the_money(world: World, one: Portal) -> None:
    Operator.objects.filter(account=world.olga).update(duties=[Duty.ADMIN])
    assert not has_duty(world.olga, Duty.FINANCE)
    answer = set_terms(one, **GOOD, by=world.olga)
    assert isinstance(answer, Refusal)
    assert answer.code == "duty_missing"
    assert PortalTerms.objects.get(portal=one).share_permille == 0


@pytest.mark.parametrize(
    ("terms", "today", "payday"),
    [
        (weekly(5), date(2026, 11, 22), date(2026, 11, 27)),
        (weekly(5), date(2026, 11, 27), date(2026, 11, 27)),
        (weekly(5), date(2026, 11, 28), date(2026, 12, 4)),
        # Sunday's payday is Monday's.
        (weekly(7), date(2026, 11, 23), date(2026, 11, 23)),
        (weekly(7), date(2026, 11, 24), date(2026, 11, 30)),
        # Good Friday 2026 is 3 April; banks are open again on the Tuesday after Easter.
        (weekly(5), date(2026, 4, 2), date(2026, 4, 7)),
        (weekly(5), date(2026, 4, 7), date(2026, 4, 7)),
        (weekly(5), date(2026, 4, 8), date(2026, 4, 10)),
        (monthly(14), date(2026, 11, 14), date(2026, 11, 16)),  # a Saturday
        (monthly(14), date(2026, 11, 16), date(2026, 11, 16)),
        (monthly(14), date(2026, 11, 17), date(2026, 12, 14)),
        (monthly(25), date(2026, 12, 20), date(2026, 12, 28)),  # Christmas, then a weekend
        (monthly(1), date(2026, 12, 31), date(2027, 1, 4)),
        (monthly(28), date(2027, 2, 28), date(2027, 3, 1)),
        (fortnightly(date(2026, 11, 27)), date(2026, 11, 22), date(2026, 11, 27)),
        (fortnightly(date(2026, 11, 27)), date(2026, 11, 28), date(2026, 12, 11)),
        (fortnightly(date(2026, 12, 11)), date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_the_next_payday(terms: PortalTerms, today: date, payday: date) -> None:
    assert next_payday(terms, today) == payday


@given(st.one_of(st.integers(1, 7).map(weekly), st.integers(1, 28).map(monthly)), DAYS)
def test_paydays_are_banking_days_and_no_one_is_left_out(terms: PortalTerms, today: date) -> None:
    payday = next_payday(terms, today)
    assert payday >= today
    assert is_banking_day(payday)
    assert payday - today <= timedelta(days=31 + 5 if terms.calendar == "monthly" else 7 + 4)
    # It stays the next one on every day until it is there.
    assert next_payday(terms, today + (payday - today) / 2) == payday
    assert next_payday(terms, payday) == payday


@given(DAYS, DAYS)
def test_fortnights_keep_their_step(first: date, today: date) -> None:
    payday = next_payday(fortnightly(first), today)
    assert payday >= today
    nominal = payday
    while (nominal - first).days % 14:
        nominal -= timedelta(days=1)
    assert payday - nominal <= timedelta(days=4)


def test_a_calendar_is_told_in_a_sentence() -> None:
    assert calendar_sentence(weekly(5)) == "Pays every week, on Friday."
    assert calendar_sentence(monthly(14)) == "Pays on day 14 of each month."
    said = calendar_sentence(fortnightly(date(2026, 11, 27)))
    assert said == "Pays every second week, on Friday."


def test_a_first_payday_may_be_a_month_away(world: World, one: Portal) -> None:
    first = timezone.now().date() + timedelta(days=31)
    assert set_terms(one, **{**GOOD, "calendar": "fortnightly", "first": first}, by=world.olga)
    assert PortalTerms.objects.get(portal=one).day == first.isoweekday()
