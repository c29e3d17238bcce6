"""Label Studio from PyPI, measured in the same run: its own server, its own API, PostgreSQL.

It gets what Fairhand gets: two processes of four threads, the same PostgreSQL, simulated workers of
whom each is a user, no think time. One answer a task is wanted, its default, which is the cheapest
for it: its `next` grows with the number of open tasks, and more so when several answers are wanted.
"""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fairhand.bench.place import Place
from fairhand.bench.proctime import cpu_seconds
from fairhand.host import databases, ports, tied
from fairhand.host.datafolder import ROLE

TASKS = 10_000
STARTED_SECONDS = 180.0
REQUEST_SECONDS = 60.0
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="mood" toName="text">'
    '<Choice value="good"/><Choice value="bad"/></Choices></View>'
)
RESULT = [
    {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}
]
# Run by Label Studio's Python inside its own code: users with tokens, printed one a line.
USERS = """
import sys
from core.wsgi import application
from organizations.models import Organization
from rest_framework.authtoken.models import Token
from users.models import User
organisation = None
for n in range(int(sys.argv[1])):
    user = User.objects.create_user(f"worker{n}@bench.invalid", "a long password")
    if organisation is None:
        organisation = Organization.create_organization(created_by=user, title="Bench")
        organisation.jwt.legacy_api_tokens_enabled = True
        organisation.jwt.save()
    else:
        organisation.add_user(user)
    user.active_organization = organisation
    user.save()
    print("token", Token.objects.get_or_create(user=user)[0].key)
"""


class PeerError(RuntimeError):
    """The peer could not be started or answered with an error."""


@dataclass
class Load:
    """What its workers saw."""

    seconds: float = 0.0
    turns: list[float] = field(default_factory=list)  # seconds of submit and next together
    refused: int = 0
    cpu: float = 0.0  # seconds of its server and PostgreSQL

    @property
    def rate(self) -> float:
        """Answers stored a second."""
        return len(self.turns) / self.seconds


@dataclass(frozen=True)
class Peer:
    """A running Label Studio with one project of TASKS tasks."""

    port: int
    project: int
    tokens: Sequence[str]
    processes: tuple[int, ...]

    def work(self, workers: int, seconds: float) -> Load:
        """Let so many users ask for a task and answer it for so long."""
        load = Load()
        ready = threading.Barrier(workers + 1)
        end = threading.Event()
        crowd = [
            threading.Thread(target=self._work, args=(token, ready, end, load), daemon=True)
            for token in self.tokens[:workers]
        ]
        for thread in crowd:
            thread.start()
        ready.wait(REQUEST_SECONDS)
        cpu, begin = cpu_seconds(self.processes), time.perf_counter()
        end.wait(seconds)
        end.set()
        for thread in crowd:
            thread.join(REQUEST_SECONDS)
        load.seconds = time.perf_counter() - begin
        load.cpu = cpu_seconds(self.processes) - cpu
        return load

    def _work(self, token: str, ready: threading.Barrier, end: threading.Event, load: Load) -> None:
        api = _Api(self.port, token)
        api.ask("GET", f"/api/projects/{self.project}/next")  # nothing is made for the first time
        ready.wait(REQUEST_SECONDS)
        while not end.is_set():
            begin = time.perf_counter()
            if self._turn(api):
                load.turns.append(time.perf_counter() - begin)
            else:
                load.refused += 1

    def _turn(self, api: "_Api") -> bool:
        """Get a task and answer it; False if either was refused."""
        try:
            status, task = api.ask("GET", f"/api/projects/{self.project}/next")
            if status != HTTPStatus.OK:
                return False
            path = f"/api/tasks/{task['id']}/annotations/?project={self.project}"
            status, _stored = api.ask("POST", path, {"result": RESULT, "lead_time": 2.0})
        except OSError:
            return False
        return status == HTTPStatus.CREATED


@contextmanager
def running(place: Place, python: Path, workers: int) -> Iterator[Peer]:
    """Run Label Studio on the platform's PostgreSQL, with a filled project. Raises PeerError."""
    name = "label_studio"
    databases.drop(place.admin_url, name)
    databases.ensure(place.admin_url, name, owner=ROLE)
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="fairhand-peer-"))
        code = next(python.parent.parent.glob("lib/python3*/site-packages/label_studio"))
        environment = _environment(place, name, data)
        options: dict[str, Any] = {"cwd": code, "env": environment, "stdin": subprocess.DEVNULL}
        _run([python, "manage.py", "migrate", "--verbosity=0"], options)
        told = _run([python, "-c", USERS, str(workers)], options)
        tokens = [line.split()[1] for line in told.splitlines() if line.startswith("token ")]
        port = ports.claim("127.0.0.1", 0)
        command = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
        command += [str(python), "-m", "gunicorn", "--workers", "2", "--threads", "4"]
        command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "core.wsgi:application"]
        log = stack.enter_context(Path(data, "log").open("ab"))
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command, **options, stdout=log, stderr=log
        )
        stack.callback(_end, server)
        _wait(server, port, Path(data, "log"))
        project = _fill(_Api(port, tokens[0]))
        yield Peer(port, project, tokens, (place.postgres, server.pid))


class _Api:
    """Requests of one user, each on a connection of its own: idle ones are closed by its server."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request; returns the status and what the JSON says."""
        sent = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
        with closing(connection):
            connection.request(method, path, sent, self.headers)
            answer = connection.getresponse()
            text = answer.read()
        return answer.status, json.loads(text) if text[:1] in {b"{", b"["} else text


def _fill(api: _Api) -> int:
    """Make the project and import its tasks through the API; returns its number."""
    status, project = api.ask("POST", "/api/projects", {"title": "Moods", "label_config": CONFIG})
    if status != HTTPStatus.CREATED:
        raise PeerError(f"no project: {project}")
    tasks = [{"text": f"Review {n}: the delivery came late."} for n in range(TASKS)]
    status, told = api.ask("POST", f"/api/projects/{project['id']}/import", tasks)
    if status != HTTPStatus.CREATED:
        raise PeerError(f"no tasks: {told}")
    end = time.monotonic() + STARTED_SECONDS
    while api.ask("GET", f"/api/projects/{project['id']}")[1]["task_number"] < TASKS:
        if time.monotonic() > end:
            raise PeerError("the tasks were not imported")
        time.sleep(0.2)
    return int(project["id"])


def _environment(place: Place, name: str, data: str) -> dict[str, str]:
    """Its default settings on PostgreSQL, without the calls home."""
    ours = ("FAIRHAND", "DJANGO", "PYTHON", "PG")
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(ours)},
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "DJANGO_DB": "default",
        "POSTGRE_NAME": name,
        "POSTGRE_USER": ROLE,
        "POSTGRE_HOST": str(place.socket),
        "POSTGRE_PORT": "5432",
        "LABEL_STUDIO_BASE_DATA_DIR": data,
        "SECRET_KEY": secrets.token_hex(32),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LOG_LEVEL": "ERROR",
        "DEBUG": "false",
    }


def _run(command: Sequence[str | Path], options: dict[str, Any]) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, **options, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise PeerError(done.stderr.strip()[-2000:])
    return done.stdout


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until it answers."""
    end = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < end and server.poll() is None:
        if ports.answers("127.0.0.1", port):
            return
        time.sleep(0.2)
    raise PeerError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
