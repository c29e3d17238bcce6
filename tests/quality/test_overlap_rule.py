from itertools import permutations
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairhand.quality.overlap import accuracy, enough, posterior, prior

Gold = tuple[int, int]
Answer = tuple[str, int, int]

golds = st.integers(0, 200).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen)))
answers_to_a_task = st.lists(st.tuples(st.sampled_from("abc"), golds), max_size=12).map(
    lambda given: [(label, *gold) for label, gold in given]
)


def test_a_newcomer_with_two_classes_counts_as_right_three_times_in_four() -> None:
    assert prior(2) == (6, 2)
    assert posterior([("yes", 0, 0)], 2) == pytest.approx({"yes": 0.75})


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 20])
def test_the_prior_has_the_moments_of_every_accuracy_from_guessing_to_perfection(
    classes: int,
) -> None:
    alpha, beta = prior(classes)
    total, low = alpha + beta, 1 / classes
    assert alpha / total == pytest.approx((1 + low) / 2)
    assert alpha * beta / (total**2 * (total + 1)) == pytest.approx((1 - low) ** 2 / 12)


def test_two_newcomers_who_agree_are_nine_to_one_and_three_are_enough_for_95_percent() -> None:
    assert posterior([("yes", 0, 0)] * 2, 2)["yes"] == pytest.approx(0.9)
    assert not enough(posterior([("yes", 0, 0)] * 2, 2), 0.95)
    assert enough(posterior([("yes", 0, 0)] * 3, 2), 0.95)


def test_a_worker_with_good_gold_outweighs_two_newcomers() -> None:
    said = posterior([("yes", 40, 40), ("no", 0, 0), ("no", 0, 0)], 2)
    # 46/48 against 2/48, times (1/4)**2 against (3/4)**2: 46 * 1 to 2 * 9.
    assert said == pytest.approx({"yes": 46 / 64, "no": 18 / 64})


def test_classes_that_nobody_gave_keep_their_share() -> None:
    said = posterior([("a", 0, 0)], 4)
    assert said["a"] == pytest.approx(0.625)
    assert sum(said.values()) < 1


def test_a_worker_below_guessing_counts_for_nothing_and_never_against() -> None:
    assert accuracy(0, 50, 2) == 0.5
    assert posterior([("a", 0, 50)], 2) == pytest.approx({"a": 0.5})
    assert posterior([("a", 0, 50), ("b", 9, 10)], 2)["b"] > 0.8


def test_a_perfect_record_is_never_certainty() -> None:
    assert 0.99 < accuracy(1000, 1000, 2) < 1


def test_without_an_answer_it_is_never_enough() -> None:
    assert posterior([], 2) == {}
    assert not enough({}, 0.0)


def test_a_confidence_of_one_asks_for_every_answer() -> None:
    said = posterior([("a", 200, 200)] * 50, 2)
    assert said["a"] == 1.0
    assert not enough(said, 1.0)
    assert enough(said, 0.999999)


def test_more_labels_than_classes_and_impossible_gold_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels were given, of 2 classes"):
        posterior([("a", 0, 0), ("b", 0, 0), ("c", 0, 0)], 2)
    with pytest.raises(ValueError, match="4 right of 3"):
        posterior([("a", 4, 3)], 2)
    with pytest.raises(ValueError, match="two classes"):
        prior(1)


@given(answers_to_a_task, st.integers(3, 6))
def test_logarithms_give_what_the_formula_says(answers: list[Answer], classes: int) -> None:
    def likelihood(label: str) -> float:
        credits_ = [(said, accuracy(right, seen, classes)) for said, right, seen in answers]
        return prod(a if said == label else (1 - a) / (classes - 1) for said, a in credits_)

    everything = sum(likelihood(str(label)) for label in ["a", "b", "c", *range(classes - 3)])
    assert posterior(answers, classes) == pytest.approx(
        {label: likelihood(label) / everything for label, _, _ in answers}
    )


@given(answers_to_a_task, st.tuples(st.sampled_from("abc"), golds))
def test_one_more_answer_never_lowers_the_label_it_gives(
    answers: list[Answer], another: tuple[str, Gold]
) -> None:
    label, gold = another
    before = posterior(answers, 3).get(label)
    after = posterior([*answers, (label, *gold)], 3)[label]
    assert after >= (1 / 3 if not answers else before or 0) - 1e-12


@given(st.lists(st.tuples(st.sampled_from("ab"), golds), min_size=1, max_size=4))
def test_the_order_of_the_answers_does_not_matter(given_answers: list[tuple[str, Gold]]) -> None:
    answers = [(label, *gold) for label, gold in given_answers]
    first = posterior(answers, 2)
    for order in permutations(answers):
        assert posterior(order, 2) == pytest.approx(first)
