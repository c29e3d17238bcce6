"""RE-2: the server's process ends at every point of what it does, and nothing is half done.

Each request is killed at its first point, at its second, and so on until it comes through. After
each death the same request is sent again, as a client does, and then it has had exactly one effect.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from fairhand.kit.ids import new_ref
from fairhand.kit.money import Money
from fairhand.pay.books import audit
from fairhand.pay.models import PayoutRun, RunState
from fairhand.pay.payouts import prepare_run, send_run, set_destination, set_payer
from fairhand.people.accounts import make_worker
from fairhand.people.keys import SCOPES, issue_key
from fairhand.people.models import Worker
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.opening import close_batch
from tests.web.conftest import BACKEND
from tests.web.scene import IBAN_ADA, IBAN_PAYER
from tests.world import World, balance_of, caller, count, rows, turn, work_through

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TOP = Path(__file__).resolve().parents[2]
TOKEN = "t" * 32
TOO_MANY = 429
Check = Callable[[], None]


@dataclass
class Request:
    """What a client sends, and sends again."""

    path: str
    body: str
    environ: dict[str, str]


@dataclass
class Server:
    """Processes that die where they are told to."""

    process: subprocess.Popen[str]

    def send(self, request: Request, die_at: int = 0) -> dict[str, Any] | None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({**vars(request), "die_at": die_at}) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] | None = json.loads(self.process.stdout.readline())
        return told


@pytest.fixture
def server(committed_world: World, tmp_path: Path) -> Iterator[Server]:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(settings.SECRET_KEY, encoding="utf-8")
    name = str(connection.settings_dict["NAME"])
    url = urlsplit(os.environ["FAIRHAND_TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FAIRHAND_")},
        "PYTHONPATH": os.pathsep.join((str(TOP / "src"), str(TOP))),
        "DJANGO_SETTINGS_MODULE": "fairhand.settings",
        "FAIRHAND_DATABASE_URL": url,
        "FAIRHAND_SECRET_FILE": str(secret),
        "FAIRHAND_LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "tests.races.dying"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=TOP, env=environment, stdin=pipe, stdout=pipe, text=True
    ) as process:
        yield Server(process)
        assert process.stdin is not None
        process.stdin.close()


def kill_at_every_point(server: Server, scene: Callable[[], tuple[Request, Check]]) -> int:
    """Set the scene anew for each point, die there, send again, look; returns how many points."""
    for n in range(1, 400):
        request, check = scene()
        cache.clear()  # nobody may send so many requests in a row
        if (told := server.send(request, die_at=n)) is not None:
            assert told["status"] < 400, told
            check()
            return n - 1
        again = server.send(request)
        if again is not None and again["status"] == TOO_MANY:
            cache.clear()  # it died counting attempts; others wait ten seconds for that
            again = server.send(request)
        assert again is not None
        assert again["status"] < 400, (n, again)
        check()
    raise AssertionError("it never came through")


def key_of(worker: Worker) -> dict[str, str]:
    _, secret = issue_key(worker.account, name="dying", scopes=["work"])
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}", "CONTENT_TYPE": "application/json"}


def as_rita(world: World, content_type: str = "application/json") -> dict[str, str]:
    """A program of the organisation, which repeats with the same idempotency key."""
    scopes = [scope for scope in SCOPES if scope != "work"]
    _, secret = issue_key(world.rita, name="dying", scopes=scopes, organisation=world.organisation)
    return {
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "HTTP_IDEMPOTENCY_KEY": new_ref("try"),
        "CONTENT_TYPE": content_type,
    }


def as_olga(world: World) -> dict[str, str]:
    """The operator's browser."""
    client = Client()
    client.force_login(world.olga, backend=BACKEND)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: TOKEN}
    return {
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "HTTP_X_CSRFTOKEN": TOKEN,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }


def newcomer(world: World, batch: Batch) -> Worker:
    """A worker who has just taken a first page."""
    worker = make_worker(f"{new_ref('dying')}@example.org")
    assert turn(caller(worker), batch).page is not None
    return worker


def test_a_page_is_claimed_once(committed_world: World, server: Server) -> None:
    batch = committed_world.batch(tasks=2000, page_size=2, overlap=1)

    def scene() -> tuple[Request, Check]:
        worker = make_worker(f"{new_ref('dying')}@example.org")

        def check() -> None:
            assert Assignment.objects.filter(worker=worker).count() == 1
            assert Enrolment.objects.get(worker=worker).held == [1]

        return Request(f"/api/v1/work/{batch.ref}", "{}", key_of(worker)), check

    assert kill_at_every_point(server, scene) >= 2


def test_a_page_is_stored_and_paid_once(committed_world: World, server: Server) -> None:
    batch = committed_world.batch(tasks=2000, page_size=2, overlap=1)

    def scene() -> tuple[Request, Check]:
        worker = newcomer(committed_world, batch)
        answers = [{"item": i, "value": {"mood": "good"}, "seconds": 1.0} for i in range(2)]
        body = json.dumps({"page": 1, "answers": answers})

        def check() -> None:
            states = Assignment.objects.filter(worker=worker).order_by("no")
            assert list(states.values_list("state", flat=True)) == ["accepted", "open"]
            source = f"{batch.ref}/{worker.pk}/%"
            paid = "select count(*) from ledger_transfer where reason = 'earn' and source like %s"
            assert rows(paid, source) == [(1,)]

        return Request(f"/api/v1/work/{batch.ref}", body, key_of(worker)), check

    assert kill_at_every_point(server, scene) >= 2
    assert audit().balanced


