"""What the client does while the server, or the way to it, is down. No server, no waiting."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fairhand.client import Client, Problem, Worker
from fairhand.client.files import Counter
from fairhand.client.transport import Patience, Pool, shared_pool

URL = "http://127.0.0.1:9"
Handler = Callable[[httpx2.Request], httpx2.Response]


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def patience(self, seconds: float = 60.0) -> Patience:
        return Patience(seconds=seconds, sleep=self.slept.append, now=lambda: sum(self.slept))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def problem(status: int, code: str, **headers: str) -> httpx2.Response:
    body = {
        "status": status,
        "code": code,
        "detail": "No.",
        "problems": [{"message": "x", "line": 2}],
    }
    return httpx2.Response(
        status,
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/problem+json", **headers},
    )


class Server:
    """Answers in turn with what it is given; the last one again and again."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers: Iterator[httpx2.Response | Exception] = iter(answers)
        self.last = answers[-1]
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.requests.append(request)
        answer = next(self.answers, self.last)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client_of(server: Server, clock: Clock, seconds: float = 60.0) -> Client:
    client = Client(URL, "fh_key", patience=clock.patience(seconds), language="de")
    _answer_by(client._pool, server)
    return client


def _answer_by(pool: Pool, server: Server) -> None:
    pool.http.close()
    pool.http = httpx2.Client(
        transport=httpx2.MockTransport(server), base_url=f"{URL}/api/v1/", trust_env=False
    )


ACCEPTED = httpx2.Response(200, json={"accepted": 3})
DOWN = httpx2.ConnectError("refused")
TURN = {"submitted": None, "page": None, "ahead": None, "refusal": None}


def test_a_write_is_sent_again_with_the_same_key_and_body(clock: Clock) -> None:
    server = Server(DOWN, problem(503, "try_again"), problem(409, "in_progress"), ACCEPTED)
    with client_of(server, clock) as client:
        assert client.accept("bat_1") == 3
        assert client.accept("bat_1") == 3
    keys = [request.headers["Idempotency-Key"] for request in server.requests]
    assert len(keys) == 5
    assert len(set(keys[:4])) == 1
    assert keys[4] != keys[0]
    assert server.requests[0].headers["Authorization"] == "Bearer fh_key"
    assert server.requests[0].headers["Accept-Language"] == "de"
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(422, "unusable_input"), (403, "scope_missing"), (409, "wrong_state"), (500, "our_fault")],
)
def test_a_refusal_is_raised_at_once(clock: Clock, status: int, code: str) -> None:
    server = Server(problem(status, code))
    with client_of(server, clock) as client, pytest.raises(Problem) as caught:
        client.accept("bat_1")
    assert (caught.value.status, caught.value.code, caught.value.detail) == (status, code, "No.")
    assert caught.value.problems[0].line == 2
    assert clock.slept == []


def test_the_server_says_how_long_to_wait(clock: Clock) -> None:
    server = Server(problem(503, "try_again", **{"Retry-After": "7"}), ACCEPTED)
    with client_of(server, clock) as client:
        client.accept("bat_1")
    assert clock.slept == [7.0]


def test_a_date_to_wait_for_that_is_past_is_no_wait(clock: Clock) -> None:
    past = "Wed, 21 Oct 2015 07:28:00 GMT"
    server = Server(problem(429, "too_fast", **{"Retry-After": past}), ACCEPTED)
    with client_of(server, clock) as client:
        client.accept("bat_1")
    assert 0 <= clock.slept[0] <= 0.1


def test_pauses_grow_and_differ_and_end_with_patience(clock: Clock) -> None:
    with client_of(Server(DOWN), clock, seconds=30) as client, pytest.raises(httpx2.ConnectError):
        client.accept("bat_1")
    assert 20 <= sum(clock.slept) <= 30
    assert max(clock.slept) <= 5
    assert len(set(clock.slept)) == len(clock.slept)
    assert all(pause <= 0.1 * 2**i for i, pause in enumerate(clock.slept))


def test_a_problem_is_raised_when_patience_ends(clock: Clock) -> None:
    server = Server(problem(503, "try_again"))
    with client_of(server, clock, seconds=3) as client, pytest.raises(Problem, match="503"):
        client.accept("bat_1")


