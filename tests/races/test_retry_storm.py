"""RE-5: programs that lose patience. Twenty at once send the same request under the same key.

The server is a real one with several processes, and what it writes is committed.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx2
import msgspec
import pytest

from fairhand.client import Problem
from fairhand.client.transport import Caller, Patience, Pool
from fairhand.kit.models import IdempotencyKey
from fairhand.people.keys import issue_key
from fairhand.people.models import Account, Organisation
from fairhand.projects.models import Project
from tests.client.serving import serving
from tests.world import INTERFACE, World, count

KEYS = 500
AT_ONCE = 20

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def pool(django_db_setup: None) -> Iterator[Pool]:
    with serving(workers=2) as address:
        pool = Pool(address)
        yield pool
        pool.close()


def program(pool: Pool, account: Account, organisation: Organisation) -> Caller:
    _, key = issue_key(account, name="storm", scopes=["projects:write"], organisation=organisation)
    return Caller(pool, key, patience=Patience(300, first=0.05, longest=0.5))


def post(caller: Caller, path: str, key: str, body: Mapping[str, Any]) -> httpx2.Response:
    raw = msgspec.json.encode(body)
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return caller.send("POST", path, content=lambda: raw, headers=headers)


def all_at_once(request: Callable[[], httpx2.Response], threads: ThreadPoolExecutor) -> list[Any]:
    """What twenty get that send the same at the same moment."""
    line = threading.Barrier(AT_ONCE)

    def one() -> tuple[int, bytes, bool]:
        line.wait()
        sent = request()
        return sent.status_code, sent.content, "Idempotent-Replayed" in sent.headers

    futures = [threads.submit(one) for _ in range(AT_ONCE)]
    return [future.result() for future in futures]


def test_each_key_has_one_effect_and_all_hear_the_same(pool: Pool, committed_world: World) -> None:
    rita = program(pool, committed_world.rita, committed_world.organisation)
    before = Project.objects.count()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(KEYS):
            body = {"name": f"Project {number}", "interface": INTERFACE}
            request = partial(post, rita, "projects", f"key {number}", body)
            answers = all_at_once(request, threads)
            assert {answer[:2] for answer in answers} == {(201, answers[0][1])}
            assert [answer[2] for answer in answers].count(False) == 1
    assert Project.objects.count() == before + KEYS
    assert IdempotencyKey.objects.count() == KEYS


def test_money_is_reserved_once(pool: Pool, committed_world: World) -> None:
    rita = program(pool, committed_world.rita, committed_world.organisation)
    committed_world.fund()
    batch = committed_world.batch(tasks=10, opened=False)
    before = count("ledger_transfer")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        request = partial(post, rita, f"batches/{batch.ref}/open", "once", {})
        answers = all_at_once(request, threads)
    assert {answer[:2] for answer in answers} == {(200, answers[0][1])}
    assert count("ledger_transfer") == before + 1


def test_another_body_is_refused_and_anothers_key_is_not_the_same(
    pool: Pool, committed_world: World
) -> None:
    rita = program(pool, committed_world.rita, committed_world.organisation)
    oscar = program(pool, committed_world.oscar, committed_world.other_organisation)
    body = {"name": "Ours", "interface": INTERFACE}
    ours = post(rita, "projects", "same", body)
    with pytest.raises(Problem, match="idempotency_mismatch"):
        post(rita, "projects", "same", {**body, "name": "Other"})
    theirs = post(oscar, "projects", "same", body)
    assert theirs.json()["ref"] != ours.json()["ref"]
    assert Project.objects.filter(name="Other").count() == 0
