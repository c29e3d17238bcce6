import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairhand.host import place, private
from fairhand.host.postgres import Cluster
from tests.host.waiting import as_root


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that PostgreSQL's user can pass through; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="fairhand-test-", dir=place.scratch(lasting=False)))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def private_place(passable: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for /var/lib/fairhand, so that tests leave nothing there."""
    place = passable / "private"
    monkeypatch.setattr(private, "CANDIDATES", (place,))
    return place


@pytest.fixture
def root() -> None:
    if not as_root():
        pytest.skip("only root runs PostgreSQL under another user")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for the tests that do it no harm; each makes databases of its own."""
    with Cluster.temporary() as made:
        yield made


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database that only this test uses."""
    name = f"test_{secrets.token_hex(6)}"
    cluster.ensure_database(name)
    yield cluster.url(name)
    cluster.drop_database(name)
