"""The command as somebody types it, with a home of its own."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairhand.host import place
from fairhand.host.postgres import Cluster

Command = Callable[..., "subprocess.CompletedProcess[str]"]
OURS = ("FAIRHAND_DATABASE_URL", "FAIRHAND_HOME", "FAIRHAND_SECRET_FILE", "DJANGO_SETTINGS_MODULE")
SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that PostgreSQL's user can pass through; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="fairhand-test-", dir=place.scratch(lasting=False)))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def surroundings(home: Path) -> dict[str, str]:
    """The environment of a command: nothing of the tests' own, and this home."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "FAIRHAND_HOME": str(home), "PYTHONPATH": str(SOURCES), "LANGUAGE": "en"}


@pytest.fixture(scope="module")
def fairhand(surroundings: dict[str, str]) -> Command:
    """Runs `fairhand ...` to its end."""

    def run(*words: object, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "fairhand.cli", *map(str, words)],
            env={**surroundings, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    return run


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster.temporary() as made:
        yield made


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database that only this test uses."""
    name = f"test_{secrets.token_hex(6)}"
    cluster.ensure_database(name)
    yield cluster.url(name)
    cluster.drop_database(name)
