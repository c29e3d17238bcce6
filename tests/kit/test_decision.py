"""Allowed, or refused with a reason."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from fairhand.kit.decision import ALLOWED, Problem, Refusal, Refused, UnusableInput, require

NO = Refusal("too_late", "It is %(hours)s hours too late.", {"hours": 3}, status=410)


def test_a_yes_is_true_and_a_no_is_false() -> None:
    assert ALLOWED
    assert not NO


def test_a_refusal_reads_as_its_sentence_with_its_numbers() -> None:
    assert str(NO) == "It is 3 hours too late."
    assert str(Refusal("x", "100 % without numbers")) == "100 % without numbers"


def test_a_refusal_is_read_in_the_readers_language() -> None:
    refusal = Refusal("x", gettext_lazy("Monday"))
    with translation.override("de"):
        assert str(refusal) == "Montag"
    with translation.override("es"):
        assert str(refusal) == "lunes"


def test_requiring_goes_on_only_after_a_yes() -> None:
    require(ALLOWED)
    with pytest.raises(Refused, match="3 hours too late") as raised:
        require(NO)
    assert raised.value.refusal is NO


def test_a_verb_that_cannot_go_on_raises_its_refusal() -> None:
    with pytest.raises(Refused) as raised:
        NO.fail()
    assert raised.value.refusal.code == "too_late"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("Wrong."), "Wrong."),
        (Problem("Wrong.", field="mood"), "Field mood: Wrong."),
        (Problem("Wrong.", line=3), "Line 3: Wrong."),
        (Problem("Wrong.", line=3, field="mood"), "Line 3, field mood: Wrong."),
    ],
)
def test_a_problem_says_where_it_is(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_unusable_input_names_at_most_a_hundred_places() -> None:
    error = UnusableInput([Problem("Wrong.", line=n) for n in range(1, 151)])
    assert len(error.problems) == 100
    assert str(error) == "Line 1: Wrong.; Line 2: Wrong.; Line 3: Wrong."
