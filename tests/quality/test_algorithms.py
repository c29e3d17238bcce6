"""Small cases computed by hand, and a second, slow writing of Dawid-Skene to compare with."""

from collections import defaultdict
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairhand.quality.aggregation.dawid_skene import dawid_skene
from fairhand.quality.aggregation.labels import Labels, Result
from fairhand.quality.aggregation.majority import majority

Answers = dict[tuple[str, str], str]
Method = Callable[..., Result]

crowds = st.dictionaries(
    st.tuples(st.sampled_from("pqrstu"), st.sampled_from("vwxyz")),
    st.sampled_from("abc"),
    min_size=1,
)


def labels_of(answers: Answers) -> Labels:
    return Labels.from_ids(
        [task for task, _ in answers], [worker for _, worker in answers], answers.values()
    )


def by_name(result: Result) -> dict[tuple[str, str], float]:
    return {
        (task, name): float(result.probabilities[row, column])
        for row, task in enumerate(result.tasks)
        for column, name in enumerate(result.classes)
    }


def test_majority_gives_shares_of_the_answers() -> None:
    result = majority(Labels.from_ids("ttttu", "vwxyv", "aaabc"))
    assert by_name(result) == pytest.approx({
        ("t", "a"): 0.75, ("t", "b"): 0.25, ("t", "c"): 0,
        ("u", "a"): 0, ("u", "b"): 0, ("u", "c"): 1,
    })  # fmt: skip
    assert result.iterations == 0


def test_one_step_of_dawid_skene_is_what_paper_and_pencil_give() -> None:
    # Votes: t is a by 2/3, u is b for certain; so the shares are 1/3 and 2/3. v and w say a when
    # a is right, and say b three times in four when b is right; x says b whatever is right.
    # Then t is a with 1/3 to 2/3 * 1/4 * 1/4 = 1/24, that is 8 to 1.
    result = dawid_skene(Labels.from_ids("tttuuu", "vwxvwx", "aabbbb"), iterations=1)
    assert by_name(result) == pytest.approx(
        {("t", "a"): 8 / 9, ("t", "b"): 1 / 9, ("u", "a"): 0, ("u", "b"): 1}, abs=1e-9
    )


def test_dawid_skene_turns_the_answers_of_a_worker_who_swaps_the_classes() -> None:
    answers: Answers = {}
    for task in range(40):
        right, wrong = ("a", "b") if task % 2 else ("b", "a")
        answers |= {(f"t{task}", worker): right for worker in ("v", "w", "x")}
        answers[f"t{task}", "swaps"] = wrong
    answers |= {("new", "v"): "a", ("new", "swaps"): "b"}
    assert by_name(dawid_skene(labels_of(answers)))["new", "a"] > 0.99
    assert by_name(majority(labels_of(answers)))["new", "a"] == 0.5


def test_known_tasks_stay_as_they_are_and_teach_about_the_workers() -> None:
    answers = {(f"t{n}", worker): "a" if n % 2 else "b" for n in range(10) for worker in "vw"}
    # x is alone against v and w everywhere, and right wherever it is known.
    answers |= {(f"t{n}", "x"): "b" if n % 2 else "a" for n in range(10)}
    known = {f"t{n}": "b" if n % 2 else "a" for n in range(8)}
    labels = labels_of(answers)
    said = by_name(dawid_skene(labels, known=known))
    assert all(said[task, label] == 1 for task, label in known.items())
    assert said["t9", "b"] > 0.99
    assert by_name(dawid_skene(labels))["t9", "a"] > 0.99


def test_dawid_skene_reports_each_iteration_and_stops_when_nothing_changes() -> None:
    seen: list[int] = []
    labels = labels_of({(f"t{n}", worker): "ab"[n % 2] for n in range(9) for worker in "vwx"})
    result = dawid_skene(labels, progress=seen.append)
    assert seen == list(range(1, result.iterations + 1))
    assert result.iterations == 2
    assert dawid_skene(labels, iterations=1).iterations == 1


@pytest.mark.parametrize("method", [majority, dawid_skene])
def test_no_answers_give_no_labels(method: Method) -> None:
    result = method(Labels.from_ids([], [], []))
    assert result.probabilities.shape == (0, 0)
    assert result.labels().tolist() == result.confidences().tolist() == []
    assert result.accuracy({"t": "a"}) is None


