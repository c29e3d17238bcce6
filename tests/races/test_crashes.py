"""RE-1 and RE-2: whatever is killed while people work, what was acknowledged is there, once."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fairhand.host import ports
from fairhand.host.postgres import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TOP = Path(__file__).resolve().parents[2]
WORKERS = 8
CYCLES = 10
PAGES = 40  # acknowledged between one crash and the next


@dataclass
class Site:
    """A real PostgreSQL and a real server on it, both of which a test may kill."""

    cluster: Cluster
    url: str
    port: int
    environment: dict[str, str]
    server: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the server, and wait until it answers."""
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)),
            *("--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"),
            *("--workers-kill-timeout", "1", "--no-ws", "--log-level", "critical"),
            "fairhand.wsgi:application",
        ]
        self.server = subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not ports.answers("127.0.0.1", self.port):
            assert self.server.poll() is None, "the server does not start"

    def children(self) -> list[int]:
        """The server's worker processes."""
        assert self.server is not None
        task = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        return [int(pid) for pid in task.read_text(encoding="ascii").split()]

    def kill_server(self) -> None:
        """End the server and its workers at once, as a power cut would."""
        assert self.server is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def ask(self, *arguments: str) -> Any:
        """Run the scene's own program on this site's database."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.races.crash_scene", *arguments],
            cwd=TOP,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)


@dataclass
class Client:
    """A worker's program that repeats every request until it is acknowledged."""

    port: int
    batch: str
    worker: int
    key: str
    over: threading.Event
    acknowledged: dict[int, list[str]] = field(default_factory=dict)
    repeated: int = 0
    failed: int = 0

    def work(self) -> None:
        """Hand in page after page; the last one is acknowledged before this returns."""
        draw = random.Random(self.worker)
        page: dict[str, Any] | None = None
        while not self.over.is_set() or page is not None:
            body: dict[str, Any] = {}
            if page is not None:
                answers = [draw.choice(("good", "bad")) for _ in page["items"]]
                items = [
                    {"item": i, "value": {"mood": mood}, "seconds": 1.0}
                    for i, mood in enumerate(answers)
                ]
                body = {"page": page["no"], "answers": items}
            told = self.insist(body)
            if page is not None:
                assert told["submitted"]["page"] == page["no"]
                self.repeated += told["submitted"]["repeated"]
                self.acknowledged[page["no"]] = answers
            page = None if self.over.is_set() else told["page"]

    def insist(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send the same bytes until there is an answer that says what became of them."""
        while True:
            there = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            with suppress(OSError, http.client.HTTPException), closing(there) as connection:
                headers = {"Authorization": f"Bearer {self.key}"}
                path = f"/api/v1/work/{self.batch}"
                connection.request("POST", path, json.dumps(body), headers)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == http.client.OK:
                    told: dict[str, Any] = json.loads(text)
                    return told
                # Anything but "try again" would be an answer to the request itself: a fault.
                assert answer.status == http.client.SERVICE_UNAVAILABLE, text
            self.failed += 1
            threading.Event().wait(0.02)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for these tests, on a PostgreSQL that keeps every promise, unlike in other tests."""
    secret = tmp_path_factory.mktemp("site") / "secret"
    secret.touch(mode=0o600)
    secret.write_text("".join(map(chr, range(48, 123))), encoding="ascii")
    with Cluster.temporary(fsync=True) as cluster:
        cluster.ensure_database("crash")
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FAIRHAND_")},
            "PYTHONPATH": os.pathsep.join((str(TOP / "src"), str(TOP))),
            "DJANGO_SETTINGS_MODULE": "fairhand.settings",
            "FAIRHAND_DATABASE_URL": cluster.url("crash"),
            "FAIRHAND_SECRET_FILE": str(secret),
            "FAIRHAND_LOG_LEVEL": "CRITICAL",
        }
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
            env=environment,
            check=True,
        )
        made = Site(cluster, cluster.url("crash"), ports.claim("127.0.0.1", 0), environment)
        made.serve()
        yield made
        made.kill_server()


