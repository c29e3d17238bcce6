"""Two who agree decide; nobody votes on themselves, twice, or without the duty."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fairhand.kit.decision import Refused
from fairhand.kit.models import History
from fairhand.people import consents
from fairhand.people.accounts import make_operator
from fairhand.people.appeals import open_appeal, withdraw
from fairhand.people.gates import GATES, stamp_of
from fairhand.people.identity import deciders, facts_of, overturn, proofs, votes
from fairhand.people.identity.outcome import DECIDED, ELSEWHERE, NOT_REJECTED
from fairhand.people.identity.votes import Vote, vote
from fairhand.people.models import (
    Account,
    Duty,
    Event,
    IdentityCheck,
    IdentityVote,
    Notice,
    Proof,
    SameCase,
)
from tests.identity.scene import NO, YES, in_days, sent, verified
from tests.world import World


def moves(check: IdentityCheck) -> list[str]:
    rows = History.objects.filter(kind="identity check", subject=str(check.pk)).order_by("pk")
    return list(rows.values_list("target", flat=True))


def test_one_alone_decides_nothing(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    assert vote(check, ops[0], YES)
    assert check.state == "pending"
    assert not Notice.objects.filter(account=world.ada.account).exists()


def test_two_that_agree_decide_once(world: World, ops: list[Account]) -> None:
    check = verified(world.ada, ops)
    assert moves(check) == ["started", "pending", "verified"]
    assert vote(check, ops[2], YES) == DECIDED
    assert IdentityVote.objects.count() == 2
    assert Notice.objects.filter(account=world.ada.account).count() == 1


def test_a_third_decides_where_two_do_not_agree(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    assert vote(check, ops[0], YES)
    assert vote(check, ops[1], NO)
    assert check.state == "pending"
    assert vote(check, ops[2], NO)
    assert check.state == "rejected"
    assert check.reason == "unreadable"
    assert check.words == NO.words
    notice = Notice.objects.get(account=world.ada.account)
    assert notice.kind == "decision.identity_rejected"
    assert "Too dark" in notice.params["reason"]
    assert "could not be read" in notice.params["reason"]


def test_the_reason_that_most_gave_is_told(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    vote(check, ops[0], Vote("rejected", "altered", "The date looks changed."))
    vote(check, ops[1], YES)
    vote(check, ops[2], Vote("rejected", "mismatch", "Another name."))
    assert (check.reason, check.words) == ("altered", "The date looks changed.")


def test_nobody_votes_twice(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    assert vote(check, ops[0], YES)
    assert vote(check, ops[0], YES) == votes.VOTED
    assert check.state == "pending"
    assert IdentityVote.objects.count() == 1


def test_nobody_votes_on_themselves_nor_looks_at_their_own(
    world: World, ops: list[Account]
) -> None:
    make_operator(world.ada.account, [Duty.IDENTITY])
    check = sent(world.ada)
    assert vote(check, world.ada.account, YES) == votes.OWN
    assert not votes.waiting_for(world.ada.account).exists()
    with pytest.raises(Refused, match="their own"):
        proofs.look(Proof.objects.all()[0], world.ada.account)
    assert not IdentityVote.objects.exists()
    assert votes.waiting_for(ops[0]).count() == 1


@pytest.mark.parametrize("state", ["open", "same"])
def test_nobody_votes_on_who_may_be_themselves(
    world: World, ops: list[Account], state: str
) -> None:
    check = sent(world.ada)
    first, second = sorted((ops[0], world.ada.account), key=lambda one: one.pk)
    case = SameCase.objects.create(first=first, second=second, state=state)
    assert vote(check, ops[0], YES) == votes.OWN
    assert not votes.waiting_for(ops[0]).exists()
    assert not IdentityVote.objects.exists()
    SameCase.objects.filter(pk=case.pk).update(state="different")
    assert vote(check, ops[0], YES)


def test_without_consent_nobody_looks_or_votes(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    assert vote(check, ops[0], YES)
    consents.withdraw(world.ada.account, "identity")
    with pytest.raises(Refused, match="took their consent back"):
        proofs.look(Proof.objects.all()[0], ops[1])
    assert vote(check, ops[1], YES) == proofs.CONSENT_ENDED
    check.refresh_from_db()
    assert (check.state, check.votes.count()) == ("pending", 1)
    assert not Event.objects.filter(action="identity.looked").exists()


def test_what_is_contested_is_looked_at_without_consent(world: World, ops: list[Account]) -> None:
    """Its person asks for it; when that is answered, the pictures go."""
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    appeal = open_appeal(
        "identity", check.ref, world.ada.account, facts={}, made_by=["x"], words="Look again."
    )
    consents.withdraw(world.ada.account, "identity")
    IdentityCheck.objects.update(purge_at=timezone.now() - timedelta(seconds=1))
    assert proofs.purge() == 0
    assert proofs.look(Proof.objects.all()[0], ops[2])
    assert withdraw(appeal, world.ada.account)
    with pytest.raises(Refused, match="took their consent back"):
        proofs.look(Proof.objects.all()[0], ops[2])
    assert proofs.purge() == 1
    assert not Proof.objects.exists()


def test_words_of_a_rejection_are_not_in_history(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    assert History.objects.get(kind="identity check", target="rejected").why == "unreadable"


def test_it_takes_the_duty(world: World) -> None:
    check = sent(world.ada)
    sofia = Account.objects.create_user("sofia@example.org", name="Sofia")
    make_operator(sofia, [Duty.SUPPORT])
    for one in (sofia, world.rita):
        answer = vote(check, one, YES)
        assert not answer
        with pytest.raises(Refused):
            proofs.look(Proof.objects.all()[0], one)
    assert not IdentityVote.objects.exists()
    assert not Event.objects.filter(action="identity.looked").exists()


@pytest.mark.parametrize(
    "said",
    [
        Vote("maybe"),
        Vote(""),
        Vote("rejected"),
        Vote("rejected", "ugly", "No."),
        Vote("rejected", "vendor", "No."),
        Vote("rejected", "other", "  "),
        Vote("rejected", "other", "x" * 1001),
    ],
)
def test_a_rejection_takes_a_reason_and_words(world: World, ops: list[Account], said: Vote) -> None:
    check = sent(world.ada)
    assert not vote(check, ops[0], said)
    assert not IdentityVote.objects.exists()


def test_the_trail_does_not_say_how_somebody_voted(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    vote(check, ops[0], NO)
    event = Event.objects.get(action="identity.voted")
    assert (event.actor, event.account, event.after) == (
        ops[0].ref,
        "",
        {"state": "pending"},
    )


def test_each_look_is_noted_for_the_person(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    proof = Proof.objects.select_related("key").filter(kind="selfie")[0]
    assert proofs.look(proof, ops[0]).startswith(b"\xff\xd8")
    proofs.look(proof, ops[0])
    looks = Event.objects.filter(action="identity.looked", account=world.ada.account.ref)
    assert looks.count() == 2
    assert looks[0].subject == check.ref
    assert looks[0].after == {"picture": "selfie", "page": 1}


def test_a_document_proves_one_account(world: World, ops: list[Account]) -> None:
    verified(world.ada, ops)
    other = sent(world.ben)
    assert vote(other, ops[0], YES)
    assert vote(other, ops[1], YES) == ELSEWHERE
    other.refresh_from_db()
    assert other.state == "pending"
    assert other.votes.count() == 1
    assert not GATES["identity"].ask(world.ben, "").met
    away = Vote("rejected", "elsewhere", "Sign in there.")
    assert vote(other, ops[1], away)
    assert vote(other, ops[2], away)
    assert other.state == "rejected"


def test_a_document_that_ran_out_meanwhile_is_not_verified(
    world: World, ops: list[Account]
) -> None:
    check = sent(world.ada)
    IdentityCheck.objects.update(document_expires=in_days(-1))
    check.refresh_from_db()
    assert vote(check, ops[0], YES)
    answer = vote(check, ops[1], YES)
    assert "ran out" in str(answer)
    assert check.votes.count() == 1


def test_an_appeal_turns_a_rejection_round(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    assert deciders(check) == [ops[0].ref, ops[1].ref]
    facts = facts_of(check)
    assert (facts["reason"], facts["words"]) == ("unreadable", NO.words)
    before = stamp_of(world.ada)
    assert overturn(check.ref, ops[2])
    check.refresh_from_db()
    assert check.state == "verified"
    assert check.valid_until is not None
    assert check.valid_until > timezone.now()
    assert stamp_of(world.ada) > before
    assert Event.objects.filter(action="identity.overturned", actor=ops[2].ref).count() == 1
    assert overturn(check.ref, ops[2]) == NOT_REJECTED


def test_an_appeal_that_lapses_is_decided_by_the_clock(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    assert overturn(check.ref, "system:appeals")
    assert GATES["identity"].ask(world.ada, "").met
    assert not overturn("idc_nobodys", "system:appeals")


def test_an_appeal_does_not_let_a_document_prove_two(world: World, ops: list[Account]) -> None:
    verified(world.ada, ops)
    other = sent(world.ben)
    for one in ops[:2]:
        vote(other, one, NO)
    assert overturn(other.ref, ops[2]) == ELSEWHERE
    other.refresh_from_db()
    assert other.state == "rejected"


def test_an_old_appeal_leaves_a_newer_proof_as_it_is(world: World, ops: list[Account]) -> None:
    old = sent(world.ada)
    for one in ops[:2]:
        vote(old, one, NO)
    newer = verified(world.ada, ops, number="NEW12345")
    assert overturn(old.ref, "system:appeals")
    old.refresh_from_db()
    newer.refresh_from_db()
    assert (old.state, newer.state) == ("rejected", "verified")


def test_no_appeal_proves_somebody_too_young(world: World, ops: list[Account]) -> None:
    check = sent(world.ada)
    for one in ops[:2]:
        vote(check, one, NO)
    IdentityCheck.objects.update(birth_date=in_days(-17 * 365))
    assert "from the age of 18" in str(overturn(check.ref, "system:appeals"))
    assert not GATES["identity"].ask(world.ada, "").met


def test_the_oldest_comes_first(world: World, ops: list[Account]) -> None:
    late, early = sent(world.ada), sent(world.ben, number="OTHER1")
    IdentityCheck.objects.filter(pk=early.pk).update(sent_at="2026-01-01T00:00:00Z")
    assert list(votes.queue()) == [early, late]
    vote(early, ops[0], YES)
    assert list(votes.waiting_for(ops[0])) == [late]
