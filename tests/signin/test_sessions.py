"""SE-1 to SE-3, and the list of browsers that a worried person looks at."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fairhand.people.accounts import change_password
from fairhand.people.models import Account, Event, Notice, Session
from fairhand.people.standing import sign_out_everywhere
from fairhand.work.standing import expel
from tests.signin.conftest import STEP, Clock, code_at, enter, give_app, is_in, mail_to
from tests.test_configuration import Start, start
from tests.world import World

__all__ = ["start"]
NEW = "quite another sentence"
ENDS: dict[str, Callable[[World], Any]] = {
    "a new password": lambda live: change_password(live.oscar, NEW),
    "signing out everywhere": lambda live: sign_out_everywhere(live.oscar, live.olga),
    "exclusion": lambda live: expel(live.oscar, live.olga, "why"),
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_a_session_from_before_signing_in_is_not_the_one_after(live: World) -> None:
    client = Client()
    client.get("/accounts/passkey/", headers={"accept": "application/json"})
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    enter(live.oscar, client=client)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert before != after
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/account").status_code == 302


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(live: World) -> None:
    client = enter(live.oscar)
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert thief.get("/account").status_code == 302


def test_a_new_password_ends_every_session_at_once(live: World) -> None:
    clients = [enter(live.oscar), enter(live.oscar)]
    change_password(live.oscar, "quite another sentence")
    assert [client.get("/account").status_code for client in clients] == [302, 302]


@pytest.mark.parametrize("end", ENDS)
def test_a_half_finished_sign_in_ends_with_the_others(live: World, clock: Clock, end: str) -> None:
    """Whoever knows the old password and waits for a code gets nowhere with it."""
    give_app(live.oscar)
    thief = enter(live.oscar)
    assert Session.objects.get(pending=live.oscar).account is None
    ENDS[end](live)
    thief.post("/accounts/second/", {"code": code_at(STEP)})
    assert not is_in(thief)
    assert not Session.objects.filter(pending=live.oscar).exists()


def test_a_half_finished_sign_in_is_no_browser_that_is_in(live: World, clock: Clock) -> None:
    give_app(live.oscar)
    mine = enter(live.oscar)
    mine.post("/accounts/second/", {"code": code_at(STEP)})
    thief = enter(live.oscar)
    assert is_in(mine)
    assert not re.findall(r'name="browser"', mine.get("/account/browsers").content.decode())
    mine.post("/account/browsers/end")
    assert not Session.objects.filter(pending=live.oscar).exists()
    thief.post("/accounts/second/", {"code": code_at(STEP + 1)})
    assert not is_in(thief)
    assert mine.get("/account").status_code == 200


def test_whoever_forgot_the_password_half_way_resets_it_in_the_same_browser(live: World) -> None:
    give_app(live.oscar)
    client = enter(live.oscar)
    client.post("/accounts/password/reset/", {"email": live.oscar.email})
    link = re.search(r"/accounts/password/reset/key/\S+", mail_to(live.oscar.email))
    assert link is not None
    form = client.get(link[0], follow=True).redirect_chain[-1][0]
    done = client.post(form, {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    assert not is_in(client)
    assert Account.objects.get(pk=live.oscar.pk).check_password(NEW)


@pytest.mark.parametrize("end", ["a new password", "signing out everywhere"])
def test_a_browser_is_known_no_longer_once_sessions_were_ended(live: World, end: str) -> None:
    """Or who kept its cookie would guess on in its name, and come in without a notice."""
    client = enter(live.oscar)
    told = Notice.objects.filter(account=live.oscar, kind="security.new_browser")
    client.post("/accounts/logout/")
    enter(live.oscar, client=client)
    assert told.count() == 1
    ENDS[end](live)
    enter(live.oscar, NEW if end == "a new password" else "", client=client)
    assert is_in(client)
    assert told.count() == 2


def test_a_closed_account_is_out_within_one_request(live: World) -> None:
    client = enter(live.oscar)
    type(live.oscar).objects.filter(pk=live.oscar.pk).update(is_active=False)
    assert client.get("/account").status_code == 302


def test_cookies_are_sealed_off_where_there_is_https(start: Start) -> None:
    found = start(BASE_URL="https://work.example.org", HOSTS="work.example.org")
    for what in ("SESSION", "CSRF"):
        assert found[f"{what}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{what}_COOKIE_SECURE"]
        assert found[f"{what}_COOKIE_HTTPONLY"]
        assert found[f"{what}_COOKIE_SAMESITE"] == "Lax"
    assert found["LANGUAGE_COOKIE_SECURE"]


def test_every_cookie_that_signing_in_sets_is_kept_from_scripts(live: World) -> None:
    client = enter(live.oscar)
    client.get("/account")
    assert {"fairhand", "fairhand-known", "fairhand-language"} <= client.cookies.keys()
    for name, cookie in client.cookies.items():
        if not cookie.value:
            continue  # taken back
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


def test_the_token_of_a_mail_does_not_stay_in_the_address(live: World) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": live.oscar.email})
    link = re.search(
        r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", mail_to(live.oscar.email)
    )
    assert link is not None
    chain = client.get(link[1], follow=True).redirect_chain
    assert chain
    assert link[1].rsplit("-", 1)[1].strip("/") not in chain[-1][0]


def test_a_session_knows_from_where_and_when(live: World) -> None:
    client = enter(live.oscar, REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT=FIREFOX)
    row = Session.objects.get(account=live.oscar)
    assert (row.ip, row.agent) == ("198.51.100.7", FIREFOX)
    assert row.seen_at is not None
    began = row.created_at
    client.session["x"] = 1
    client.get("/account")
    row.refresh_from_db()
    assert row.created_at == began
    event = Event.objects.get(action="sign_in", account=live.oscar.ref)
    assert event.origin == {"ip": "198.51.100.7", "agent": FIREFOX}


def test_forged_forwarding_headers_change_nothing(live: World) -> None:
    enter(live.oscar, HTTP_X_FORWARDED_FOR="203.0.113.5", REMOTE_ADDR="198.51.100.7")
    assert Session.objects.get(account=live.oscar).ip == "198.51.100.7"


def test_behind_a_proxy_the_last_address_counts(live: World, settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    enter(live.oscar, HTTP_X_FORWARDED_FOR="203.0.113.5, 192.0.2.44", REMOTE_ADDR="127.0.0.1")
    assert Session.objects.get(account=live.oscar).ip == "192.0.2.44"


def test_one_signs_other_browsers_out(live: World) -> None:
    mine = enter(live.oscar, HTTP_USER_AGENT=FIREFOX)
    other, third = enter(live.oscar), enter(live.oscar)
    page = mine.get("/account/browsers").content.decode()
    assert "Firefox, Linux" in page
    numbers = re.findall(r'name="browser" value="([0-9a-f]{16})"', page)
    assert len(numbers) == 2
    mine.post("/account/browsers/end", {"browser": numbers[0]})
    statuses = sorted(client.get("/account").status_code for client in (other, third))
    assert statuses == [200, 302]
    mine.post("/account/browsers/end")
    statuses = [client.get("/account").status_code for client in (mine, other, third)]
    assert statuses == [200, 302, 302]
    assert Event.objects.filter(action="sessions.ended").count() == 2


def test_nobody_ends_the_browsers_of_others(live: World) -> None:
    oscars, ritas = enter(live.oscar), enter(live.rita)
    enter(live.rita)
    page = ritas.get("/account/browsers").content.decode()
    (number,) = re.findall(r'name="browser" value="([0-9a-f]{16})"', page)
    oscars.post("/account/browsers/end", {"browser": number})
    oscars.post("/account/browsers/end")
    assert Session.objects.filter(account=live.rita).count() == 2
    assert is_in(oscars)


def test_the_page_shows_no_session_key(live: World) -> None:
    client = enter(live.oscar)
    enter(live.oscar)
    page = client.get("/account/browsers").content.decode()
    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in page]