def test_an_answer_that_is_none_of_ours_is_a_problem_too(clock: Clock) -> None:
    server = Server(httpx2.Response(404, text="<h1>nginx</h1>"))
    with client_of(server, clock) as client, pytest.raises(Problem) as caught:
        client.me()
    assert (caught.value.code, caught.value.detail) == ("http_404", "Not Found")


def test_an_upload_is_read_from_its_start_again(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_bytes(b"text\nx\n")
    uploaded = httpx2.Response(201, json={"uploaded": 1, "tasks": 1})
    server = Server(DOWN, uploaded)
    with client_of(server, clock) as client:
        client.upload("bat_1", path)
        client.upload("bat_1", ({"text": t} for t in "ab"))
    assert [request.content for request in server.requests] == [
        b"text\nx\n",
        b"text\nx\n",
        b'{"text":"a"}\n{"text":"b"}\n',
    ]
    assert [request.headers["Content-Type"] for request in server.requests][1:] == [
        "text/csv",
        "application/x-ndjson",
    ]
    assert "Content-Length" in server.requests[0].headers


def test_a_file_of_an_unknown_kind_is_not_sent(clock: Clock, tmp_path: Path) -> None:
    server = Server(ACCEPTED)
    with client_of(server, clock) as client, pytest.raises(ValueError, match=r"\.csv"):
        client.upload("bat_1", tmp_path / "tasks.xlsx")
    assert server.requests == []


def test_a_download_that_was_cut_off_is_fetched_again(clock: Clock, tmp_path: Path) -> None:
    cut = httpx2.Response(200, content=b'{"a": 1}\n', headers={"Fairhand-Rows": "2"})
    whole = httpx2.Response(200, content=b'{"a": 1}\n{"a": 2}\n', headers={"Fairhand-Rows": "2"})
    path = tmp_path / "answers.jsonl"
    with client_of(Server(cut, whole), clock) as client:
        assert client.download("bat_1", "answers", path) == 2
    assert path.read_bytes().count(b"\n") == 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_download_that_never_comes_whole_leaves_no_file(clock: Clock, tmp_path: Path) -> None:
    cut = httpx2.Response(200, content=b"a\r\n", headers={"Fairhand-Rows": "2"})
    path = tmp_path / "answers.csv"
    with (
        client_of(Server(cut), clock, seconds=1) as client,
        pytest.raises(Exception, match="ended"),
    ):
        client.download("bat_1", "answers", path, "csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_line_breaks_inside_quotes_are_no_records(size: int) -> None:
    text = b'name\r\n"a\r\nb"\r\n"say ""hi""\n"\r\n'
    counter = Counter("csv")
    for i in range(0, len(text), size):
        counter.see(text[i : i + size])
    assert counter.is_whole(2)


def test_a_parquet_file_is_whole_with_its_end() -> None:
    counter = Counter("parquet")
    counter.see(b"PAR1...")
    assert not counter.is_whole(1)
    counter.see(b"..PA")
    counter.see(b"R1")
    assert counter.is_whole(1)


def test_a_turn_is_sent_again_as_it_was(clock: Clock) -> None:
    server = Server(
        httpx2.RemoteProtocolError("cut"),
        problem(503, "try_again"),
        httpx2.Response(200, json=TURN),
    )
    pool = Pool(URL)
    _answer_by(pool, server)
    worker = Worker(URL, "fh_key", pool=pool, patience=clock.patience())
    answers: list[dict[str, Any]] = [{"item": 0, "value": {"mood": "good"}, "seconds": 1.5}]
    assert worker.turn("bat_1", 1, answers).page is None
    assert len({request.content for request in server.requests}) == 1
    assert len(server.requests) == 3
    pool.close()


def test_workers_of_one_address_share_their_connections_while_there_are_any() -> None:
    workers = [Worker(URL, "fh_1"), Worker(URL, "fh_2")]
    pools = {id(worker._caller.pool) for worker in workers}
    http = workers[0]._caller.pool.http
    closed = [(len(workers), http.is_closed)]
    while workers:
        del workers[0]
        closed.append((len(workers), http.is_closed))
    assert len(pools) == 1
    assert closed == [(2, False), (1, False), (0, True)]
    assert shared_pool(URL).http is not http
