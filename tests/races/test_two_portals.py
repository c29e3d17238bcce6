"""Two portals with hosts of their own, and people at work on both at the same moment.

Nobody gets the same task twice, no slot is filled beyond the overlap, and every page's money goes
to the portal that it was taken through.
"""

import io
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from fairhand.api.turn import respond
from fairhand.pay import events
from fairhand.pay.books import audit
from fairhand.pay.models import PortalTerms
from fairhand.people.accounts import make_worker
from fairhand.people.models import Account, Portal, PortalMember, Worker
from fairhand.people.portals import forget_doors
from fairhand.people.sessions import SessionStore
from fairhand.projects.models import Batch
from fairhand.work.models import Assignment
from tests.races.together import Team
from tests.world import GOOD, World, balance_of, rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = 200
PRICE = 50_001
NO_FAULT = {
    *("held_elsewhere", "changing", "nothing_left", "already_submitted", "page_returned"),
    "no_such_page",
}


def portal(name: str, share: int, *members: Worker) -> Portal:
    made = Portal.objects.create(slug=name, name=name, host=f"{name}.example.org")
    PortalTerms.objects.create(portal=made, share_permille=share)
    for worker in members:
        PortalMember.objects.create(portal=made, worker=worker)
    return made


def cookie(account: Account) -> str:
    """A browser signed in at a host: each has a session of its own there."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return f"fairhand={session.session_key}"


@dataclass
class Tab:
    """A browser's tab at a portal's host: hands in what it shows, and shows what it is given."""

    worker: Worker
    portal: Portal
    batch: Batch
    draw: random.Random
    cookie: str = ""
    page: dict[str, Any] | None = None
    shown: set[int] = field(default_factory=set)
    said: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cookie = cookie(self.worker.account)

    def go_on(self) -> None:
        """One request: hand in, give back, or take."""
        body: dict[str, Any] = {}
        if self.page is not None and self.draw.random() < 0.1:
            body = {"page": self.page["no"], "give_back": True}
        elif self.page is not None and self.draw.random() < 0.1:
            body = {"ahead": True}
        elif self.page is not None:
            given = [{"item": one["item"], "value": GOOD} for one in self.page["items"]]
            body = {"page": self.page["no"], "answers": given}
        status, answer = self.send(body)
        if status != 200:
            self.said[answer["code"]] += 1
            self.page = None
            return
        if answer["refusal"] is not None:
            self.said[answer["refusal"]["code"]] += 1
        self.shown.update(page["no"] for page in (answer["page"], answer["ahead"]) if page)
        self.page = self.page if "ahead" in body else answer["page"]

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        raw = json.dumps(body).encode()
        host = self.portal.host
        status, _headers, told = respond(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": f"/api/v1/work/{self.batch.ref}",
                "HTTP_HOST": host,
                "HTTP_COOKIE": self.cookie,
                "HTTP_X_FAIRHAND": "1",
                "HTTP_ORIGIN": f"https://{host}",
                "CONTENT_LENGTH": str(len(raw)),
                "wsgi.input": io.BytesIO(raw),
            }
        )
        return status, json.loads(told)


def money_is_where_it_was_earned(
    batch: Batch, workers: list[Worker], portals: list[Portal]
) -> None:
    """Recount pages against the ledger, for each worker and each portal."""
    pages = list(Assignment.objects.filter(batch=batch, state="accepted"))
    answers = sum(len(page.tasks) for page in pages)
    assert sum(page.pay_micros + page.share_micros for page in pages) == answers * PRICE
    for at in portals:
        through = [page for page in pages if page.portal == at.pk]
        kept = sum(page.share_micros for page in through)
        assert balance_of(events.portal(at.ref, "EUR")) == kept > 0
        for worker in workers:
            pay = sum(page.pay_micros for page in through if page.worker_id == worker.pk)
            code = events.payable(events.whose(worker.ref, at.ref), "EUR")
            assert balance_of(code) == pay
    for worker in workers:
        assert balance_of(events.payable(worker.ref, "EUR")) == 0
    assert audit().faults == []


@pytest.mark.parametrize("tasks", [240, 4000])
def test_nobody_gets_a_task_twice_across_portals(committed_world: World, tasks: int) -> None:
    world = committed_world
    cleo = make_worker("cleo@example.org", name="Cleo")
    workers = [world.ada, world.ben, cleo]
    portals = [portal("one", 200, *workers), portal("two", 333, *workers)]
    forget_doors()
    batch = world.batch(tasks=tasks, page_size=2, overlap=2, price_micros=PRICE)
    tabs = [
        Tab(worker, at, batch, random.Random(f"{worker.account.name}/{at.slug}"))
        for worker, at in (
            *((worker, at) for worker in workers[:2] for at in portals),
            (cleo, portals[0]),
        )
    ]
    with Team(len(tabs)) as team:
        for _ in range(ROUNDS):
            team.race(*[partial(tab.go_on) for tab in tabs])
    assert {code for tab in tabs for code in tab.said} <= NO_FAULT
    for tab in tabs:  # a page is shown at the portal that it was taken through, and nowhere else
        mine = Assignment.objects.filter(batch=batch, worker=tab.worker, no__in=tab.shown)
        assert set(mine.values_list("portal", flat=True)) == {tab.portal.pk}
    twice = """
    select worker_id, t from work_assignment, unnest(tasks) t
     where state not in ('returned', 'expired') group by 1, 2 having count(*) > 1
    """
    assert rows(twice) == []
    beyond = "select position from work_answer group by position having count(*) > 2"
    assert rows(beyond) == []
    assert rows("select min(slots) >= 0 from work_bundle") == [(True,)]
    money_is_where_it_was_earned(batch, workers, portals)
    forget_doors()
