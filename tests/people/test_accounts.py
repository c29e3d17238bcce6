"""Making people and organisations."""

import pytest
from django.db import IntegrityError, transaction

from fairhand.people.accounts import make_operator, make_organisation, make_worker
from fairhand.people.models import Account, Member, Operator, Worker
from tests.world import World, count

pytestmark = pytest.mark.django_db


def test_a_worker_is_known_by_a_pseudonym() -> None:
    worker = make_worker("Eve@Example.org", name="Eve", password="a long password")
    assert worker.ref.startswith("wrk_")
    assert "eve" not in worker.ref.lower()
    assert worker.account.check_password("a long password")
    assert worker.standing == Worker.Standing.ACTIVE


def test_an_address_belongs_to_one_account_however_it_is_written() -> None:
    make_worker("eve@example.org")
    before = count("people_account"), count("people_worker")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_worker("EVE@example.ORG")
    assert (count("people_account"), count("people_worker")) == before


def test_an_account_without_a_password_cannot_sign_in_with_one() -> None:
    account = make_worker("eve@example.org").account
    assert not account.has_usable_password()
    assert not account.check_password("")


def test_addresses_are_found_in_any_writing() -> None:
    account = make_worker("eve@example.org").account
    assert Account.objects.get_by_natural_key("EVE@example.org") == account
    with pytest.raises(Account.DoesNotExist):
        Account.objects.get_by_natural_key(None)


def test_an_organisation_begins_with_its_owner(world: World) -> None:
    organisation = make_organisation("Owls", world.oscar)
    member = Member.objects.get(organisation=organisation)
    assert (member.account, member.role) == (world.oscar, Member.Role.OWNER)


def test_making_somebody_an_operator_twice_is_making_them_one_once(world: World) -> None:
    assert make_operator(world.olga) == make_operator(world.olga)
    assert Operator.objects.filter(account=world.olga).count() == 1