@contextmanager
def working(site: Site) -> Iterator[list[Client]]:
    """Let eight clients work while the block crashes things."""
    scene = site.ask("set", str(WORKERS))
    over = threading.Event()
    clients = [
        Client(site.port, scene["batch"], worker, key, over) for worker, key in scene["workers"]
    ]
    faults: list[BaseException] = []

    def work(client: Client) -> None:
        try:
            client.work()
        except BaseException as fault:  # noqa: BLE001 - told below, in the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(client,), name="client") for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        over.set()
        for thread in threads:
            thread.join(120)
    assert faults == []
    assert not any(thread.is_alive() for thread in threads)


def let_work(clients: list[Client]) -> None:
    """Wait until some pages more were acknowledged."""
    before = sum(len(client.acknowledged) for client in clients)
    while sum(len(client.acknowledged) for client in clients) < before + PAGES:
        assert any(thread.name == "client" for thread in threading.enumerate()), "all gave up"
        threading.Event().wait(0.005)


def judge(site: Site, clients: list[Client]) -> None:
    """Nothing acknowledged is missing, nothing is there twice, and every cent is accounted for."""
    stored: dict[tuple[int, int], list[str]] = {}
    with psycopg.connect(site.url) as connection:
        answers = connection.execute(
            """select a.worker_id, a.page, s.place, a.value ->> 'mood' from work_answer a
                 join work_assignment p on p.batch_id = a.batch_id
                  and p.worker_id = a.worker_id and p.no = a.page,
                      unnest(p.tasks) with ordinality s(position, place)
                where s.position = a.position
                  and a.batch_id = (select id from projects_batch where ref = %s)
                order by 1, 2, 3""",
            [clients[0].batch],
        )
        for worker, page, _place, mood in answers:
            stored.setdefault((worker, page), []).append(mood)
        earned = connection.execute(
            "select source from ledger_transfer where reason = 'earn' and source like %s",
            [f"{clients[0].batch}/%"],
        ).fetchall()
        twice = "select 1 from work_answer group by batch_id, position having count(*) > 1"
        assert connection.execute(twice).fetchall() == []
    acknowledged = {
        (client.worker, no): answers
        for client in clients
        for no, answers in client.acknowledged.items()
    }
    assert len(acknowledged) > 100
    missing = {place for place, answers in acknowledged.items() if stored.get(place) != answers}
    assert missing == set()
    assert stored.keys() == acknowledged.keys()
    sources = {f"{clients[0].batch}/{worker}/{page}" for worker, page in acknowledged}
    assert sorted(source for (source,) in earned) == sorted(sources)
    assert site.ask("audit") == []


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed_again_and_again(
    site: Site,
) -> None:
    with working(site) as clients:
        for _ in range(CYCLES):
            let_work(clients)
            assert site.cluster.process is not None
            site.cluster.process.send_signal(signal.SIGKILL)
            site.cluster.process.wait()
            site.cluster.launch()
        let_work(clients)
    assert sum(client.failed for client in clients) >= CYCLES
    judge(site, clients)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_again_and_again(
    site: Site,
) -> None:
    draw = random.Random(7)
    with working(site) as clients:
        for n in range(CYCLES):
            let_work(clients)
            if n % 3 == 2:
                site.kill_server()
                site.serve()
            elif children := site.children():
                os.kill(draw.choice(children), signal.SIGKILL)
        let_work(clients)
    assert sum(client.failed for client in clients) > 0
    judge(site, clients)


def test_a_connection_that_the_database_ends_is_made_anew_for_the_next_request(
    site: Site,
) -> None:
    with working(site) as clients:
        for _ in range(CYCLES):
            let_work(clients)
            with psycopg.connect(site.cluster.admin_url("crash"), autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = 'crash' and pid <> pg_backend_pid()"
                    " and backend_type = 'client backend'"
                )
    assert sum(client.failed for client in clients) > 0
    judge(site, clients)
