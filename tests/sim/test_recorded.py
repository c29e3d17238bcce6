import json
from pathlib import Path

import pytest

from fairhand.sim.recorded import NotUsableError, RecordedCrowd
from fairhand.sim.tables import BadTableError

CROWDS = Path(__file__).parent.parent / "data" / "crowds"

LABELS = "task,worker,label\nt2,w1,a\nt1,w1,b\nt2,w2,b\nt1,w2,b\nt3,w1,a\n"
TRUTH = "task,label\nt1,b\nt2,a\n"


def folder(path: Path, labels: str = LABELS, truth: str = TRUTH, **meta: object) -> Path:
    (path / "labels.csv").write_text(labels, encoding="utf-8")
    (path / "truth.csv").write_text(truth, encoding="utf-8")
    if meta:
        (path / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(CROWDS.glob("*/meta.json")), ids=lambda p: p.parent.name)
def test_every_shipped_crowd_has_what_its_description_says(path: Path) -> None:
    meta, crowd = json.loads(path.read_text()), RecordedCrowd.read(path.parent)
    assert len(crowd.tasks) == meta["tasks"]
    assert len(crowd.by_worker) == meta["workers"]
    assert len(crowd.answers) == meta["labels"]
    assert len(crowd.truth) == meta["truth_tasks"]
    assert list(crowd.classes) == meta["classes"]
    assert crowd.independent_truth
    assert crowd.repeats == 0


def test_answers_are_grouped_by_worker_and_by_task_in_their_order(tmp_path: Path) -> None:
    crowd = RecordedCrowd.read(folder(tmp_path))
    assert crowd.tasks == ("t2", "t1", "t3")
    assert [(a.task, a.label) for a in crowd.by_worker["w1"]] == [
        ("t2", "a"), ("t1", "b"), ("t3", "a"),
    ]  # fmt: skip
    assert [a.worker for a in crowd.by_task["t2"]] == ["w1", "w2"]
    assert crowd.classes == ("a", "b")
    assert crowd.name == tmp_path.name


def test_a_second_answer_of_a_worker_is_dropped_and_counted(tmp_path: Path) -> None:
    crowd = RecordedCrowd.read(folder(tmp_path, LABELS + "t2,w1,b\nt2,w1,a\n"))
    assert crowd.repeats == 2
    assert [a.label for a in crowd.by_task["t2"]] == ["a", "b"]


def test_the_recorded_order_is_kept(tmp_path: Path) -> None:
    crowd = RecordedCrowd.read(
        folder(tmp_path, "task,worker,label,order\nt1,w1,a,10\nt1,w2,b,2\nt2,w3,a,1\nt1,w4,b,1\n")
    )
    assert [a.worker for a in crowd.answers] == ["w3", "w4", "w2", "w1"]
    assert crowd.tasks == ("t1", "t2")


def test_an_order_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path, "task,worker,label,order\nt1,w1,a,1\nt1,w2,b,first\n")
    with pytest.raises(NotUsableError, match="line 3, column “order”: “first” is no whole number"):
        RecordedCrowd.read(path)


def test_gold_is_the_same_for_the_same_seed_and_only_tasks_with_truth() -> None:
    crowd = RecordedCrowd.read(CROWDS / "adult2")
    gold = crowd.choose_gold(0.1, seed=7)
    assert len(gold) == 33
    assert gold == crowd.choose_gold(0.1, seed=7)
    assert gold != crowd.choose_gold(0.1, seed=8)
    assert gold.items() <= dict(crowd.truth).items()


def test_a_small_share_of_gold_is_one_task_and_one_is_left_to_score(tmp_path: Path) -> None:
    crowd = RecordedCrowd.read(folder(tmp_path))
    assert crowd.choose_gold(0.0, seed=1) == {}
    assert len(crowd.choose_gold(0.1, seed=1)) == 1
    assert len(crowd.choose_gold(1.0, seed=1)) == 1
    with pytest.raises(ValueError, match="between 0 and 1"):
        crowd.choose_gold(10, seed=1)


def test_truth_of_tasks_that_nobody_answered_is_left_out(tmp_path: Path) -> None:
    assert "t9" not in RecordedCrowd.read(folder(tmp_path, truth=TRUTH + "t9,a\n")).truth


@pytest.mark.parametrize("kind", ["text", "boxes"])
def test_other_kinds_are_not_classification_sets(kind: str, tmp_path: Path) -> None:
    with pytest.raises(NotUsableError, match=f"is not a classification set: its kind is “{kind}”"):
        RecordedCrowd.read(folder(tmp_path, kind=kind))


def test_free_text_is_found_out_without_a_description(tmp_path: Path) -> None:
    rows = "".join(f"t{n},w{n % 3},text number {n}\n" for n in range(200))
    with pytest.raises(NotUsableError, match=r"is not a classification set: it has 20. different"):
        RecordedCrowd.read(folder(tmp_path, "task,worker,label\n" + rows))


def test_a_dependent_truth_is_marked(tmp_path: Path) -> None:
    path = folder(tmp_path, kind="pairwise", truth_kind="made from these answers")
    assert not RecordedCrowd.read(path).independent_truth


def test_a_label_outside_the_declared_classes_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotUsableError, match="the label “b”, which is not among its classes"):
        RecordedCrowd.read(folder(tmp_path, classes=["a", "c"]))


def test_declared_classes_keep_their_order_and_those_nobody_chose(tmp_path: Path) -> None:
    assert RecordedCrowd.read(folder(tmp_path, classes=["c", "b", "a"])).classes == ("c", "b", "a")


def test_broken_folders_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotUsableError, match="is not a folder"):
        RecordedCrowd.read(tmp_path / "nowhere")
    with pytest.raises(BadTableError, match=r"labels.csv cannot be read"):
        RecordedCrowd.read(tmp_path)
    folder(tmp_path, truth=TRUTH + "t1,a\n")
    with pytest.raises(NotUsableError, match="gives task “t1” two different labels"):
        RecordedCrowd.read(tmp_path)
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(NotUsableError, match=r"meta.json is not readable JSON"):
        RecordedCrowd.read(tmp_path)
    (tmp_path / "meta.json").write_text("[]")
    with pytest.raises(NotUsableError, match="does not hold a JSON object"):
        RecordedCrowd.read(tmp_path)