def test_tasks_are_uploaded_whole_and_once(committed_world: World, server: Server) -> None:
    def scene() -> tuple[Request, Check]:
        terms = Terms(name="Moods", price_micros=50_000, overlap=2)
        batch = make_batch(committed_world.rita, committed_world.project, terms)
        environ = as_rita(committed_world, "text/csv")
        body = "text\n" + "\n".join(f"text {n}" for n in range(20)) + "\n"

        def check() -> None:
            assert Batch.objects.get(pk=batch.pk).tasks == 20
            assert rows("select count(*) from projects_task where batch_id = %s", batch.pk) == [
                (20,)
            ]

        return Request(f"/api/v1/batches/{batch.ref}/tasks", body, environ), check

    assert kill_at_every_point(server, scene) >= 4


def test_a_batch_is_opened_and_its_money_reserved_once(
    committed_world: World, server: Server
) -> None:
    committed_world.fund(2000)

    def scene() -> tuple[Request, Check]:
        batch = committed_world.batch(tasks=10, opened=False)
        path = f"/api/v1/batches/{batch.ref}/open"

        def check() -> None:
            batch.refresh_from_db()
            assert batch.state == "open"
            cost = 20 * (batch.price_micros + batch.fee_micros)
            assert balance_of(f"escrow:{batch.ref}:EUR") == cost

        return Request(path, "", as_rita(committed_world)), check

    assert kill_at_every_point(server, scene) >= 4
    assert audit().balanced


def test_pages_are_accepted_and_paid_once(committed_world: World, server: Server) -> None:
    def scene() -> tuple[Request, Check]:
        batch = committed_world.batch(tasks=4, page_size=2, overlap=1, review_hours=24)
        work_through(caller(make_worker(f"{new_ref('dying')}@example.org")), batch)
        close_batch(batch, committed_world.rita.ref, "enough")
        before = count("ledger_transfer")

        def check() -> None:
            states = Assignment.objects.filter(batch=batch).values_list("state", flat=True)
            assert list(states) == ["accepted", "accepted"]
            assert count("ledger_transfer") > before
            earned = "select count(*) from ledger_transfer where reason = 'earn' and source like %s"
            assert rows(earned, f"{batch.ref}/%") == [(2,)]

        return Request(f"/api/v1/batches/{batch.ref}/accept", "", as_rita(committed_world)), check

    assert kill_at_every_point(server, scene) >= 4
    assert audit().balanced


def payable(world: World) -> None:
    """One worker more has 5 EUR and an account to be paid to."""
    batch = world.batch(tasks=2, page_size=2, overlap=1, price_micros=2_500_000)
    worker = make_worker(f"{new_ref('dying')}@example.org", name="Ada")
    work_through(caller(worker), batch)
    assert set_destination(worker, holder="Ada", address=IBAN_ADA)


def set_up_payouts(world: World) -> None:
    set_payer(name="Fairhand Test GmbH", address=IBAN_PAYER, minimum=Money(1_000_000, "EUR"))


def test_a_payout_run_is_prepared_once(committed_world: World, server: Server) -> None:
    set_up_payouts(committed_world)

    def scene() -> tuple[Request, Check]:
        for former in PayoutRun.objects.filter(state=RunState.PREPARED):
            assert send_run(former, committed_world.olga)
        payable(committed_world)
        before = set(PayoutRun.objects.values_list("pk", flat=True))

        def check() -> None:
            (run,) = PayoutRun.objects.exclude(pk__in=before)
            assert run.state == RunState.PREPARED
            assert run.total_micros == 5_000_000
            assert balance_of(f"clearing:{run.ref}:EUR") == 5_000_000
            assert b"<CtrlSum>5.00</CtrlSum>" in bytes(run.file)

        return Request("/operator/payouts/prepare", "", as_olga(committed_world)), check

    assert kill_at_every_point(server, scene) >= 4
    assert audit().balanced


@pytest.mark.parametrize(
    ("step", "state"), [("send", "sent"), ("confirm", "done"), ("cancel", "cancelled")]
)
def test_a_step_of_a_payout_run_is_made_once(
    committed_world: World, server: Server, step: str, state: str
) -> None:
    set_up_payouts(committed_world)

    def scene() -> tuple[Request, Check]:
        payable(committed_world)
        run = prepare_run(committed_world.olga)
        if step == "confirm":
            assert send_run(run, committed_world.olga)

        def check() -> None:
            run.refresh_from_db()
            assert run.state == state
            held = run.total_micros if step == "send" else 0
            assert balance_of(f"clearing:{run.ref}:EUR") == held

        path = f"/operator/payouts/{run.ref}/{step}"
        return Request(path, "", as_olga(committed_world)), check

    assert kill_at_every_point(server, scene) >= 4
    assert audit().balanced
