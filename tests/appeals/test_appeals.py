"""One lifecycle for every contestable decision: contest, answer, lapse for the person, take back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.kit.models import History
from fairhand.people import appeals, standing
from fairhand.people.appeals import DAYS, KINDS
from fairhand.people.models import Account, Appeal, IdentityCheck, Notice
from fairhand.people.standing import standing_of
from fairhand.work import appeals as deciding
from fairhand.work.access import access_to, lift, restrict_halted
from fairhand.work.standing import close_own, expel, suspend
from tests.people.standing_actions import another_operator
from tests.world import BAD, World, caller, count, history_of, work_through

WORDS = "That was my sister, not me."
Scene = tuple[str, str]  # kind and subject of a decision about Ada


def suspended(world: World) -> Scene:
    assert suspend(world.ada.account, world.olga, days=7, why="Two accounts?")
    return "standing", str(standing_of(world.ada.account).number)


def expelled(world: World) -> Scene:
    assert expel(world.ada.account, world.olga, "Two accounts.")
    return "standing", str(standing_of(world.ada.account).number)


def restricted(world: World) -> Scene:
    batch = world.batch(tasks=60, gold=30, gold_permille=500, bar_permille=850)
    work_through(caller(world.ada), batch, BAD)
    return "restriction", str(restrict_halted(world.ada, batch).pk)


def rejected(world: World) -> Scene:
    check = IdentityCheck.objects.create(
        worker=world.ada,
        provider="manual",
        state="rejected",
        reason="unreadable",
        words="The lower half is dark.",
        decided_at=timezone.now(),
    )
    check.votes.create(operator=world.olga, verdict="rejected", reason="unreadable")
    return "identity", check.ref


def stands(world: World, scene: Scene) -> bool:
    """Whether the decision still keeps Ada from something."""
    kind, subject = scene
    if kind == "identity":
        return IdentityCheck.objects.get(ref=subject).state == "rejected"
    if kind == "restriction":
        found = deciding.decision(world.ada.account, kind, subject)
        return found is not None and found.stands
    return standing_of(world.ada.account).state != "active"


DECISIONS: dict[str, Callable[[World], Scene]] = {
    "suspended": suspended,
    "expelled": expelled,
    "restricted": restricted,
    "rejected": rejected,
}
every = pytest.mark.parametrize("made", DECISIONS.values(), ids=DECISIONS)


def contest(world: World, scene: Scene, words: str = WORDS) -> Appeal:
    return deciding.contest(world.ada.account, *scene, words)


def late(appeal: Appeal) -> Appeal:
    Appeal.objects.filter(pk=appeal.pk).update(deadline=timezone.now() - timedelta(seconds=1))
    appeal.refresh_from_db()
    return appeal


def fingerprint() -> tuple[int, ...]:
    tables = ("people_appeal", "kit_history", "people_event", "people_notice", "people_proof")
    return tuple(map(count, tables))


def told(account: Account) -> set[str]:
    return set(Notice.objects.filter(account=account).values_list("kind", flat=True))


@every
def test_what_was_decided_is_listed_with_its_reason_and_can_be_contested(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene = made(world)
    found = deciding.decisions(world.ada.account)
    assert [(one.kind, one.subject) for one in found] == [scene]
    assert found[0].stands
    appeal = contest(world, scene, f"  {WORDS} ")
    assert (appeal.state, appeal.words) == ("open", WORDS)
    assert appeal.facts == found[0].facts
    assert tuple(appeal.made_by) == found[0].made_by
    wait = appeal.deadline - timezone.now()
    assert timedelta(days=DAYS - 1) < wait <= timedelta(days=DAYS)
    assert stands(world, scene)


@every
def test_whoever_did_not_decide_upholds_and_the_consequence_is_drawn(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene, petra = made(world), another_operator(world)
    appeal = contest(world, scene)
    assert "work.appeal_opened" in told(petra)
    assert deciding.answer(appeal, petra, uphold=True, why="She showed it.")
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by, appeal.decided_why) == (
        "upheld",
        petra,
        "She showed it.",
    )
    assert not stands(world, scene)
    notice = Notice.objects.get(account=world.ada.account, kind="decision.appeal_upheld")
    assert notice.params["reason"] == "She showed it."
    # It is told once: the appeal's answer says it.
    assert not told(world.ada.account) & {"decision.let_back", "decision.restriction_lifted"}
    assert history_of("appeal", str(appeal.pk)) == [("none", "open"), ("open", "upheld")]


@every
def test_a_dismissal_is_told_with_reasons_and_changes_nothing_else(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene = made(world)
    appeal, petra = contest(world, scene), another_operator(world)
    assert deciding.answer(appeal, petra, uphold=False, why="One face, two accounts.")
    assert stands(world, scene)
    notice = Notice.objects.get(account=world.ada.account, kind="decision.appeal_dismissed")
    assert notice.params["reason"] == "One face, two accounts."
    assert notice.link == f"/appeals/{appeal.ref}"


@every
def test_what_nobody_answers_in_time_is_decided_for_the_person(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene = made(world)
    appeal = contest(world, scene)
    assert deciding.lapse() == 0
    late(appeal)
    assert deciding.lapse() == 1
    assert deciding.lapse() == 0
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by) == ("lapsed", None)
    assert not stands(world, scene)
    assert "decision.appeal_lapsed" in told(world.ada.account)


@every
def test_a_decision_is_contested_once(world: World, made: Callable[[World], Scene]) -> None:
    scene = made(world)
    contest(world, scene)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        contest(world, scene, "Really!")
    assert refused.value.refusal is appeals.CONTESTED_BEFORE
    assert fingerprint() == before


@every
def test_whoever_takes_an_appeal_back_can_contest_again(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene = made(world)
    appeal = contest(world, scene)
    assert appeals.withdraw(appeal, world.ben.account) is appeals.NOT_YOURS
    assert appeals.withdraw(appeal, world.ada.account)
    assert appeals.withdraw(appeal, world.ada.account) is appeals.DECIDED
    petra = another_operator(world)
    answer = deciding.answer(appeal, petra, uphold=True, why="why")
    assert answer is appeals.TAKEN_BACK
    assert stands(world, scene)
    assert contest(world, scene, "Once more.").state == "open"


@every
@pytest.mark.parametrize("words", ["", " \n ", "x" * 2001])
def test_it_takes_words(world: World, made: Callable[[World], Scene], words: str) -> None:
    scene = made(world)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        contest(world, scene, words)
    assert refused.value.refusal is appeals.NO_WORDS
    assert fingerprint() == before


@every
def test_nobody_contests_what_is_somebody_elses(
    world: World, made: Callable[[World], Scene]
) -> None:
    scene = made(world)
    before = fingerprint()
    for kind, subject in (scene, (scene[0], "1' or 1=1"), ("nothing", scene[1])):
        with pytest.raises(Refused) as refused:
            deciding.contest(world.ben.account, kind, subject, WORDS)
        assert refused.value.refusal.status == 404
    assert fingerprint() == before


UNDONE: dict[str, Any] = {
    "suspended": lambda world, _subject: standing.lift_suspension(
        world.ada.account, world.olga, "I was wrong."
    ),
    "expelled": lambda world, _subject: standing.reopen_standing(
        world.ada.account, world.olga, "I was wrong."
    ),
    "restricted": lambda world, subject: lift(
        next(iter(world.ada.restrictions.filter(pk=subject))), world.olga, "I was wrong."
    ),
}


@pytest.mark.parametrize("name", UNDONE)
def test_who_corrects_themselves_answers_the_appeal_by_it(world: World, name: str) -> None:
    scene = DECISIONS[name](world)
    appeal = contest(world, scene)
    assert UNDONE[name](world, scene[1])
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_why) == ("upheld", "I was wrong.")
    assert not stands(world, scene)


@pytest.mark.parametrize("name", UNDONE)
def test_what_was_undone_cannot_be_contested(world: World, name: str) -> None:
    scene = DECISIONS[name](world)
    assert UNDONE[name](world, scene[1])
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        contest(world, scene)
    assert refused.value.refusal is deciding.UNDONE
    assert fingerprint() == before


def test_a_suspension_that_is_over_can_still_be_contested_and_is_not_undone_twice(
    world: World,
) -> None:
    scene = suspended(world)
    world.ada.refresh_from_db()
    type(world.ada).objects.filter(pk=world.ada.pk).update(suspended_until=timezone.now())
    standing.end_suspensions()
    appeal = contest(world, scene)
    before = history_of("standing", world.ada.account.ref)
    assert deciding.answer(appeal, another_operator(world), uphold=True, why="It was wrong.")
    assert history_of("standing", world.ada.account.ref) == before


def test_an_appeal_against_a_suspension_does_not_undo_a_later_exclusion(world: World) -> None:
    appeal = contest(world, suspended(world))
    expelled(world)
    assert deciding.answer(appeal, another_operator(world), uphold=True, why="It was wrong.")
    assert standing_of(world.ada.account).state == "expelled"


def test_a_restriction_that_comes_again_is_another_decision(world: World) -> None:
    kind, subject = restricted(world)
    appeal = contest(world, (kind, subject))
    deciding.answer(appeal, another_operator(world), uphold=True, why="The gold was wrong.")
    batch = world.ada.restrictions.get().batch
    assert access_to(world.ada, batch)
    work_through(caller(world.ada), batch, BAD)
    again = deciding.decisions(world.ada.account)[0]
    assert again.subject != subject
    assert again.stands
    assert contest(world, (kind, again.subject)).state == "open"


def test_one_that_cannot_be_undone_keeps_no_other_waiting(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = late(contest(world, rejected(world)))
    IdentityCheck.objects.filter(ref=stuck.subject).update(
        document_expires=timezone.localdate() - timedelta(days=1)
    )
    late(contest(world, suspended(world)))
    assert deciding.lapse() == 1
    stuck.refresh_from_db()
    assert stuck.state == "open"
    assert stuck.ref in caplog.text
    caplog.clear()
    assert deciding.lapse() == 0
    assert stuck.ref not in caplog.text, "it is said once"


def test_what_the_clock_cannot_undo_is_left_to_people(world: World) -> None:
    petra, stuck = another_operator(world), late(contest(world, rejected(world)))
    assert appeals.may_decide(stuck, petra) is appeals.OVER
    yesterday = timezone.localdate() - timedelta(days=1)
    checks = IdentityCheck.objects.filter(ref=stuck.subject)
    checks.update(document_expires=yesterday)
    assert deciding.lapse() == 0
    stuck.refresh_from_db()
    answer = deciding.answer(stuck, petra, uphold=True, why="It is her.")
    assert getattr(answer, "code", "") == "document_expired"
    assert deciding.answer(stuck, petra, uphold=False, why="Show one that is valid.")
    stuck.refresh_from_db()
    assert stuck.state == "dismissed"
    assert deciding.lapse() == 0


def test_what_the_clock_can_undo_later_is_undone_then(world: World) -> None:
    stuck = late(contest(world, rejected(world)))
    checks = IdentityCheck.objects.filter(ref=stuck.subject)
    checks.update(document_expires=timezone.localdate() - timedelta(days=1))
    assert deciding.lapse() == 0
    checks.update(document_expires=None)
    assert deciding.lapse() == 1


def test_no_words_of_anybody_are_kept_in_history(world: World) -> None:
    """They would outlast the account: history is never rewritten."""
    scene, petra = rejected(world), another_operator(world)
    appeal = contest(world, scene)
    assert deciding.answer(appeal, petra, uphold=True, why="Her sister wrote to us.")
    rows = History.objects.filter(kind__in=("appeal", "identity check"))
    assert set(rows.values_list("why", flat=True)) == {
        "contested",
        "the decision was undone",
        "an appeal was upheld",
    }


def test_deciders_are_told_once_a_decision(world: World) -> None:
    scene, petra = suspended(world), another_operator(world)
    for _ in range(3):
        assert appeals.withdraw(contest(world, scene), world.ada.account)
    contest(world, scene)
    assert Notice.objects.filter(account=petra, kind="work.appeal_opened").count() == 1


def test_a_suspension_that_waits_for_whoever_left_is_undone_too(world: World) -> None:
    scene = suspended(world)
    appeal = contest(world, scene)
    assert close_own(world.ada.account)
    assert deciding.answer(appeal, another_operator(world), uphold=True, why="It was wrong.")
    assert standing_of(world.ada.account).state == "closed"
    assert standing.reopen_own(world.ada.account)
    assert standing_of(world.ada.account).state == "active"
    assert not deciding.decisions(world.ada.account)[0].stands


def test_every_kind_has_a_name_a_duty_a_reader_and_a_consequence() -> None:
    assert set(KINDS) == set(deciding.KINDS)
    assert all(0 < kind.days <= DAYS for kind in KINDS.values())
