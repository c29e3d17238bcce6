import socket
from pathlib import Path

import pytest

from fairhand.host import databases, ports, schema, scratch, survivors
from fairhand.host.refusal import HostError, silent
from fairhand.host.schema import Kind
from fairhand.host.server import unheeded


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match=rf"Port {port} is in use.*--port"):
            ports.claim("127.0.0.1", port)


def test_a_free_port_is_chosen_for_zero() -> None:
    assert ports.claim("127.0.0.1", 0) > 1023


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(HostError, match="--host"):
        ports.claim("192.0.2.1", 0)


def test_the_link_names_an_address_that_can_be_reached() -> None:
    assert ports.url("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert ports.url("::", 80) == "http://[::1]:80"
    assert ports.url("192.0.2.7", 80) == "http://192.0.2.7:80"


def prepare(url: str, kind: Kind, folder: Path) -> None:
    schema.prepare(url, kind, {}, folder / "log", silent)


@pytest.mark.parametrize(
    ("made_as", "used_as"), [("demo", "platform"), ("platform", "demo"), ("replay", "demo")]
)
def test_a_demos_database_is_never_run_as_a_platform_nor_the_reverse(
    database: str, tmp_path: Path, made_as: str, used_as: Kind
) -> None:
    with databases.connected(database) as connection:
        databases.set_note(connection, f'{{"kind": "{made_as}"}}')
    with pytest.raises(HostError, match=f"made as {made_as}"):
        prepare(database, used_as, tmp_path)


def test_a_database_with_tables_and_no_note_counts_as_a_platforms(
    database: str, tmp_path: Path
) -> None:
    with databases.connected(database) as connection:
        connection.execute("CREATE TABLE something (x int)")
        databases.set_note(connection, "an administrator's own words")
    with pytest.raises(HostError, match="made as platform"):
        prepare(database, "demo", tmp_path)


def test_tables_that_are_up_to_date_are_not_looked_at_again(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    monkeypatch.setattr(schema, "_migrate", lambda *_arguments: runs.append(1))
    prepare(database, "platform", tmp_path)
    prepare(database, "platform", tmp_path)
    assert runs == [1]
    monkeypatch.setattr(schema, "fingerprint", lambda: "changed")
    prepare(database, "platform", tmp_path)
    assert runs == [1, 1]


def test_a_failed_migration_is_told_and_tried_again(database: str, tmp_path: Path) -> None:
    for _round in range(2):
        with pytest.raises(HostError, match="could not be brought up to date"):
            prepare(database, "platform", tmp_path)
    assert (tmp_path / "log").read_text()


def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="cannot be reached"):
        prepare(f"postgresql://x@/x?host={tmp_path}", "platform", tmp_path)


def test_a_given_test_database_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(scratch.SETTING, "postgresql:///given")
    with scratch.scratch_database() as url:
        assert url == "postgresql:///given"


def test_only_carriers_of_the_mark_are_ended() -> None:
    assert survivors.carrying("FAIRHAND_SUPERVISOR=nobody-has-this") == []


def test_texts_on_the_console_are_for_demonstrations_and_up_says_so() -> None:
    console = {"FAIRHAND_PHONE_URL": "console:"}
    assert "sends no texts" in "".join(unheeded("platform", console))
    assert not list(unheeded("demo", console))
    assert not list(unheeded("platform", {}))