def slow_dawid_skene(answers: Answers, steps: int) -> dict[tuple[str, str], float]:
    """The formulas in dictionaries, one answer at a time."""
    tasks, classes = {task for task, _ in answers}, sorted(set(answers.values()))
    likely = dict.fromkeys([(task, name) for task in tasks for name in classes], 0.0)
    for (task, _), label in answers.items():
        likely[task, label] += 1 / sum(other == task for other, _ in answers)
    for _ in range(steps):
        share = {c: sum(likely[task, c] for task in tasks) / len(tasks) for c in classes}
        met: dict[tuple[str, str, str], float] = defaultdict(float)
        for (task, worker), label in answers.items():
            for c in classes:
                met[worker, label, c] += likely[task, c]
        met = {key: max(value, 1e-10) for key, value in met.items()}
        for task in tasks:
            chance = {c: max(share[c], 1e-10) for c in classes}
            for worker, label in [(w, said) for (t, w), said in answers.items() if t == task]:
                for c in classes:
                    total = sum(v for (w, _, k), v in met.items() if (w, k) == (worker, c))
                    chance[c] *= met[worker, label, c] / total
            for c in classes:
                likely[task, c] = chance[c] / sum(chance.values())
    return likely


@given(crowds, st.integers(1, 4))
def test_dawid_skene_equals_its_slow_writing(answers: Answers, steps: int) -> None:
    # A tolerance below zero never stops early.
    result = dawid_skene(labels_of(answers), iterations=steps, tolerance=-np.inf)
    assert by_name(result) == pytest.approx(slow_dawid_skene(answers, steps), abs=1e-6)


@given(crowds, st.randoms(use_true_random=False), st.sampled_from([majority, dawid_skene]))
def test_the_order_of_the_answers_changes_nothing(
    answers: Answers, random: Random, method: Method
) -> None:
    options = {"iterations": 5} if method is dawid_skene else {}
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    expected = by_name(method(labels_of(answers), **options))
    assert by_name(method(labels_of(dict(shuffled)), **options)) == pytest.approx(
        expected, abs=1e-6
    )


@given(crowds, st.permutations("abc"), st.sampled_from([majority, dawid_skene]))
def test_other_names_for_the_classes_change_nothing(
    answers: Answers, names: list[str], method: Method
) -> None:
    options = {"iterations": 5} if method is dawid_skene else {}
    renamed = dict(zip("abc", names, strict=True))
    before = by_name(method(labels_of(answers), **options))
    after = by_name(
        method(labels_of({key: renamed[label] for key, label in answers.items()}), **options)
    )
    assert after == pytest.approx(
        {(task, renamed[name]): value for (task, name), value in before.items()}, abs=1e-6
    )


@given(crowds, st.sampled_from("abc"))
def test_one_more_vote_for_a_label_never_lowers_it(answers: Answers, label: str) -> None:
    task = next(iter(answers))[0]
    before = by_name(majority(labels_of(answers))).get((task, label), 0.0)
    after = by_name(majority(labels_of(answers | {(task, "newcomer"): label})))[task, label]
    assert after >= before


@given(crowds, st.sampled_from([majority, dawid_skene]))
def test_every_task_has_a_distribution_and_a_winner(answers: Answers, method: Method) -> None:
    result = method(labels_of(answers))
    assert result.probabilities.sum(axis=1) == pytest.approx(1)
    assert (result.probabilities >= 0).all()
    assert result.winners().any(axis=1).all()
    own = {t: result.classes[c] for t, c in zip(result.tasks, result.labels(), strict=True)}
    winners = result.winners().sum(axis=1)
    assert result.accuracy(own) == pytest.approx(float((1 / winners).mean()))


@given(crowds)
def test_what_all_workers_agree_on_is_the_majority_label(answers: Answers) -> None:
    agreed = dict.fromkeys(answers, "b")
    assert set(by_name(majority(labels_of(agreed))).values()) == {1.0}
    assert set(by_name(dawid_skene(labels_of(agreed))).values()) == {1.0}
