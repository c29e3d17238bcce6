"""FS-1..3: what somebody types never becomes part of a path; a file is whole or not there."""

import ast
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fairhand.kit import files
from fairhand.kit.sql import PACKAGE

SERVER = ("kit", "ledger", "people", "pay", "projects", "quality", "work", "api", "web", "jobs")
# Who else opens a file, and why none of its name comes from somebody's request.
OPENERS = {
    "kit/files.py": "this one",
    "kit/sql.py": "the SQL of our own packages",
    "kit/pictures.py": "the name of the program beside it",
    "people/passwords.py": "the operator's list, by a setting",
    "people/push.py": "the operator's key, by a setting",
    "people/providers/identity/options.py": "the operator's secret, by a setting",
}
UP = ("../", "..\\", "%2e%2e/", "%2e%2e%2f", "..%2f", "..%5c", "..;/", "%252e%252e%252f")
WIDE = ("%c0%ae%c0%ae/", "%e0%80%ae%e0%80%ae/", "\uff0e\uff0e/", "\u2024\u2024/", "..%c0%af")
TARGETS = ("etc/passwd", "secret", "secret.key", "outside")
HOSTILE = [start * n + end for start in (*UP, *WIDE) for n in (1, 6) for end in TARGETS[:2]]
HOSTILE += [
    f"{start}{end}" for start in ("/", "//", "C:\\", "C:/", "\\\\host\\") for end in TARGETS
]
HOSTILE += [
    "file:///etc/passwd",
    "~/secret",
    "~root/secret",
    ".",
    "..",
    "",
    " ",
    "lock",
    "unfinished",
]
HOSTILE += ["\0", "a\0b", "../\0", "x" * 300, "x/" * 2000, "a\nb", "con", "nul.", "a" * 64 + "/.."]
HOSTILE += [
    "A" * 64,
    "g" * 64,
    "a" * 63,
    "a" * 65,
    "a" * 64 + "\n",
    "\u0661" * 64,
    "aa/" + "a" * 64,
]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "secret").write_text("nobody's business", encoding="utf-8")
    settings.MEDIA_FOLDER = tmp_path / "media"
    return tmp_path / "media"


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def old(store: Path, digest: str) -> None:
    past = time.time() - 2 * files.KEPT
    os.utime(store / digest[:2] / digest, (past, past))


def test_the_corpus_is_as_long_as_it_has_to_be() -> None:
    assert len(set(HOSTILE)) >= 50


def test_what_was_put_is_read_by_its_digest_and_stored_once(store: Path) -> None:
    digest = files.put(b"a picture")
    assert digest == hashlib.sha256(b"a picture").hexdigest()
    assert files.put(b"a picture") == digest
    assert files.read(digest) == b"a picture"
    assert contents(store) == {"lock", f"{digest[:2]}/{digest}"}
    assert (store / digest[:2] / digest).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_no_digest_opens_nothing(store: Path, name: str) -> None:
    files.put(b"a picture")
    before = contents(store.parent)
    with pytest.raises(files.Lost):
        files.read(name)
    assert contents(store.parent) == before


def test_a_link_in_the_store_leads_nowhere(store: Path) -> None:
    digest = files.put(b"a picture")
    place = store / digest[:2] / digest
    place.unlink()
    place.symlink_to(store.parent / "secret")
    with pytest.raises(files.Lost):
        files.read(digest)


def test_a_file_that_was_changed_is_not_served(store: Path) -> None:
    digest = files.put(b"a picture")
    (store / digest[:2] / digest).write_bytes(b"another picture")
    with pytest.raises(files.Lost):
        files.read(digest)


def test_what_could_not_be_written_whole_is_not_there(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.put(b"a picture")
    with pytest.raises(files.Lost):
        files.read(hashlib.sha256(b"a picture").hexdigest())


def test_a_sweep_takes_what_is_old_and_nothing_refers_to(store: Path) -> None:
    kept, gone, fresh = (files.put(name) for name in (b"kept", b"gone", b"fresh"))
    old(store, kept)
    old(store, gone)
    asked: list[str] = []

    def in_use(digests: list[str]) -> set[str]:
        asked.extend(digests)
        return {kept}

    assert files.sweep(in_use) == 1
    assert sorted(asked) == sorted([kept, gone])
    assert (files.read(kept), files.read(fresh)) == (b"kept", b"fresh")
    with pytest.raises(files.Lost):
        files.read(gone)


def test_what_is_put_again_survives_the_sweep_that_was_about_to_take_it(store: Path) -> None:
    digest = files.put(b"a picture")
    old(store, digest)
    assert files.put(b"a picture") == digest
    assert files.sweep(lambda _digests: set()) == 0
    assert files.read(digest) == b"a picture"


def test_nobody_puts_while_somebody_sweeps(store: Path) -> None:
    """The one who puts waits until the sweep is over, and then finds out that the file is gone."""
    digest = files.put(b"a picture")
    old(store, digest)
    putting = threading.Thread(target=files.put, args=[b"a picture"])

    def in_use(_digests: list[str]) -> set[str]:
        putting.start()
        putting.join(timeout=0.2)
        assert putting.is_alive()
        return set()

    assert files.sweep(in_use) == 1
    putting.join()
    assert files.read(digest) == b"a picture"


def test_two_who_put_the_same_at_once_leave_one_whole_file(store: Path) -> None:
    body = os.urandom(300_000)
    threads = [threading.Thread(target=files.put, args=[body]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.read(hashlib.sha256(body).hexdigest()) == body
    assert len(contents(store)) == 2


def test_nothing_else_opens_files() -> None:
    """FS-3: one path join. A module of the server that opens a file or joins a path stands above."""
    found = set()
    for path in [path for name in SERVER for path in (PACKAGE / name).rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        modules = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        modules |= {
            node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        if "open" in names or modules & {"pathlib", "os.path", "shutil", "io.open"}:
            found.add(str(path.relative_to(PACKAGE)))
    assert found - set(OPENERS) == set()
