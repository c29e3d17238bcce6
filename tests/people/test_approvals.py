"""What takes two operators: asked by one, decided by another, done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from unittest import mock

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused
from fairhand.kit.money import Money
from fairhand.pay.alone import moved_alone
from fairhand.pay.funding import deposit, deposit_balance
from fairhand.people import approvals
from fairhand.people.accounts import make_operator
from fairhand.people.approvals import approve, ask, expire, others_for, refuse, withdraw
from fairhand.people.duties import duties_of
from fairhand.people.models import Account, Approval, Duty, Event, Notice
from fairhand.people.operators import set_duties
from tests.people.every_action import BACKEND
from tests.world import World, count, history_of, state_of_money


def operator(name: str, *duties: Duty) -> Account:
    account = Account.objects.create_user(f"{name.lower()}@operators.example.org", name=name)
    make_operator(account, duties or tuple(Duty))
    return account


def asked(world: World, subject: str = "bank/1") -> Approval:
    return ask("deposit", subject, {"micros": 5}, world.olga, "a large transfer")


def test_an_approval_falls_with_the_duty_of_whoever_asked(world: World) -> None:
    paul, verb = operator("Paul"), Doing()
    approval = asked(world)
    assert set_duties(world.olga, [Duty.ADMIN], paul)
    assert approve(approval, paul, verb) is approvals.ASKER_GONE
    assert set_duties(world.olga, list(Duty), paul)
    Account.objects.filter(pk=world.olga.pk).update(is_active=False)
    approval = Approval.objects.get(pk=approval.pk)
    assert approve(approval, paul, verb) is approvals.ASKER_GONE
    assert verb.times == 0
    assert refuse(approval, paul, "whoever asked has left")


def book(client: Client, world: World, amount: str, reference: str) -> None:
    form = {"organisation": world.organisation.pk, "amount": amount, "reference": reference}
    client.post("/operator/deposits", form)


def test_an_amount_in_parts_takes_two_as_the_whole_does(world: World) -> None:
    client, before = Client(), deposit_balance(world.organisation, "EUR").micros
    client.force_login(world.olga, backend=BACKEND)
    for number in range(4):
        book(client, world, "400.00", f"part {number}")
    booked = deposit_balance(world.organisation, "EUR").micros - before
    assert booked == 800_000_000
    assert Approval.objects.filter(kind="deposit").count() == 2
    # What a second operator approved counts for nobody.
    other = Client()
    other.force_login(operator("Paul"), backend=BACKEND)
    for approval in Approval.objects.all():
        other.post(f"/operator/approvals/{approval.ref}", {"verdict": "approve"})
    book(other, world, "1000.00", "another")
    booked = deposit_balance(world.organisation, "EUR").micros - before
    assert booked == 2_600_000_000


def test_yesterdays_deposits_do_not_count(world: World) -> None:
    with mock.patch("fairhand.pay.alone.WITHIN", -timedelta(hours=1)):
        deposit(world.organisation, Money(9_000_000, "EUR"), source="bank/x", by=world.olga)
        assert moved_alone(world.olga, "EUR").micros == 0
    assert moved_alone(world.olga, "EUR").micros == 9_000_000


def give(client: Client, account: Account, *duties: Duty) -> None:
    client.post("/operator/operators", {"email": account.email, "duties": list(duties)})


def test_an_administrator_makes_no_second_person_where_there_is_another(world: World) -> None:
    client, other = Client(), Client()
    client.force_login(world.olga, backend=BACKEND)
    paul = operator("Paul", Duty.ADMIN)
    other.force_login(paul, backend=BACKEND)
    give(client, world.oscar, Duty.FINANCE)
    assert not duties_of(world.oscar)
    approval = Approval.objects.get(kind="duties")
    assert "finance" in other.get("/operator/approvals").content.decode()
    other.post(f"/operator/approvals/{approval.ref}", {"verdict": "approve"})
    assert duties_of(world.oscar) == {Duty.FINANCE}
    # Nor by dismissing the other one first; one's own duties are one's own to lay down.
    client.post("/operator/operators", {"ref": paul.ref})
    assert duties_of(paul) == {Duty.ADMIN}
    rest = [duty for duty in Duty if duty != Duty.ADMIN]
    client.post("/operator/operators", {"ref": world.olga.ref, "duties": rest})
    assert duties_of(world.olga) == set(rest)


def test_the_only_administrator_gives_duties_alone(world: World) -> None:
    client = Client()
    client.force_login(world.olga, backend=BACKEND)
    give(client, world.oscar, Duty.QUALITY)
    assert duties_of(world.oscar) == {Duty.QUALITY}


class Doing:
    """A verb that remembers how often it ran."""

    def __init__(self, answer: Decision = ALLOWED) -> None:
        self.answer, self.times = answer, 0

    def __call__(self, _approval: Approval, _by: Account) -> Decision:
        self.times += 1
        return self.answer


def test_what_one_asks_another_one_approves_and_it_is_done_once(world: World) -> None:
    paul, verb = operator("Paul"), Doing()
    approval = asked(world)
    assert approve(approval, paul, verb)
    assert not approve(approval, paul, verb)
    assert verb.times == 1
    assert history_of("approval", str(approval.pk)) == [
        ("none", "waiting"),
        ("waiting", "approved"),
    ]
    approval.refresh_from_db()
    assert (approval.state, approval.decided_by) == ("approved", paul)


def test_nobody_approves_what_they_asked_for(world: World) -> None:
    verb = Doing()
    approval = asked(world)
    assert approve(approval, world.olga, verb) is approvals.NOT_ONES_OWN
    assert refuse(approval, world.olga, "no") is approvals.NOT_ONES_OWN
    assert verb.times == 0
    approval.refresh_from_db()
    assert approval.state == "waiting"


def test_the_database_itself_refuses_one_person_for_two(world: World) -> None:
    approval = asked(world)
    with pytest.raises(IntegrityError, match="two_operators_decide"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(state="approved", decided_by=world.olga)


@pytest.mark.parametrize("who", ["support", "nobody"])
def test_it_takes_the_duty_to_ask_and_to_decide(world: World, who: str) -> None:
    stranger = operator("Sue", Duty.SUPPORT) if who == "support" else world.oscar
    approval, verb = asked(world), Doing()
    with pytest.raises(Refused, match="finance"):
        ask("deposit", "bank/2", {}, stranger, "please")
    answer = approve(approval, stranger, verb)
    assert isinstance(answer, Refusal)
    assert "finance" in str(answer)
    assert (verb.times, count("people_approval")) == (0, 1)


def test_a_reason_is_needed_to_ask_and_to_refuse(world: World) -> None:
    with pytest.raises(Refused, match="Say why"):
        ask("deposit", "bank/2", {}, world.olga, "  ")
    approval = asked(world)
    with pytest.raises(Refused, match="Say why"):
        refuse(approval, operator("Paul"), "")
    approval.refresh_from_db()
    assert approval.state == "waiting"


def test_the_same_thing_waits_once(world: World) -> None:
    approval = asked(world)
    with pytest.raises(Refused, match="waits for a decision"):
        asked(world)
    assert withdraw(approval, world.olga)
    assert asked(world).pk != approval.pk


def test_an_action_that_cannot_be_done_stays_asked(world: World) -> None:
    paul, no = operator("Paul"), Refusal("no", "It cannot be done.")
    approval = asked(world)
    before = (state_of_money(), count("people_event"))
    assert approve(approval, paul, Doing(no)) is no
    assert (state_of_money(), count("people_event")) == before
    assert approval.state == "waiting"
    assert approve(approval, paul, Doing())


def test_after_a_week_nobody_can_approve_any_more(world: World) -> None:
    paul, verb = operator("Paul"), Doing()
    approval = asked(world)
    assert approval.expires_at > timezone.now() + timedelta(days=6, hours=23)
    Approval.objects.filter(pk=approval.pk).update(expires_at=timezone.now())
    approval.refresh_from_db()
    assert approve(approval, paul, verb) is approvals.OVER
    assert expire() == 1
    assert expire() == 0
    approval.refresh_from_db()
    assert (approval.state, verb.times) == ("expired", 0)
    assert approve(approval, paul, verb) is approvals.OVER


def test_what_is_late_does_not_keep_anybody_from_asking_again(world: World) -> None:
    approval = asked(world)
    Approval.objects.filter(pk=approval.pk).update(expires_at=timezone.now())
    assert asked(world).state == "waiting"


def test_only_whoever_asked_takes_it_back(world: World) -> None:
    approval = asked(world)
    assert withdraw(approval, operator("Paul")) is approvals.NOT_YOURS
    assert withdraw(approval, world.olga)
    assert withdraw(approval, world.olga) is approvals.DECIDED


def test_the_others_are_told_that_it_waits_and_who_asked_what_became_of_it(world: World) -> None:
    paul = operator("Paul", Duty.FINANCE)
    operator("Sue", Duty.SUPPORT)
    assert others_for("deposit", world.olga) == [paul]
    refuse(asked(world), paul, "no such transfer")
    told = Notice.objects.filter(kind__contains="approval").values_list("account__name", "kind")
    assert sorted(told) == [
        ("Olga", "decision.approval_decided"),
        ("Paul", "money.approval_wanted"),
    ]


def test_an_approval_leaves_one_event_with_who_asked(world: World) -> None:
    approve(asked(world), operator("Paul"), Doing())
    event = Event.objects.get(action="approval.approved")
    assert event.after["asked_by"] == world.olga.ref


def at_once(verbs: list[Callable[[], Decision]]) -> list[Decision]:
    """Run all of them in threads of their own, from the same moment on."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], Decision]) -> Decision:
        barrier.wait()
        try:
            return verb()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.mark.slow
def test_of_many_who_approve_at_once_one_does_it(committed_world: World) -> None:
    others = [operator(f"Paul{number}") for number in range(8)]
    approval, verb = asked(committed_world), Doing()

    def approving(other: Account) -> Callable[[], Decision]:
        return lambda: approve(Approval.objects.get(pk=approval.pk), other, verb)

    answers = at_once([approving(other) for other in others])
    assert sum(map(bool, answers)) == verb.times == 1
    assert Event.objects.filter(action="approval.approved").count() == 1
