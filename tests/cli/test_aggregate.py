import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from fairhand.cli import aggregate as command

CROWDS = Path(__file__).parent.parent / "data" / "crowds"
LABELS = "task,worker,label\nt1,w1,yes\nt1,w2,yes\nt1,w3,no\nt2,w1,no\nt2,w2,yes\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command as typed, in a folder with labels.csv: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels.csv").write_text(LABELS, encoding="utf-8")
    app = App(name="fairhand")
    app.command("fairhand.cli.aggregate:aggregate", name="aggregate")

    def typed(*words: object) -> tuple[int, str, str]:
        code = 0
        try:
            app(["aggregate", *map(str, words)])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def last_line(out: str) -> Any:
    return json.loads(out.splitlines()[-1])


def test_the_figures_are_one_object_on_the_last_line(run: Run) -> None:
    code, out, err = run("labels.csv", "--json")
    figures = last_line(out)
    assert (code, err) == (0, "")
    assert figures.pop("seconds") >= 0
    assert figures == {
        "method": "majority", "tasks": 2, "answers": 5, "accuracy": None, "iterations": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("method", "accuracy"), [("majority", 0.896875), ("dawid-skene", 0.9275)])
def test_a_recorded_crowd_is_as_accurate_as_known(run: Run, method: str, accuracy: float) -> None:
    rte = CROWDS / "rte"
    _, out, _ = run(rte / "labels.csv", "--truth", rte / "truth.csv", "--method", method, "--json")
    figures = last_line(out)
    assert figures["accuracy"] == pytest.approx(accuracy)
    assert (figures["method"], figures["tasks"], figures["answers"]) == (method, 800, 8000)
    assert (figures["iterations"] > 1) is (method == "dawid-skene")


def test_labels_are_written_with_confidence_and_answers(run: Run) -> None:
    code, _, _ = run("labels.csv", "--out", "result.csv")
    assert code == 0
    with Path("result.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["task", "label", "confidence", "answers"],
            ["t1", "yes", "0.666667", "3"],
            ["t2", "no", "0.500000", "2"],
        ]
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["labels.csv", "result.csv"]


def test_people_get_a_table(run: Run) -> None:
    Path("truth.csv").write_text("task,label\nt1,yes\nt2,yes\n")
    _, out, _ = run("labels.csv", "--truth", "truth.csv")
    lines = [line.rsplit(maxsplit=1) for line in out.splitlines()]
    table = {name.strip(): value for name, value in lines}
    assert table["accuracy"] == "75.00%"
    assert (table["workers"], table["ties"], table["label “yes”"]) == ("3", "1", "1")


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("", "labels.csv is empty"),
        ("task,worker,label\n", "no rows below it"),
        ("task,label\nt1,a\n", "line 1: the column “worker” is missing"),
        (LABELS + "t3,w1\n", "line 7, column “label” is missing"),
        (LABELS + 't3,w1,"yes\n', "line 7, column 3: the quoted cell"),
        (LABELS + "t3,,yes\n", "line 7, column “worker”: the cell is empty"),
        (LABELS + "\nt1,w2,no\n", "line 8: worker “w2” answers task “t1” again, after line 3"),
    ],
)
def test_bad_answers_are_refused_with_line_and_column(run: Run, labels: str, sentence: str) -> None:
    Path("labels.csv").write_text(labels)
    code, out, err = run("labels.csv", "--json", "--out", "result.csv")
    assert (code, out) == (2, "")
    assert sentence in err
    assert not Path("result.csv").exists()


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [
        ("task,label\nt1,yes\nt8,no\nt9,no\n", "line 3: task “t8” has no answer in labels.csv"),
        ("task,label\nt1,yes\nt1,yes\n", "line 3: task “t1” is there a second time"),
        ("task,answer\nt1,yes\n", "the column “label” is missing"),
        ("", "truth.csv is empty"),
    ],
)
def test_bad_truth_is_refused(run: Run, truth: str, sentence: str) -> None:
    Path("truth.csv").write_text(truth)
    code, out, err = run("labels.csv", "--truth", "truth.csv", "--out", "result.csv")
    assert (code, out) == (2, "")
    assert sentence in err
    assert not Path("result.csv").exists()


def test_a_file_that_is_not_there_is_a_sentence(run: Run) -> None:
    code, _, err = run("nowhere.csv")
    assert (code, err) == (2, "nowhere.csv cannot be read: No such file or directory.\n")


def test_an_unknown_method_is_refused(run: Run) -> None:
    code, out, _ = run("labels.csv", "--method", "guess")
    assert (code, out) == (2, "")


def test_the_input_is_never_written_over(run: Run) -> None:
    code, _, err = run("labels.csv", "--out", "./labels.csv")
    assert code == 2
    assert "is the input" in err
    assert Path("labels.csv").read_text() == LABELS


def test_an_earlier_result_survives_a_refusal(run: Run) -> None:
    Path("result.csv").write_text("kept")
    Path("labels.csv").write_text(LABELS + "broken")
    assert run("labels.csv", "--out", "result.csv")[0] == 2
    assert Path("result.csv").read_text() == "kept"


@pytest.mark.parametrize(
    ("out", "sentence"),
    [("no/folder/result.csv", "cannot be written"), (".", "is not a file that can be written")],
)
def test_a_place_that_cannot_be_written_is_a_sentence(run: Run, out: str, sentence: str) -> None:
    code, said, err = run("labels.csv", "--out", out)
    assert (code, said) == (2, "")
    assert sentence in err


def test_free_text_is_refused_instead_of_filling_the_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairhand.quality.aggregation.labels.MOST_CELLS", 3)
    code, _, err = run("labels.csv")
    assert code == 2
    assert "labels.csv has 2 different labels: too many" in err


def test_a_long_wait_shows_the_iteration_and_a_short_one_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, _, err = run("labels.csv", "--method", "dawid-skene")
    assert "iteration" not in err
    monkeypatch.setattr(command, "_PATIENCE_SECONDS", -1.0)
    _, out, err = run("labels.csv", "--method", "dawid-skene", "--json")
    assert "iteration 1" in err
    assert last_line(out)["method"] == "dawid-skene"
