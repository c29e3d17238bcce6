"""AZ-6: whoever is kept from work at the moment of a turn holds no page afterwards, and is paid.

And appeals: two who answer at once, and an answer against the clock, decide once.
"""

import itertools
from functools import partial
from typing import Any

import pytest

from fairhand.pay.books import audit
from fairhand.pay.earnings import earnings_of
from fairhand.people.accounts import make_operator, make_worker
from fairhand.people.models import Account, Appeal, Notice, Worker
from fairhand.people.standing import lift_suspension, standing_of
from fairhand.projects.models import Batch
from fairhand.work import appeals as deciding
from fairhand.work.access import enter, revoke
from fairhand.work.claims import Caller
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.standing import close_own, expel, suspend
from tests.people.standing_actions import another_operator
from tests.races.together import Team, wins
from tests.world import World, caller, count, history_of, page_of, rows, turn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROUNDS = 200
_count = itertools.count()


def newcomer() -> Worker:
    return make_worker(f"racer{next(_count)}@example.org", name="Racer")


def kept_out(how: str, account: Account, by: Account) -> bool:
    """Keep somebody from work in one of the ways there are."""
    if how == "suspend":
        return bool(suspend(account, by, days=7, why="why"))
    if how == "expel":
        return bool(expel(account, by, "why"))
    if how == "close":
        return bool(close_own(account))
    return revoke(account).keys >= 0


def works(who: Caller, batch: Batch, page: dict[str, Any] | None) -> int:
    """Hand in and take the next, once and again; returns how many answers were taken."""
    done = turn(who, batch, page)
    taken = 4 if done.submitted else 0
    turn(who, batch)
    turn(who, batch, verb="ahead")
    return taken


def slots() -> int:
    return int(rows("select coalesce(sum(slots * cardinality(tasks)), 0) from work_bundle")[0][0])


def test_a_turn_at_the_same_moment_leaves_no_page_and_nothing_unpaid(
    committed_world: World,
) -> None:
    world = committed_world
    batch = world.batch(tasks=ROUNDS * 8, page_size=4, overlap=1)
    free = slots()
    hows = ("suspend", "expel", "close", "revoke")
    answered = 0
    with Team(2) as team:
        for n in range(ROUNDS):
            worker = newcomer()
            who = caller(worker)
            page = page_of(turn(who, batch)) if n % 4 else None
            answers = team.race(
                partial(works, who, batch, page),
                partial(kept_out, hows[n % 4], worker.account, world.olga),
            )
            taken = int(answers[0])
            answered += taken
            assert not Assignment.objects.filter(worker=worker, state="open").exists()
            assert not any(Enrolment.objects.filter(worker=worker).values_list("held", flat=True))
            assert earnings_of(worker, "EUR").payable.micros == taken * batch.price_micros
            assert turn(who, batch).page is None
    assert count("work_answer") == answered
    assert slots() == free - answered
    assert audit().balanced


def test_entering_a_batch_at_the_same_moment_leads_nowhere(committed_world: World) -> None:
    world = committed_world
    batch = world.batch(tasks=50, page_size=2)
    with Team(2) as team:
        for _ in range(ROUNDS // 2):
            worker = newcomer()
            who = caller(worker)

            def comes(worker: Worker = worker, who: Caller = who) -> bool:
                return bool(enter(worker, batch)) and turn(who, batch).page is not None

            team.race(comes, partial(kept_out, "suspend", worker.account, world.olga))
            assert not Assignment.objects.filter(worker=worker, state="open").exists()
            assert turn(who, batch).page is None


def contested(world: World, worker: Worker) -> Appeal:
    assert suspend(worker.account, world.olga, days=7, why="why")
    number = str(standing_of(worker.account).number)
    return deciding.contest(worker.account, "standing", number, "It was my sister.")


def _answer(number: int, by: Account, *, uphold: bool) -> bool:
    return bool(deciding.answer(Appeal.objects.get(pk=number), by, uphold=uphold, why="why"))


def _lift(account: Account, by: Account) -> bool:
    return bool(lift_suspension(account, by, "I was wrong."))


def test_two_who_answer_at_once_decide_once(committed_world: World) -> None:
    world = committed_world
    pia = Account.objects.create_user("pia@example.org", name="Pia")
    make_operator(pia)
    people = (another_operator(world), pia)
    with Team(2) as team:
        for _ in range(ROUNDS // 2):
            worker = newcomer()
            appeal = contested(world, worker)
            answers = team.race(
                partial(_answer, appeal.pk, people[0], uphold=True),
                partial(_answer, appeal.pk, people[1], uphold=False),
            )
            assert wins(answers) == 1
            appeal.refresh_from_db()
            upheld = bool(answers[0])
            assert appeal.state == ("upheld" if upheld else "dismissed")
            standing = Worker.objects.get(pk=worker.pk).standing
            assert standing == ("active" if upheld else "suspended")
            assert len(history_of("appeal", str(appeal.pk))) == 2
            told = Notice.objects.filter(account=worker.account, kind__startswith="decision.appeal")
            assert told.count() == 1


def test_an_answer_against_whoever_lifts_it_at_once_decides_once(committed_world: World) -> None:
    """Neither waits for the other in a circle."""
    world = committed_world
    petra = another_operator(world)
    with Team(2) as team:
        for _ in range(ROUNDS // 4):
            worker = newcomer()
            appeal = contested(world, worker)
            team.race(
                partial(_answer, appeal.pk, petra, uphold=True),
                partial(_lift, worker.account, world.olga),
            )
            appeal.refresh_from_db()
            assert appeal.state == "upheld"
            assert Worker.objects.get(pk=worker.pk).standing == "active"
            assert len(history_of("standing", worker.account.ref)) == 2
