"""AU-2: recovery codes work once each, and nothing leads round the second factor."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from fairhand.people.models import Account, Event, Notice
from tests.signin.conftest import Clock, enter, give_app, is_in, mail_to
from tests.signin.test_app_codes import SECOND, at_once, second
from tests.world import World


def codes_of(account: Account) -> list[str]:
    kept = Authenticator.objects.get(user=account, type="recovery_codes")
    codes: list[str] = kept.wrap().get_unused_codes()
    return codes


def test_each_recovery_code_signs_in_once_and_its_owner_is_told(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    code, other = codes_of(live.oscar)[:2]
    client = enter(live.oscar)
    client.post(SECOND, {"code": code})
    assert b"9 are left" in client.get("/account").content
    assert not second(enter(live.oscar), code)
    assert second(enter(live.oscar), other)
    told = Notice.objects.filter(account=live.oscar, kind="security.recovery_code_used")
    assert told.count() == 2


def test_recovery_codes_are_sealed(live: World) -> None:
    give_app(live.oscar)
    kept = Authenticator.objects.get(user=live.oscar, type="recovery_codes")
    assert not any(code in str(kept.data) for code in codes_of(live.oscar))


def test_of_fifty_at_once_with_one_recovery_code_one_gets_in(
    committed_live: World, clock: Clock
) -> None:
    give_app(committed_live.oscar)
    code = codes_of(committed_live.oscar)[0]
    kept = [Authenticator.objects.get(user=committed_live.oscar, type="recovery_codes")] * 50
    found = at_once(50, lambda number: kept[number].wrap().validate_code(code))
    assert found.count(True) == 1


def test_new_codes_end_the_old_ones(
    live: World, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    give_app(live.oscar)
    old = codes_of(live.oscar)
    client = enter(live.oscar)
    assert second(client, old[0])
    client.post("/accounts/again/", {"password": "oscar's long password"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/second/codes/new/")
    assert set(old).isdisjoint(codes_of(live.oscar))
    assert not second(enter(live.oscar), old[1])
    assert Event.objects.filter(action="recovery_codes.made").count() == 1


def test_a_new_password_by_mail_does_not_lead_round_it(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    client = Client(headers={"accept-language": "en"})
    client.post("/accounts/password/reset/", {"email": live.oscar.email})
    told = mail_to(live.oscar.email)
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", told)
    assert link is not None
    target = client.get(link[1], follow=True).redirect_chain[-1][0]
    new = "a very different sentence"
    client.post(target, {"password1": new, "password2": new})
    assert not is_in(client)
    assert not is_in(enter(live.oscar, new, client))


@pytest.mark.parametrize("remember", ["", "on"])
def test_a_remembered_browser_is_asked_for_it_again(
    live: World, clock: Clock, remember: str
) -> None:
    give_app(live.oscar)
    client = enter(live.oscar)
    assert second(client, codes_of(live.oscar)[0])
    client.post("/accounts/logout/")
    values = {"login": live.oscar.email, "password": "oscar's long password"}
    client.post("/accounts/login/", {**values, "remember": remember})
    assert not is_in(client)


@pytest.mark.parametrize("scheme", ["Basic b3NjYXI6eA==", "Bearer x", "Token x"])
def test_no_header_signs_in_to_pages(live: World, scheme: str) -> None:
    client = Client(headers={"authorization": scheme})
    assert client.get("/account").status_code == 302
