"""What people hear of work and money without asking."""

import pytest

from fairhand.kit.money import Money
from fairhand.pay.funding import deposit
from fairhand.people.models import Account, Member, Notice
from fairhand.work.access import restrict_halted
from fairhand.work.models import Enrolment
from fairhand.work.opening import close_batch
from fairhand.work.review import accept_all
from tests.world import World, caller, page_of, turn, work_through


def told(account: Account, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(account=account, kind=kind))


def test_a_worker_is_told_once_what_accepted_pages_come_to(world: World) -> None:
    batch = world.batch(tasks=8, page_size=2, overlap=1, review_hours=24)
    work_through(caller(world.ada), batch)
    assert accept_all(batch, actor=world.rita.ref) == 4
    (notice,) = told(world.ada.account, "work.accepted")
    assert notice.params["batch"] == "Moods"
    assert "400000" in str(notice.params["amount"])
    assert told(world.ben.account, "work.accepted") == []


def test_whoever_made_a_batch_is_told_when_it_is_finished(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    work_through(caller(world.ada), batch)
    close_batch(batch, world.rita.ref, "enough")
    assert [notice.link for notice in told(world.rita, "work.finished")] == [
        f"/requester/batches/{batch.ref}"
    ]


def test_who_left_the_organisation_hears_no_more_of_its_batches(world: World) -> None:
    batch = world.batch(tasks=4, page_size=2, overlap=1)
    Member.objects.filter(account=world.rita).delete()
    close_batch(batch, world.olga.ref, "enough")
    assert told(world.rita, "work.finished") == []


@pytest.mark.parametrize(("language", "word"), [("en", "right"), ("de", "richtig")])
def test_a_restriction_is_told_with_its_reason_in_the_workers_language(
    world: World, language: str, word: str
) -> None:
    Account.objects.filter(pk=world.ada.account.pk).update(language=language)
    batch = world.batch(tasks=20, gold=10, gold_permille=500, page_size=4, bar_permille=900)
    page_of(turn(caller(world.ada), batch))
    Enrolment.objects.filter(worker=world.ada).update(halted=True, gold_seen=10, gold_right=2)
    for _ in range(2):
        restrict_halted(type(world.ada).objects.get(pk=world.ada.pk), batch)
    (notice,) = told(world.ada.account, "decision.restricted")
    assert word in str(notice.params["reason"])
    assert notice.params["batch"] == "Moods"


def test_those_who_see_an_organisations_money_hear_that_it_arrived(world: World) -> None:
    for role in (Member.Role.BILLING, Member.Role.REVIEWER):
        account = Account.objects.create_user(f"{role}-{world.rita.ref}@example.org", None)
        Member.objects.create(organisation=world.organisation, account=account, role=role)
    for _ in range(2):
        deposit(world.organisation, Money(5_000_000, "EUR"), source="bank/1")
    heard = Notice.objects.filter(kind="money.deposited")
    assert {notice.account.email.split("-")[0][:7] for notice in heard} == {
        world.rita.email[:7],
        "billing",
    }
    assert heard.count() == 2
