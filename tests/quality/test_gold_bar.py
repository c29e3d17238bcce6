from fractions import Fraction
from itertools import pairwise, product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairhand.quality.gold import (
    FEWEST,
    bar_table,
    chance_of_restriction,
    explain,
    upper_end,
)

BARS = ["0.1", "0.5", "0.7", "0.85", "0.99", "1"]


def exact_needed(seen: int, bar: Fraction) -> int:
    """In whole numbers: the least r with P(Binomial(seen, bar) <= r) >= 1/20."""
    total = Fraction(0)
    for right in range(seen + 1):
        total += comb(seen, right) * bar**right * (1 - bar) ** (seen - right)
        if total >= Fraction(1, 20):
            return right
    raise AssertionError


@pytest.mark.parametrize("bar", BARS)
def test_the_table_is_what_exact_fractions_give(bar: str) -> None:
    table = bar_table(float(bar), longest=60)
    assert table[:FEWEST] == [0] * FEWEST
    assert table[FEWEST:] == [exact_needed(n, Fraction(bar)) for n in range(FEWEST, 61)]


@pytest.mark.parametrize("bar", BARS)
def test_nobody_is_restricted_on_three_answers(bar: str) -> None:
    assert bar_table(float(bar))[:4] == [0, 0, 0, 0]
    assert not explain(0, 3, float(bar))["restricted"]


def test_without_a_bar_nothing_is_asked() -> None:
    assert bar_table(None, longest=7) == [0] * 8
    assert explain(0, 90, None)["restricted"] is False


def test_one_mistake_does_not_restrict_at_the_usual_bar() -> None:
    table = bar_table(0.85)
    assert all(seen - 1 >= needed for seen, needed in enumerate(table) if seen > 1)


def test_the_number_needed_grows_with_the_answers_by_at_most_one() -> None:
    table = bar_table(0.7)[FEWEST:]
    assert {after - before for before, after in pairwise(table)} == {0, 1}
    assert table[-1] / (len(table) + FEWEST - 1) == pytest.approx(0.66, abs=0.01)


def test_more_evidence_restricts_later() -> None:
    strict, lenient = bar_table(0.8, evidence=0.9), bar_table(0.8, evidence=0.99)
    assert all(early >= late for early, late in zip(strict, lenient, strict=True))
    assert strict != lenient


def test_the_upper_end_is_the_one_of_clopper_and_pearson() -> None:
    assert upper_end(3, 10) == pytest.approx(0.606624, abs=1e-6)
    assert upper_end(0, 10) == pytest.approx(1 - 0.05 ** (1 / 10))
    assert upper_end(10, 10) == upper_end(0, 0) == 1.0


@given(st.integers(0, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_upper_end_is_where_the_binomial_tail_is_one_twentieth(
    gold: tuple[int, int],
) -> None:
    right, seen = gold
    end = upper_end(right, seen)
    assert right / max(seen, 1) <= end <= 1
    if right < seen:
        exact = Fraction(end)
        numerator, denominator = exact.numerator, exact.denominator
        rest = denominator - numerator
        ways = sum(
            comb(seen, k) * numerator**k * rest ** (seen - k) for k in range(min(right, 40) + 1)
        )
        if right <= 40:
            assert float(Fraction(ways, denominator**seen)) == pytest.approx(0.05, rel=1e-6)


@given(st.integers(0, 450).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_stored_decision_agrees_with_the_table_and_with_the_interval(
    gold: tuple[int, int],
) -> None:
    right, seen = gold
    record = explain(right, seen, 0.8)
    assert record["needed"] == bar_table(0.8, longest=seen)[seen]
    below = float(str(record["upper_end"])) < 0.8
    assert record["restricted"] is (below and seen >= FEWEST)


def test_the_record_holds_every_number_of_the_decision() -> None:
    assert explain(3, 10, 0.7) == {
        "rule": "gold-bar",
        "version": 1,
        "right": 3,
        "seen": 10,
        "accuracy": 0.3,
        "upper_end": 0.606624,
        "evidence": 0.95,
        "bar": 0.7,
        "fewest": 5,
        "needed": 5,
        "restricted": True,
    }
    assert explain(0, 0, 0.7)["accuracy"] is None


def test_the_chance_of_restriction_is_what_going_through_every_course_gives() -> None:
    table, accuracy = bar_table(0.7, longest=10), 0.6
    restricted = 0.0
    for course in product([0, 1], repeat=10):
        if any(sum(course[:n]) < table[n] for n in range(11)):
            restricted += accuracy ** sum(course) * (1 - accuracy) ** (10 - sum(course))
    assert chance_of_restriction(table, accuracy) == pytest.approx(restricted)


def test_good_workers_hardly_ever_and_guessing_workers_nearly_always_lose_access() -> None:
    table = bar_table(0.85, longest=100)
    assert chance_of_restriction(table, 0.95) < 0.01
    assert chance_of_restriction(table, 0.5) > 0.999
    assert chance_of_restriction(bar_table(None, longest=100), 0.0) == 0.0


@pytest.mark.parametrize("bar", [0, -0.1, 1.01])
def test_a_bar_that_is_no_accuracy_is_refused(bar: float) -> None:
    with pytest.raises(ValueError, match="the bar lies above 0"):
        bar_table(bar)


def test_other_impossible_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="evidence lies between"):
        bar_table(0.8, evidence=1)
    with pytest.raises(ValueError, match="6 right of 5"):
        explain(6, 5, 0.8)
    with pytest.raises(ValueError, match="between 0 and 1"):
        chance_of_restriction([0], 1.5)
