"""What hinders somebody from deleting their account is told with the way out of it."""

from fairhand.kit.money import Money
from fairhand.ledger.posting import Entry, open_account, post
from fairhand.pay import events
from fairhand.pay.payouts import set_destination, set_payer
from fairhand.people.models import Member, Worker
from fairhand.work.privacy.hindrances import hindrances
from tests.pay.portal_cast import own_site
from tests.world import World

IBAN, PAYER = "DE89370400440532013000", "ES9121000418450200051332"


def earn(worker: Worker, micros: int) -> None:
    bank = open_account("bank:test:EUR", "EUR", may_go_below_zero=True)
    mine = open_account(events.payable(worker.ref, "EUR"), "EUR")
    post([Entry(bank, mine, micros, "EUR", "earn", f"bat_x/1/{worker.ref}")])


def test_whoever_is_owed_hears_on_which_day_it_is_paid(world: World) -> None:
    own_site(calendar="weekly", day=5, currency="EUR", minimum_micros=5_000_000, rails=["sepa"])
    earn(world.ada, 12_000_000)
    set_payer(name="Fairhand", address=PAYER, minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada", address=IBAN)
    (found,) = hindrances(world.ada.account)
    assert (found.refusal.code, found.link) == ("money_payable", "/earnings")
    assert "They are paid on" in str(found.refusal)


def test_less_than_a_cent_hinders_nobody(world: World) -> None:
    earn(world.ada, 9_999)
    assert hindrances(world.ada.account) == []


def test_the_only_owner_hands_over_and_one_of_two_owners_just_goes(world: World) -> None:
    place = Member.objects.create(
        organisation=world.organisation, account=world.oscar, role=Member.Role.VIEWER
    )
    assert [each.refusal.code for each in hindrances(world.rita)] == ["last_owner"]
    Member.objects.filter(pk=place.pk).update(role=Member.Role.OWNER)
    assert hindrances(world.rita) == []
