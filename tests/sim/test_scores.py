import pytest

from fairhand.sim.scores import score

CLASSES = ("a", "b")


def test_results_are_scored_on_the_tasks_with_truth() -> None:
    rows = [("t1", "a", {"a": 3}), ("t2", "b", {"a": 1, "b": 2}), ("gold", "b", {"b": 3})]
    found = score(rows, {"t1": "a", "t2": "a"}, CLASSES)
    assert (found.accuracy, found.majority, found.scored, found.missing) == (0.5, 0.5, 2, 0)


def test_a_tie_of_the_majority_counts_its_share() -> None:
    found = score([("t1", "a", {"a": 1, "b": 1})], {"t1": "a"}, CLASSES)
    assert (found.accuracy, found.majority) == (1.0, 0.5)


def test_tasks_that_nobody_answered_are_told_and_not_scored() -> None:
    found = score([("t1", "a", {"a": 1})], {"t1": "a", "t2": "b", "t3": "b"}, CLASSES)
    assert (found.accuracy, found.scored, found.missing) == (1.0, 1, 2)


@pytest.mark.parametrize("rows", [[], [("t1", "a", {"a": 1})]])
def test_without_a_truth_there_is_no_score(rows: list[tuple[str, str, dict[str, int]]]) -> None:
    found = score(rows, {}, CLASSES)
    assert (found.accuracy, found.majority) == (None, None)
