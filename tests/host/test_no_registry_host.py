"""No committed file names a package registry's host: it may not be the reader's."""

import json
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
# In parts, or this file would be its own first find.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("files", "pythonhosted", "org"),
        ("pypi", "org/simple"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("npmmirror", "com"),
    )
]
LOCKS = sorted(TOP.glob("requirements*.txt"))


def committed() -> list[Path]:
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=False
    )
    if told.returncode:
        pytest.skip("this is no git checkout")
    return [TOP / name for name in told.stdout.split("\0") if name]


def test_no_committed_file_names_a_registrys_host() -> None:
    sign = re.compile("|".join(map(re.escape, HOSTS)).encode())
    found = [path for path in committed() if path.is_file() and sign.search(path.read_bytes())]
    assert found == []


def test_the_python_locks_hold_hashes_and_no_address() -> None:
    assert len(LOCKS) >= 4
    for lock in LOCKS:
        text = lock.read_text()
        assert "://" not in text, lock
        packages = len(re.findall(r"^\S+==", text, re.MULTILINE))
        assert text.count("--hash=sha256:") >= packages > 0, lock


def test_the_npm_lock_records_no_place_it_was_fetched_from() -> None:
    lock = TOP / "workbench" / "package-lock.json"
    packages = json.loads(lock.read_text())["packages"]
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert "omit-lockfile-registry-resolved=true" in (TOP / "workbench" / ".npmrc").read_text()
