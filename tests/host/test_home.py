import json
import threading
from pathlib import Path

import pytest

from fairhand.host.home import Home
from fairhand.host.refusal import HostError


def test_a_new_home_has_a_random_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    first, second = Home.open(tmp_path / "one"), Home.open(tmp_path / "two")
    assert first.secret.stat().st_mode & 0o777 == 0o600
    assert len(first.secret.read_text().strip()) >= 50
    assert first.secret.read_text() != second.secret.read_text()
    assert first.identity != second.identity


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    first = Home.open(tmp_path / "home")
    key = first.secret.read_text()
    assert Home.open(tmp_path / "home") == first
    assert first.secret.read_text() == key


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666, 0o602])
def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    Home.open(tmp_path / "home").secret.chmod(mode)
    with pytest.raises(HostError, match="chmod 600"):
        Home.open(tmp_path / "home")


def test_a_folder_of_somebody_elses_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("private")
    with pytest.raises(HostError, match=r"holds letters\.txt"):
        Home.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letters.txt"]


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(HostError, match="not a folder"):
        Home.open(tmp_path / "home")
    with pytest.raises(HostError, match="not a folder"):
        Home.open(tmp_path / "home" / "below")


def test_a_lost_key_is_not_replaced_silently(tmp_path: Path) -> None:
    Home.open(tmp_path / "home").secret.unlink()
    with pytest.raises(HostError, match="is missing"):
        Home.open(tmp_path / "home")
    assert not (tmp_path / "home" / "secret.key").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"identity": "../up"})])
def test_broken_facts_are_told(tmp_path: Path, text: str) -> None:
    Home.open(tmp_path / "home")
    (tmp_path / "home" / "installation.json").write_text(text)
    with pytest.raises(HostError, match="is broken"):
        Home.open(tmp_path / "home")


def test_an_interrupted_making_is_completed_with_the_key_that_is_there(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    key = home.secret.read_text()
    (tmp_path / "home" / "installation.json").unlink()
    assert Home.open(tmp_path / "home").secret.read_text() == key


def test_two_first_starts_at_once_make_one_installation(tmp_path: Path) -> None:
    found: list[Home] = []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(Home.open(tmp_path / "home"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({home.identity for home in found}) == 1


def test_one_platform_of_a_home_runs_once(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    with home.owned("fairhand"):
        with home.owned("fairhand_demo"):
            pass
        with pytest.raises(HostError, match="already runs"), home.owned("fairhand"):
            pass
    with home.owned("fairhand"):
        pass
