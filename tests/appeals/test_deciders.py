"""Who answers an appeal: somebody with the duty who did not decide, and whom it does not concern."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fairhand.people import appeals, approvals
from fairhand.people.accounts import make_operator
from fairhand.people.decisions import standing_of
from fairhand.people.models import Account, Appeal, Duty, IdentityCheck, SameCase, Worker
from fairhand.web.operator.actions import VERBS
from fairhand.work import appeals as deciding
from tests.appeals.test_appeals import contest, expelled, fingerprint, rejected, suspended
from tests.people.standing_actions import another_operator
from tests.world import World


def refused(appeal: Appeal, by: Account, *, uphold: bool = True) -> str:
    """The code of the refusal, which changed nothing."""
    before = fingerprint()
    answer = deciding.answer(appeal, by, uphold=uphold, why="why")
    assert not answer
    assert fingerprint() == before
    appeal.refresh_from_db()
    assert appeal.state == "open"
    return str(getattr(answer, "code", ""))


def test_not_who_made_the_decision(world: World) -> None:
    assert refused(contest(world, suspended(world)), world.olga) == "made_by_you"


def test_neither_who_asked_for_an_exclusion_nor_who_approved_it(world: World) -> None:
    petra = another_operator(world)
    asked = approvals.ask("expulsion", world.ada.account.ref, {}, world.olga, "Two accounts.")
    assert approvals.approve(asked, petra, VERBS["expulsion"])
    number = str(standing_of(world.ada.account).number)
    appeal = contest(world, ("standing", number))
    assert set(appeal.made_by) == {world.olga.ref, petra.ref}
    assert refused(appeal, world.olga) == "made_by_you"
    assert refused(appeal, petra) == "made_by_you"
    third = Account.objects.create_user("third@example.org", name="Third")
    make_operator(third, [Duty.SUPPORT])
    assert deciding.answer(appeal, third, uphold=True, why="One was her sister's.")


def test_nobody_who_voted_on_an_identity_check(world: World) -> None:
    petra = another_operator(world)
    scene = rejected(world)
    IdentityCheck.objects.get(ref=scene[1]).votes.create(operator=petra, verdict="verified")
    appeal = contest(world, scene)
    assert refused(appeal, world.olga) == "made_by_you"
    assert refused(appeal, petra) == "made_by_you"


@pytest.mark.parametrize("duty", set(Duty) - {Duty.SUPPORT})
def test_nobody_without_the_duty_of_the_kind(world: World, duty: Duty) -> None:
    appeal = contest(world, expelled(world))
    make_operator(world.oscar, [duty])
    assert refused(appeal, world.oscar) == "duty_missing"


def test_nobody_who_is_no_operator(world: World) -> None:
    appeal = contest(world, suspended(world))
    for account in (world.rita, world.ben.account, world.ada.account):
        assert refused(appeal, account) == "not_an_operator"


def test_not_the_person_whom_it_concerns(world: World) -> None:
    """Who became an operator after they were suspended does not answer themselves."""
    appeal = contest(world, suspended(world))
    make_operator(world.ada.account)
    assert refused(appeal, world.ada.account) == "not_your_own"


@pytest.mark.parametrize("state", ["open", "same"])
def test_nobody_who_may_be_that_person(world: World, state: str) -> None:
    appeal, petra = contest(world, suspended(world)), another_operator(world)
    first, second = sorted((petra, world.ada.account), key=lambda one: one.pk)
    case = SameCase.objects.create(first=first, second=second, state=state)
    assert refused(appeal, petra) == "not_your_own"
    assert appeals.deciders(appeal) == []
    SameCase.objects.filter(pk=case.pk).update(state="different")
    assert deciding.answer(appeal, petra, uphold=True, why="Two people.")


def test_nobody_decides_against_the_person_once_the_time_is_over(world: World) -> None:
    appeal = contest(world, suspended(world))
    past = timezone.now() - timedelta(seconds=1)
    Appeal.objects.filter(pk=appeal.pk).update(deadline=past)
    appeal.refresh_from_db()
    assert refused(appeal, another_operator(world), uphold=False) == "appeal_over"
    assert deciding.lapse() == 1


@pytest.mark.parametrize("why", ["", "  ", "x" * 2001])
def test_an_answer_has_reasons(world: World, why: str) -> None:
    appeal, petra = contest(world, suspended(world)), another_operator(world)
    before = fingerprint()
    assert deciding.answer(appeal, petra, uphold=True, why=why) is appeals.NO_REASON
    assert fingerprint() == before
    assert Worker.objects.get(pk=world.ada.pk).standing == "suspended"


def test_the_second_answer_hears_that_somebody_was_first(world: World) -> None:
    appeal, petra = contest(world, suspended(world)), another_operator(world)
    stale = Appeal.objects.get(pk=appeal.pk)
    assert deciding.answer(appeal, petra, uphold=False, why="No.")
    before = fingerprint()
    assert deciding.answer(stale, petra, uphold=True, why="Yes.") is appeals.DECIDED
    assert fingerprint() == before


def test_where_the_consequence_is_refused_nothing_is_decided(world: World) -> None:
    appeal, petra = contest(world, rejected(world)), another_operator(world)
    yesterday = timezone.localdate() - timedelta(days=1)
    IdentityCheck.objects.filter(ref=appeal.subject).update(document_expires=yesterday)
    before = fingerprint()
    assert not deciding.answer(appeal, petra, uphold=True, why="It is her.")
    assert fingerprint() == before
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by) == ("open", None)


def test_an_operator_who_is_alone_is_told_that_a_second_one_is_needed(world: World) -> None:
    appeal = contest(world, suspended(world))
    assert appeals.deciders(appeal) == []
    petra = another_operator(world)
    assert appeals.deciders(appeal) == [petra]
