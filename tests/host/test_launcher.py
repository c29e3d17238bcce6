import ast
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.waiting import descendants, lives, until

TOP = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".cache", ".fairhand", "node_modules", "__pycache__", "build", "*.mo", "tests"
)


@pytest.fixture
def launcher(tmp_path: Path) -> Any:
    """The launcher's code, over an empty checkout."""
    loader = importlib.machinery.SourceFileLoader("launcher", str(TOP / "fairhand"))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (checkout / name).write_text(f"# {name}\n")
    module.CHECKOUT = checkout
    module.WORKBENCH = checkout / "workbench"
    module.ASSETS = checkout / "build"
    module.LOCALE = checkout / "locale"
    return module


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """An environment that has a Python."""
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    return folder


def made_for(launcher: Any, env: Path, command: str) -> dict[str, str]:
    wanted: dict[str, str] = launcher.wanted(env, command)
    launcher.note(env, wanted, *wanted)
    return wanted


def test_a_second_start_makes_nothing(launcher: Any, env: Path) -> None:
    wanted = made_for(launcher, env, "up")
    assert launcher.ready(launcher.made(env), wanted)


@pytest.mark.parametrize("changed", ["requirements.txt", "locale", "workbench"])
def test_a_changed_source_is_made_anew(launcher: Any, env: Path, changed: str) -> None:
    catalogue = launcher.LOCALE / "de" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    catalogue.with_suffix(".mo").write_text("")
    (launcher.WORKBENCH / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/site.ts"):
        (launcher.WORKBENCH / name).write_text("{}")
    (launcher.ASSETS / ".vite").mkdir(parents=True)
    (launcher.ASSETS / ".vite" / "manifest.json").write_text("{}")
    made_for(launcher, env, "up")
    assert launcher.ready(launcher.made(env), launcher.wanted(env, "up"))
    path = {
        "requirements.txt": launcher.CHECKOUT / "requirements.txt",
        "locale": catalogue,
        "workbench": launcher.WORKBENCH / "src" / "site.ts",
    }[changed]
    path.write_text(path.read_text() + "\n")
    assert not launcher.ready(launcher.made(env), launcher.wanted(env, "up"))


def test_what_npm_leaves_is_no_source(launcher: Any, env: Path) -> None:
    (launcher.WORKBENCH / "node_modules").mkdir(parents=True)
    (launcher.WORKBENCH / "package.json").write_text("{}")
    (launcher.WORKBENCH / "package-lock.json").write_text("{}")
    before = launcher.wanted(env, "up")
    (launcher.WORKBENCH / "node_modules" / "new.js").write_text("")
    assert launcher.wanted(env, "up") == before


def test_an_environment_made_for_tests_is_never_shrunk(launcher: Any, env: Path) -> None:
    assert launcher.group_for(env, "up") == "run"
    assert launcher.group_for(env, "test") == "dev"
    made_for(launcher, env, "test")
    assert launcher.group_for(env, "up") == "dev"
    assert launcher.ready(launcher.made(env), launcher.wanted(env, "up"))


def test_an_environment_made_by_hand_with_the_tests_tools_is_not_shrunk(
    launcher: Any, env: Path
) -> None:
    (env / "bin" / "pytest").touch()
    assert launcher.group_for(env, "up") == "dev"


def test_a_moved_environment_is_made_anew_but_its_lock_stays(launcher: Any, env: Path) -> None:
    made_for(launcher, env, "up")
    moved = env.rename(env.with_name("moved"))
    have = launcher.made(moved)
    assert have == {}
    assert launcher.is_foreign(moved, have)
    (moved / "lock").touch()
    launcher.clear(moved)
    assert [entry.name for entry in moved.iterdir()] == ["lock"]


def test_half_written_stamps_count_as_none(launcher: Any, env: Path) -> None:
    (env / "fairhand.json").write_text('{"group": ')
    assert launcher.made(env) == {}
    (env / "fairhand.json").write_text(json.dumps([1]))
    assert launcher.made(env) == {}


def test_a_python_without_venv_is_told_what_to_install(
    launcher: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'No module named ensurepip'; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(launcher.Refusal, match=r"apt install python3\.\d+-venv.*ensurepip"):
        launcher.new_environment(tmp_path / "new", pip=True)


def test_a_failed_step_tells_its_first_error(launcher: Any) -> None:
    code = "print('fine'); print('error: no route'); print('see the log'); raise SystemExit(2)"
    with pytest.raises(launcher.Refusal, match=r"it failed \(error: no route\)"):
        launcher.run([sys.executable, "-c", code], "it failed")


def test_an_old_python_can_read_the_launcher_far_enough_to_say_so() -> None:
    ast.parse((TOP / "fairhand").read_text(), feature_version=(3, 7))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = subprocess.run(
        [sys.executable, TOP / "fairhand", "--help"],
        env={**os.environ, "FAIRHAND_ENV": str(tmp_path / "file" / "env")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "cannot be used" in told.stderr


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    """A fresh checkout with nothing made, where PostgreSQL's user passes."""
    folder = Path(tempfile.mkdtemp(prefix="fairhand-test-", dir="/tmp"))
    folder.chmod(0o711)
    shutil.copytree(TOP, folder / "checkout", ignore=NOT_COPIED)
    yield folder / "checkout"
    shutil.rmtree(folder)


def start(copy: Path, *words: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAIRHAND_")}
    return subprocess.Popen(
        [sys.executable, copy / "fairhand", *words],
        cwd=copy,
        env=kept,
        stderr=subprocess.PIPE,
        text=True,
    )


def made_in(copy: Path) -> dict[str, int]:
    """When each thing that a start makes was made: packages, pages' assets, catalogues."""
    made = [*copy.glob(".venv/*"), *copy.rglob("manifest.json"), *copy.rglob("*.mo")]
    return {str(path): path.stat().st_mtime_ns for path in made if path.name != "lock"}


def address(process: subprocess.Popen[str]) -> str:
    """Read what a start tells until it names its address."""
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if found := re.search(r"http://\S+", line):
            return found[0]
    if "is there a network?" in "".join(told):
        pytest.skip("a first start needs the network")
    raise AssertionError("".join(told))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_fresh_checkout_serves_stops_all_and_starts_again_making_nothing(copy: Path) -> None:
    with subprocess.Popen(["sleep", "900"]) as innocent:
        for ending in (signal.SIGINT, signal.SIGTERM):
            stamps = made_in(copy)
            with start(copy, "up", "--port", "0") as process:
                link = address(process)
                with urllib.request.urlopen(link, timeout=30) as answer:
                    assert answer.status == 200
                assert made_in(copy) == stamps or ending == signal.SIGINT
                children = descendants(process.pid)
                assert len(children) > 3
                process.send_signal(ending)
                assert process.wait(10) == 0
            until(lambda: not any(map(lives, children)), 1)  # noqa: B023 - looked at in this round
        assert lives(innocent.pid)
        innocent.kill()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_after_a_killed_supervisor_nothing_serves_and_the_next_start_recovers(copy: Path) -> None:
    with start(copy, "up", "--port", "0") as process:
        address(process)
        children = descendants(process.pid)
        web = [child for child in children if b"fairhand.host.serve" in _command(child)]
        assert web
        process.kill()
    until(lambda: not any(map(lives, web)))
    with start(copy, "up", "--port", "0") as process:
        address(process)
        assert not any(map(lives, children))
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_second_start_on_the_same_home_or_port_is_refused_in_a_sentence(copy: Path) -> None:
    with start(copy, "up", "--port", "0") as process:
        port = address(process).rsplit(":", 1)[1].strip("/")
        for words, sentence in (
            (("--port", "0"), "already runs from"),
            (("--port", port), f"Port {port} is in use"),
        ):
            with start(copy, "up", *words) as second:
                _out, told = second.communicate(timeout=60)
                assert second.returncode == 1
                assert sentence in told
                assert len(told.strip().splitlines()) == 1
        process.terminate()
        assert process.wait(10) == 0


def _command(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
