"""Deleting an account: what hinders it, two weeks of second thoughts, and what is left after."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.models import Destination, PayoutItem
from fairhand.pay.payouts import confirm_run, prepare_run, send_run, set_destination, set_payer
from fairhand.people import approvals, orphans
from fairhand.people.accounts import make_operator, make_worker
from fairhand.people.audit import coming_from, note
from fairhand.people.keys import issue_key
from fairhand.people.models import (
    Account,
    ApiKey,
    Deletion,
    Event,
    Member,
    Notice,
    Portal,
    PortalStaff,
    Session,
    Worker,
)
from fairhand.people.privacy.held import Fate
from fairhand.people.standing import close_standing, suspend
from fairhand.work.models import Answer
from fairhand.work.privacy import deletion
from fairhand.work.privacy.hindrances import hindrances
from fairhand.work.privacy.tables import HELD
from tests.privacy.planting import everything, plant
from tests.web.conftest import BACKEND
from tests.world import World, balance_of, caller, page_of, turn, work_through

LATER = timedelta(days=14, minutes=1)
IBAN, PAYER = "DE89370400440532013000", "ES9121000418450200051332"


def codes(account: Account) -> list[str]:
    return [each.refusal.code for each in hindrances(account)]


def earn(worker: Worker, cents: int) -> None:
    bank = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    mine = open_account(events.payable(worker.ref, "EUR"), "EUR")
    post([Entry(bank, mine, cents * 10_000, "EUR", "earn", f"bat_x/{cents}/{worker.ref}")])


def delete(account: Account) -> None:
    assert deletion.ask(account)
    assert deletion.finish_due(timezone.now() + LATER) == 1


def test_nothing_of_somebody_is_left_but_what_the_table_says(world: World) -> None:
    ada = plant(world, world.ada, world.oscar, "ZqAd", operator=False)
    ben = plant(world, world.ben, world.olga, "ZqBe", operator=False)
    delete(ada.account)
    left = everything()
    whole = "\n".join(left.values())
    gone = {held.name for held in HELD if held.fate == Fate.DELETED}
    gone_columns = {(held.name, name) for held in HELD for name in held.emptied}
    found = [
        (line, column, [table for table, text in left.items() if word in text])
        for (line, column), word in ada.markers.items()
        if (line in gone or (line, column) in gone_columns)
        and word in whole
        # As another site names them: the table says why this is kept.
        and (line, column) != ("accounts-elsewhere", "uid")
    ]
    assert found == []
    readable = [word for where, word in ben.markers.items() if where != ("pictures", "sealed")]
    assert [word for word in readable if word not in whole] == []


def test_what_is_kept_names_an_account_that_nobody_can_use(world: World) -> None:
    email = world.ada.account.email
    batch = world.batch(10, overlap=1, review_hours=1)
    work_through(caller(world.ada), batch)
    before = balance_of(f"pending:{world.ada.ref}:EUR")
    assert before > 0
    deletion._delete(world.ada.account)
    account = Account.objects.get(pk=world.ada.pk)
    assert (account.name, account.is_active) == ("", False)
    assert account.email == f"{account.ref}@deleted.invalid"
    assert not account.has_usable_password()
    assert Answer.objects.filter(worker=world.ada).count() == 10, "the work stays the requester's"
    assert balance_of(f"pending:{world.ada.ref}:EUR") == before
    assert orphans.orphans() == []
    again = make_worker(email, name="Ada", password="another long password")
    assert again.ref != world.ada.ref


def test_it_waits_two_weeks_and_can_be_cancelled_until_then(world: World) -> None:
    account = world.ada.account
    _, _secret = issue_key(account, name="mine", scopes=["work"])
    Client().force_login(account, backend=BACKEND)
    assert deletion.ask(account)
    assert not Session.objects.filter(account=account).exists()
    assert not ApiKey.objects.filter(account=account).exists()
    assert not deletion.ask(account), "it is asked for once"
    assert deletion.finish_due(timezone.now() + timedelta(days=13)) == 0
    assert deletion.cancel(account)
    assert not deletion.cancel(account)
    assert deletion.finish_due(timezone.now() + LATER) == 0
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
    assert Account.objects.get(pk=account.pk).email == account.email
    told = Notice.objects.filter(account=account).values_list("kind", flat=True)
    assert {"security.deletion_asked", "security.deletion_cancelled"} <= set(told)
    assert deletion.ask(account), "and may be asked for again"


def test_pages_that_are_held_are_free_again_at_once(world: World) -> None:
    batch = world.batch(10, overlap=1, page_size=10)
    page_of(turn(caller(world.ada), batch))
    assert turn(caller(world.ben), batch).page is None
    assert deletion.ask(world.ada.account)
    assert turn(caller(world.ben), batch).page is not None


def test_money_under_review_is_waited_for(world: World) -> None:
    batch = world.batch(10, overlap=1, review_hours=48)
    work_through(caller(world.ada), batch)
    assert codes(world.ada.account) == ["money_pending"]
    assert not deletion.ask(world.ada.account)
    assert Deletion.objects.count() == 0
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"


def test_whoever_is_owed_is_told_how_it_is_paid(world: World) -> None:
    account = world.ada.account
    earn(world.ada, 1200)
    assert "Say first where you want to be paid." in str(hindrances(account)[0].refusal)
    set_payer(name="Fairhand", address=PAYER, minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada", address=IBAN)
    assert "next payout" in str(hindrances(account)[0].refusal)
    run = prepare_run(world.olga)
    assert codes(account) == ["payout_under_way"]
    send_run(run, world.olga)
    confirm_run(run, world.olga)
    assert codes(account) == []
    delete(account)
    assert not Destination.objects.filter(worker=world.ada).exists()
    item = PayoutItem.objects.get(worker=world.ada)
    assert (item.holder, item.address) == ("Ada", IBAN), (
        "tax law asks to keep what was paid to whom"
    )


def test_less_than_the_least_is_paid_by_support_and_never_given_up(world: World) -> None:
    earn(world.ada, 120)
    set_payer(name="Fairhand", address=PAYER, minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada", address=IBAN)
    told = str(hindrances(world.ada.account)[0].refusal)
    assert "Ask support for a last payout" in told
    assert not deletion.ask(world.ada.account)


def test_an_open_appeal_is_decided_first(world: World) -> None:
    planted = plant(world, world.ada, world.oscar, "ZqAd", operator=False)
    planted.account.appeals.update(state="open")
    assert codes(world.ada.account) == ["appeal_open"]
    assert not deletion.ask(world.ada.account)


def test_an_operator_and_what_operators_decide_come_first(world: World) -> None:
    assert codes(world.olga) == ["is_operator"]
    second = Account.objects.create_user("petra@example.org")
    make_operator(second)
    approvals.ask("expulsion", world.ada.account.ref, {}, second, "two accounts")
    assert codes(world.ada.account) == ["approval_open"]


def test_whoever_is_alone_in_an_organisation_can_go_when_nothing_runs_there(world: World) -> None:
    assert codes(world.rita) == []
    world.fund(10)
    assert codes(world.rita) == ["money_deposited"]
    world.batch(10)
    assert codes(world.rita) == ["batches_running"]
    delete(world.oscar)
    assert not Member.objects.filter(organisation=world.other_organisation).exists()
    assert orphans.orphans() == []


def test_the_only_manager_of_a_portal_hands_it_over(world: World) -> None:
    portal = Portal.objects.create(slug="wide", name="Wide", host="wide.example")
    PortalStaff.objects.create(portal=portal, account=world.oscar, role="manager")
    assert codes(world.oscar) == ["last_manager"]
    PortalStaff.objects.create(portal=portal, account=world.rita, role="manager")
    assert codes(world.oscar) == []


def test_what_comes_up_within_the_two_weeks_is_told_once_and_waited_for(world: World) -> None:
    account = world.ada.account
    assert deletion.ask(account)
    earn(world.ada, 1200)
    for _ in range(2):
        assert deletion.finish_due(timezone.now() + LATER) == 0
    assert Account.objects.get(pk=account.pk).is_active
    notice = Notice.objects.get(account=account, kind="security.deletion_waits")
    assert "still to be paid" in notice.params["reason"]


def test_whoever_was_excluded_is_known_again_for_a_while(world: World) -> None:
    planted = plant(world, world.ada, world.oscar, "ZqAd", operator=False)
    assert close_standing(world.ada.account, world.olga, "Two accounts.")
    delete(planted.account)
    whole = "\n".join(everything().values())
    assert planted.markers["traces", "digest"] in whole
    assert planted.markers["identity-checks", "document_digest"] in whole
    assert planted.markers["identity-checks", "holder"] not in whole
    assert Worker.objects.get(pk=world.ada.pk).standing == "expelled"


def test_a_suspension_is_not_shortened_by_asking_and_cancelling(world: World) -> None:
    assert suspend(world.ada.account, world.olga, days=30, why="Too many accounts.")
    assert deletion.ask(world.ada.account)
    assert deletion.cancel(world.ada.account)
    assert Worker.objects.get(pk=world.ada.pk).standing == "suspended"


def test_the_trail_keeps_what_was_done_and_forgets_from_where(world: World) -> None:
    account = world.ada.account
    with coming_from(ip="192.0.2.7", agent="Test/1", key="ab12"):
        note("phone.changed", actor=account, account=account, after={"phone": "+39041"})
        moved = {"from_email": account.email, "to_email": "new@example.org"}
        note("email.changed", actor=account, account=account, after=moved)
        note("sessions.ended", actor=world.olga, account=account, after={"ended": 1})
    delete(account)
    actions = ("phone.changed", "email.changed", "sessions.ended")
    own, mail, olgas = Event.objects.filter(action__in=actions).order_by("pk")
    assert (own.actor, own.origin, own.after) == (account.ref, {"key": "ab12"}, {})
    assert (mail.action, mail.after) == ("email.changed", {})
    assert olgas.origin["ip"] == "192.0.2.7", "an operator's own"


def test_nobody_is_deleted_twice_at_once(world: World) -> None:
    assert deletion.ask(world.ada.account)
    number = Deletion.objects.get().pk
    assert deletion.finish(number)
    assert not deletion.finish(number)
    assert Event.objects.filter(action="account.deleted").count() == 1


@pytest.mark.parametrize("who", ["rita", "oscar"])
def test_who_is_no_worker_is_deleted_as_well(world: World, who: str) -> None:
    account: Account = getattr(world, who)
    delete(account)
    assert not Account.objects.get(pk=account.pk).is_active
    assert Deletion.objects.get().ended_at is not None
