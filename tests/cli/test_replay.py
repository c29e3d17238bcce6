"""`fairhand replay`: recorded crowds, from the command line to the payout file."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Command

CROWDS = Path(__file__).parent.parent / "data" / "crowds"
KEYS = {
    "dataset", "tasks", "workers", "answers", "answers_per_task", "accuracy", "accuracy_majority",
    "restricted_workers", "paid_micros", "ledger_balanced", "payout_valid", "seconds",
}  # fmt: skip
PRICE = 20_000


def report(fairhand: Command, *words: object, **more: str) -> dict[str, Any]:
    done = fairhand("replay", *words, "--json", **more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() >= KEYS
    assert found["ledger_balanced"]
    assert found["payout_valid"]
    assert found["paid_micros"] == found["answers"] * PRICE
    assert Path(found["payout_file"]).read_bytes().startswith(b"<?xml")
    return found


@pytest.mark.slow
def test_every_recorded_answer_is_given_and_paid(fairhand: Command) -> None:
    found = report(fairhand, CROWDS / "wsd")
    assert (found["tasks"], found["workers"], found["answers"]) == (177, 34, 1770)
    assert found["gold"] + found["scored"] == 177
    assert found["accuracy"] > 0.97
    assert found["accuracy_majority"] > 0.97
    assert found["restricted_workers"] == 0


@pytest.mark.slow
def test_asking_stops_where_the_crowd_is_sure_and_money_returns(fairhand: Command) -> None:
    found = report(fairhand, CROWDS / "wsd", "--overlap", "adaptive", "--confidence", "0.9")
    assert found["answers"] < 0.6 * found["recorded_answers"]
    assert found["unanswered"] == 0
    assert found["accuracy"] > 0.97


@pytest.mark.slow
def test_who_misses_the_bar_is_restricted_and_paid_for_what_they_did(fairhand: Command) -> None:
    found = report(fairhand, CROWDS / "weather_amt", "--bar", "0.85", "--seed", "2")
    assert found["restricted_workers"] > 0
    assert found["answers"] < found["recorded_answers"]


@pytest.mark.parametrize(
    ("meta", "sentence"),
    [
        ('{"kind": "boxes"}', "is not a classification set: its kind is “boxes”."),
        ("[]", "does not hold a JSON object."),
    ],
)
def test_a_folder_that_cannot_be_replayed_is_refused_before_anything_starts(
    fairhand: Command, home: Path, tmp_path: Path, meta: str, sentence: str
) -> None:
    (tmp_path / "meta.json").write_text(meta, encoding="utf-8")
    done = fairhand("replay", tmp_path, FAIRHAND_HOME=str(home / "untouched"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("fairhand: ")
    assert sentence in done.stderr
    assert not (home / "untouched").exists()


def test_a_folder_that_is_not_there_is_one_sentence(fairhand: Command, tmp_path: Path) -> None:
    done = fairhand("replay", tmp_path / "nowhere")
    assert done.returncode == 1
    assert done.stderr == f"fairhand: {tmp_path / 'nowhere'} is not a folder.\n"


@pytest.mark.parametrize("words", [["--overlap", "some"], ["--confidence", "2"], ["--bar", "85"]])
def test_an_option_out_of_range_is_refused(fairhand: Command, words: list[str]) -> None:
    done = fairhand("replay", CROWDS / "wsd", *words)
    assert done.returncode == 2
    assert words[0] in done.stdout + done.stderr
