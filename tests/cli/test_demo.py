"""`fairhand demo`: the whole loop, and the doors that stand open afterwards."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx2
import psycopg
import pytest
from tests.cli.conftest import Command

from fairhand.cli.simulation import _empty, _is_made
from fairhand.host.refusal import HostError

KEYS = {
    "tasks", "answers", "accuracy", "cost_micros", "earnings_by_kind", "ledger_balanced",
    "payout_valid", "payout_file", "seconds",
}  # fmt: skip
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/enter/\S+")


@contextmanager
def served(surroundings: dict[str, str], *words: str) -> Iterator[tuple[list[str], str]]:
    """A demonstration that is left running: its links, and what was printed up to them."""
    running = subprocess.Popen(
        [sys.executable, "-m", "fairhand.cli", "demo", "--port", "0", *words],
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        told = ""
        links: list[str] = []
        while len(links) < 3:
            line = running.stdout.readline()
            assert line, running.communicate()[1]
            told, links = told + line, links + ADDRESS.findall(line)
        yield links, told
    finally:
        running.send_signal(signal.SIGINT)
        _out, trouble = running.communicate(timeout=30)
    assert running.returncode == 0, trouble


@pytest.mark.slow
def test_the_demonstration_runs_to_its_report(fairhand: Command) -> None:
    done = fairhand("demo", "--no-serve", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report.keys() >= KEYS
    assert (report["tasks"], report["ledger_balanced"], report["payout_valid"]) == (240, True, True)
    assert report["accuracy"] > max(0.9, report["accuracy_majority"] - 0.03)
    earned = report["earnings_by_kind"]
    assert set(earned) == {"honest", "sloppy", "cheating"}
    assert sum(earned.values()) == report["paid_micros"] == report["answers"] * 40_000
    assert report["cost_micros"] == report["paid_micros"] * 12 // 10
    assert report["kinds"]["honest"]["restricted"] == 0
    assert report["open_batch"]["answers"] < report["open_batch"]["wanted"]
    assert Path(report["payout_file"]).read_bytes().startswith(b"<?xml")
    assert len(Path(report["results_file"]).read_text(encoding="utf-8").splitlines()) > 200


@pytest.mark.slow
def test_links_sign_in_once_and_the_same_demonstration_is_served_again(
    surroundings: dict[str, str],
) -> None:
    with served(surroundings) as (links, first):
        for link in links:
            assert sign_in(link) == HTTPStatus.FOUND
            assert sign_in(link) == HTTPStatus.GONE
    with served(surroundings) as (others, second):
        assert not set(links) & set(others)
        assert sign_in(others[0]) == HTTPStatus.FOUND
    assert first.partition("Sign in")[0] == second.partition("Sign in")[0]


def sign_in(link: str) -> int:
    """Press the button of a sign-in page in a browser of one's own."""
    with httpx2.Client(trust_env=False) as browser:
        page = browser.get(link).raise_for_status()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None
        return browser.post(
            link, data={"csrfmiddlewaretoken": token[1]}, headers={"Referer": link}
        ).status_code


def test_a_database_of_another_kind_is_neither_used_nor_emptied(
    connection: psycopg.Connection,
) -> None:
    connection.execute("create table kit_installation (kind text)")
    connection.execute("insert into kit_installation values ('live')")
    with pytest.raises(HostError, match="was made as live and cannot be used as demo"):
        _is_made(connection, "demo")
    assert connection.execute("select kind from kit_installation").fetchone() == ("live",)


def test_a_database_with_strange_tables_is_not_taken(connection: psycopg.Connection) -> None:
    connection.execute("create table recipes (name text)")
    with pytest.raises(HostError, match="cannot be used as replay"):
        _is_made(connection, "replay")


def test_a_database_of_the_same_kind_can_be_made_anew(connection: psycopg.Connection) -> None:
    assert not _is_made(connection, "demo")
    connection.execute("create table kit_installation (kind text)")
    connection.execute("insert into kit_installation values ('demo')")
    assert _is_made(connection, "demo")
    _empty(connection)
    assert not _is_made(connection, "demo")


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as made:
        yield made
