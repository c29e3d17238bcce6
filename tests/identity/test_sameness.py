"""Accounts that share traces are put before a person, and nothing else happens to them."""

import pytest

from fairhand.kit.models import History
from fairhand.people.accounts import make_operator
from fairhand.people.gates import stamp_of
from fairhand.people.identity import sameness
from fairhand.people.identity.checks import take_back
from fairhand.people.identity.sameness import CROWDED, decide, observe, trace
from fairhand.people.models import Account, Duty, Event, Notice, SameCase, Signal, Worker
from tests.identity.scene import begun, sent
from tests.world import World

IBAN = "DE89370400440532013000"


def shared(world: World, kind: str = "payout", value: str = IBAN) -> SameCase:
    for one in (world.ada, world.ben):
        observe(one.account, kind, value)
    return SameCase.objects.get()


def test_two_that_are_paid_to_one_account_are_put_before_a_person(world: World) -> None:
    case = shared(world)
    pair = sorted((world.ada.account.pk, world.ben.account.pk))
    assert [case.first_id, case.second_id] == pair
    assert (case.kinds, case.state) == (["payout"], "open")
    assert Event.objects.filter(action="sameness.seen", subject=case.ref).count() == 1


def test_only_a_keyed_digest_is_kept(world: World, settings: pytest.FixtureRequest) -> None:
    shared(world)
    assert IBAN not in str(list(Signal.objects.values()))
    before = trace("payout", IBAN)
    settings.SECRET_KEY = "another key " * 5  # type: ignore[attr-defined]
    assert trace("payout", IBAN) != before


def test_seen_again_is_seen_once(world: World) -> None:
    shared(world)
    shared(world)
    assert Signal.objects.count() == 2
    assert Event.objects.filter(action="sameness.seen").count() == 1


def test_another_kind_of_trace_widens_the_case(world: World) -> None:
    shared(world)
    case = shared(world, "device", "mark")
    assert case.kinds == ["payout", "device"]


def test_the_same_value_of_another_kind_is_no_trace(world: World) -> None:
    observe(world.ada.account, "payout", IBAN)
    observe(world.ben.account, "device", IBAN)
    assert not SameCase.objects.exists()


def test_an_unknown_kind_is_a_fault(world: World) -> None:
    with pytest.raises(ValueError, match="no kind of trace"):
        observe(world.ada.account, "shoes", "45")


def test_nothing_happens_to_anybody(world: World, ops: list[Account]) -> None:
    """Whatever an operator finds: standing, stamps, notices stay as they were."""
    stamps = [stamp_of(one) for one in (world.ada, world.ben)]
    case = shared(world)
    assert decide(case, ops[0], same=True, why="Same face on both documents.")
    assert case.state == "same"
    assert [stamp_of(one) for one in (world.ada, world.ben)] == stamps
    assert set(Worker.objects.values_list("standing", flat=True)) == {"active"}
    assert not Notice.objects.exists()


def test_a_new_trace_opens_what_was_found_to_be_two(world: World, ops: list[Account]) -> None:
    case = shared(world)
    assert decide(case, ops[0], same=False, why="A couple.")
    again = shared(world, "document", "x")
    assert (again.pk, again.state, again.kinds) == (case.pk, "open", ["payout", "document"])
    rows = History.objects.filter(kind="same person").order_by("pk")
    assert list(rows.values_list("target", flat=True)) == ["open", "different", "open"]


def test_the_same_trace_does_not_open_it_again(world: World, ops: list[Account]) -> None:
    case = shared(world)
    decide(case, ops[0], same=False, why="A couple.")
    assert shared(world, "payout", "another account").state == "different"


def test_it_is_decided_once_with_the_duty_and_a_reason_and_not_about_oneself(
    world: World, ops: list[Account]
) -> None:
    case = shared(world)
    make_operator(world.ada.account, [Duty.IDENTITY])
    assert decide(case, world.ada.account, same=False, why="I know.") == sameness.ABOUT_YOU
    assert decide(case, ops[0], same=False, why=" ") == sameness.NO_REASON
    assert not decide(case, world.rita, same=False, why="Why not.")
    other = SameCase.objects.get()
    assert decide(case, ops[0], same=False, why="A couple.")
    assert decide(other, ops[1], same=True, why="One.") == sameness.DECIDED
    case.refresh_from_db()
    assert (case.state, case.decided_why) == ("different", "A couple.")
    assert Event.objects.filter(action="sameness.decided").count() == 1


def test_a_device_of_many_links_nobody_any_more(world: World) -> None:
    """A café's computer: from the sixth account on it says nothing."""
    accounts = [Account.objects.create_user(f"guest{n}@example.org") for n in range(CROWDED + 2)]
    for one in accounts:
        observe(one, "device", "the café's")
    cases = SameCase.objects.count()
    assert cases == (CROWDED - 1) * (CROWDED - 2) // 2
    observe(world.ada.account, "device", "the café's")
    assert SameCase.objects.count() == cases


def test_a_document_shown_twice_opens_a_case_before_anybody_looked(world: World) -> None:
    sent(world.ada)
    sent(world.ben)
    assert SameCase.objects.get().kinds == ["document"]


def test_a_document_that_was_never_sent_leaves_no_trace(world: World) -> None:
    begun(world.ada)
    assert take_back(world.ada, world.ada.account)
    begun(world.ben)
    assert not Signal.objects.exists()
    assert not SameCase.objects.exists()


def test_cases_of_an_account_name_both_sides(world: World) -> None:
    case = shared(world)
    assert sameness.cases_of(world.ada.account) == sameness.cases_of(world.ben.account) == [case]
    assert sameness.cases_of(world.rita) == []
    assert sameness.waiting() == 1
