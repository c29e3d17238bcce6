import numpy as np
import pytest

from fairhand.quality.aggregation.labels import (
    MOST_CELLS,
    Labels,
    Result,
    TooManyClassesError,
    factorise,
    refuse_huge,
)


def made(*rows: str, classes: str = "") -> Labels:
    """Each row is "task worker label"."""
    tasks, workers, labels = zip(*(row.split() for row in rows), strict=True)
    return Labels.from_ids(tasks, workers, labels, classes.split())


def test_codes_follow_first_appearance_and_classes_are_sorted() -> None:
    labels = made("t2 w9 no", "t1 w1 yes", "t2 w1 maybe")
    assert list(labels.tasks) == ["t2", "t1"]
    assert labels.task.tolist() == [0, 1, 0]
    assert labels.worker.tolist() == [0, 1, 1]
    assert labels.classes == ("maybe", "no", "yes")
    assert [labels.classes[code] for code in labels.label] == ["no", "yes", "maybe"]


def test_a_class_that_nobody_chose_has_a_column() -> None:
    labels = made("t1 w1 b", classes="a c")
    assert labels.classes == ("a", "b", "c")
    assert labels.votes().tolist() == [[0, 1, 0]]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Labels.from_ids(["t1"], ["w1", "w2"], ["a"])


def test_a_task_without_an_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="without an answer"):
        Labels.from_codes(
            (np.array([0], dtype=np.int32), ["t1", "t2"]), factorise(["w"]), factorise(["a"])
        )


def test_the_first_repeated_answer_is_found_with_the_one_it_repeats() -> None:
    assert made("t1 w1 a", "t2 w1 a", "t1 w2 b").first_repeat() is None
    assert made("t2 w1 a", "t1 w1 a", "t2 w2 b", "t1 w1 b", "t2 w1 a").first_repeat() == (3, 1)


def test_known_labels_become_codes_and_unanswered_tasks_are_passed_over() -> None:
    labels = made("t1 w1 a", "t2 w1 b")
    assert labels.codes_of({"t2": "a", "t9": "a"}).tolist() == [-1, 0]


def test_a_known_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="'z' of task 't1' is not a class"):
        made("t1 w1 a").codes_of({"t1": "z"})


def result(*rows: tuple[float, ...]) -> Result:
    names = [f"t{number}" for number in range(1, len(rows) + 1)]
    return Result(names, ("a", "b", "c")[: len(rows[0])], np.array(rows))


def test_a_tie_is_worth_one_over_the_number_of_winners() -> None:
    crowd = result((1.0, 0.0, 0.0), (0.5, 0.5, 0.0), (1 / 3, 1 / 3, 1 / 3), (0.0, 0.5, 0.5))
    truth = {"t1": "a", "t2": "b", "t3": "c", "t4": "a"}
    assert crowd.accuracy(truth) == pytest.approx((1 + 1 / 2 + 1 / 3 + 0) / 4)


def test_probabilities_that_differ_by_rounding_only_are_a_tie() -> None:
    crowd = result((0.5 + 1e-12, 0.5 - 1e-12), (0.5 + 1e-6, 0.5 - 1e-6))
    assert crowd.winners().sum(axis=1).tolist() == [2, 1]


def test_only_tasks_with_a_truth_are_scored() -> None:
    crowd = result((0.9, 0.1), (0.2, 0.8), (0.6, 0.4))
    assert crowd.accuracy({"t2": "b", "t3": "b", "elsewhere": "a"}) == 0.5
    assert crowd.accuracy({}) is None


def test_a_truth_that_nobody_chose_is_wrong() -> None:
    assert result((1.0, 0.0)).accuracy({"t1": "never said"}) == 0.0


def test_the_label_of_a_tie_is_the_first_class() -> None:
    assert result((0.0, 0.5, 0.5)).labels().tolist() == [1]


def test_a_table_of_a_gigabyte_is_refused_before_it_is_made() -> None:
    refuse_huge(MOST_CELLS // 4, 4)
    with pytest.raises(TooManyClassesError, match="5 classes"):
        refuse_huge(MOST_CELLS // 4, 5)
