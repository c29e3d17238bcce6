"""One-time sign-in links of a demonstration."""

import pytest

from fairhand.kit.decision import Refused
from fairhand.kit.models import Installation
from fairhand.people.links import make_link, redeem_link
from fairhand.people.models import Account, SignInLink
from tests.world import World, rows


def refusal_of(token: str) -> str:
    with pytest.raises(Refused) as refused:
        redeem_link(token)
    return refused.value.refusal.code


def test_a_link_signs_its_account_in_once(world: World) -> None:
    token = make_link(world.rita)
    assert redeem_link(token) == world.rita
    assert refusal_of(token) == "link_spent"


def test_a_link_that_was_never_made_signs_nobody_in(world: World) -> None:
    make_link(world.rita)
    assert refusal_of("guess") == "link_spent"


def test_a_link_grows_old(world: World) -> None:
    token = make_link(world.rita)
    SignInLink.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert refusal_of(token) == "link_spent"


def test_a_link_does_not_sign_a_closed_account_in(world: World) -> None:
    token = make_link(world.rita)
    Account.objects.filter(pk=world.rita.pk).update(is_active=False)
    assert refusal_of(token) == "link_spent"


def test_the_database_does_not_hold_the_token(world: World) -> None:
    token = make_link(world.rita)
    assert token not in str(rows("select * from people_signinlink"))


def test_a_live_installation_has_no_links(world: World) -> None:
    token = make_link(world.rita)
    Installation.objects.update(kind="live")
    assert refusal_of(token) == "live_installation"
    with pytest.raises(Refused):
        make_link(world.rita)
