"""The simulated workers count what they see, and the bench counts what the server costs."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fairhand.bench import bare, report
from fairhand.bench.load import Crowd, Load, answers_text
from fairhand.bench.proctime import cpu_seconds

PAGES_EACH = 5


class _Desk(BaseHTTPRequestHandler):
    """Gives every worker PAGES_EACH pages and then refuses."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        handed_in = sent.get("page")
        no = (handed_in or 0) + 1
        page: dict[str, Any] | None = {"no": no, "items": []} if no <= PAGES_EACH else None
        submitted = {"page": handed_in, "answers": 1} if handed_in else None
        body = json.dumps({"submitted": submitted, "page": page}, separators=(",", ":")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        self.wfile.flush()
        self.wfile.write(body[half:])

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Desk)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_page_is_handed_in_and_each_refusal_counts(desk: str) -> None:
    with Crowd(desk, "bat_x", ["a", "b", "c"], items=1) as crowd:
        load = crowd.work(seconds=10.0)
        assert load.stored == 3 * PAGES_EACH
        assert load.refused == 3
        again = crowd.work(seconds=10.0)
    assert (again.stored, again.refused) == (0, 3)


def test_a_crowd_stops_after_the_turns_it_was_given(desk: str) -> None:
    with Crowd(desk, "bat_x", ["a", "b"], items=1) as crowd:
        load = crowd.work(seconds=10.0, turns=7)
    assert (load.stored, load.refused) == (7, 0)


def test_percentiles_are_in_milliseconds() -> None:
    load = Load(latencies=[n / 1000 for n in range(1, 101)])
    assert load.percentile(0.5) == pytest.approx(51)
    assert load.percentile(0.95) == pytest.approx(96)
    assert Load().percentile(0.95) == 0


def test_every_item_of_a_page_gets_an_answer() -> None:
    assert [answer["item"] for answer in json.loads(answers_text(10))] == list(range(10))


def test_the_cpu_time_of_ended_children_counts() -> None:
    before = cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(range(30_000_000))"], check=True)
    assert cpu_seconds([os.getpid()]) - before > 0.1


def test_the_report_shows_every_measurement_and_the_script() -> None:
    cell = {
        "tasks": 10_000,
        "page": 10,
        "workers": 16,
        "answers_per_second": 12_345.6,
        "p50_ms": 1.0,
        "p95_ms": 2.0,
        "cpu_ms_per_answer": 0.123,
        "load_share": 0.05,
        "refused": 0,
        "bare_answers_per_second": 20_000.0,
        "ratio": 0.617,
    }
    figures = {
        "script": "select work_turn();",
        "cells": [cell],
        "ratio_page_1": 0.4,
        "ratio_page_10": 0.617,
        "p95_ms_10k": 2.0,
        "p95_ms_1m": 3.0,
        "refused": 0,
        "surplus": 0,
    }
    text = report.as_text(figures)
    assert "select work_turn();" in text
    assert "12,346" in text
    assert "0.62" in text
    assert "1.50" in text


def _transaction(number: int, ended: float) -> bare._Transaction:
    return bare._Transaction(number, 0.002, ended)


def test_what_pgbench_does_before_everybody_is_warm_does_not_count() -> None:
    quick = [_transaction(n, 100 + n * 0.01) for n in range(1, 201)]  # warm at 100.1
    slow = [_transaction(n, 100 + n * 0.1) for n in range(1, 21)]  # warm at 101
    measured = bare._measured([*quick, *slow], items=10, at_least=0.5)
    assert measured.rate == pytest.approx((100 + 10) * 10)
    assert measured.p95 == pytest.approx(2.0)


def test_a_run_that_only_warmed_up_is_no_measurement() -> None:
    logged = [_transaction(n, 100 + n * 0.1) for n in range(1, 11)]
    with pytest.raises(bare.StillWarmingUpError):
        bare._measured(logged, items=10, at_least=0.5)
