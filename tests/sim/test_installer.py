"""Doors that only demonstrations and replays have, and the money that leaves through no bank."""

import pytest
from django.urls import resolve
from tests.world import World, count

from fairhand.kit.decision import Refused
from fairhand.kit.models import Installation
from fairhand.pay.models import Destination
from fairhand.pay.providers.sepa import check_iban
from fairhand.people.keys import issue_key
from fairhand.people.links import make_link
from fairhand.people.models import Account, ApiKey, SignInLink
from fairhand.sim import installer


@pytest.fixture
def live(world: World) -> World:
    Installation.objects.update(kind=Installation.Kind.LIVE)
    return world


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda refusal: refusal.refusal.code == code)


def test_a_live_installation_has_no_simulated_workers(live: World) -> None:
    people, keys = count("people_account"), count("people_apikey")
    with refused("live_installation"):
        installer.make_hands(["Ada", "Ben"])
    assert (count("people_account"), count("people_apikey")) == (people, keys)


def test_a_live_installation_has_no_workers_keys(live: World) -> None:
    with refused("live_installation"):
        issue_key(live.ada.account, name="robot", scopes=["work"])
    assert not ApiKey.objects.exists()


def test_a_live_installation_has_no_sign_in_links(live: World) -> None:
    with refused("live_installation"):
        installer.sign_in_link("http://127.0.0.1:8000", live.olga)
    assert not SignInLink.objects.exists()


@pytest.mark.parametrize("kind", ["demo", "replay"])
def test_a_database_that_was_only_migrated_is_live(db: None, kind: str) -> None:
    with refused("another_kind"):
        installer.begin(kind)
    assert Installation.objects.get().kind == "live"


@pytest.mark.parametrize("kind", ["demo", "replay"])
def test_a_live_installation_is_not_turned_into_a_simulation(live: World, kind: str) -> None:
    with refused("another_kind"):
        installer.begin(kind)
    assert Installation.objects.get().kind == "live"


def test_a_demonstration_that_is_one_already_goes_on(world: World) -> None:
    installer.begin("demo")
    assert Installation.objects.get().kind == "demo"


def test_simulated_workers_have_a_key_a_destination_and_no_password(world: World) -> None:
    hands = installer.make_hands(["Ada Lindqvist", "Bruno Ferri"])
    assert [hand.worker.account.name for hand in hands] == ["Ada Lindqvist", "Bruno Ferri"]
    for hand in hands:
        account = Account.objects.get(pk=hand.worker.pk)
        assert not account.has_usable_password()
        assert Destination.objects.get(worker=hand.worker).holder == account.name
        assert ApiKey.objects.get(account=account).scopes == ["work"]
    assert len({hand.key for hand in hands}) == 2


def test_account_numbers_are_right_different_and_of_no_bank() -> None:
    numbers = [installer.account_number(n) for n in range(1000)]
    assert len(set(numbers)) == 1000
    assert all(check_iban(number) for number in numbers)
    assert all(number[4:12] == installer.BANK_CODE for number in numbers)


def test_a_sign_in_link_leads_to_the_page_that_redeems_it(world: World) -> None:
    link = installer.sign_in_link("http://127.0.0.1:8000", world.olga)
    found = resolve(link.removeprefix("http://127.0.0.1:8000"))
    assert found.url_name == "enter"
    assert make_link(world.olga) != found.kwargs["token"]
