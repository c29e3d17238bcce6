"""Passwords: chosen anew by mail, changed, and what is said when that fails."""

import re

from django.test import Client

from tests.api.test_turn import OURS, Answer, with_session
from tests.signin.conftest import mail_to
from tests.web.conftest import SignIn
from tests.world import World


def test_a_forgotten_password_is_chosen_anew(world: World) -> None:
    client = Client(headers={"accept-language": "en"})
    response = client.post("/accounts/password/reset/", {"email": world.ada.account.email})
    assert response["Location"] == "/accounts/password/reset/done/"
    assert b"Look into your mail" in client.get(response["Location"]).content
    link = re.search(
        r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", mail_to(world.ada.account.email)
    )
    assert link is not None
    page = client.get(link[1], follow=True)
    assert b"Choose a new password" in page.content
    target = page.redirect_chain[-1][0]
    values = {"password1": "a very different sentence", "password2": "a very different sentence"}
    done = client.post(target, values, follow=True)
    assert b"Your new password holds" in done.content
    again = Client(headers={"accept-language": "en"}).get(link[1])
    assert b"used up or too old" in again.content
    world.ada.account.refresh_from_db()
    assert world.ada.account.check_password("a very different sentence")


def test_a_stranger_learns_nothing_about_who_has_an_account(world: World) -> None:
    client = Client()
    known = client.post("/accounts/password/reset/", {"email": world.ada.account.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_password_is_changed(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    values = {
        "oldpassword": "ada's long password",
        "password1": "short",
        "password2": "short",
    }
    refused = client.post("/accounts/password/change/", values)
    assert b"at least 12 characters" in refused.content
    new = "quite another sentence"
    client.post("/accounts/password/change/", {**values, "password1": new, "password2": new})
    world.ada.account.refresh_from_db()
    assert world.ada.account.check_password(new)


def test_changing_the_password_signs_every_other_browser_out(world: World, signed: SignIn) -> None:
    """The hot address too, which knows sessions by their row alone."""
    batch, other = world.batch(), with_session(world.ada.account)
    bens, mine = with_session(world.ben.account), signed(world.ada.account)
    assert Answer(batch, **other, **OURS).status == 200
    new = "quite another sentence"
    values = {"oldpassword": "ada's long password", "password1": new, "password2": new}
    mine.post("/accounts/password/change/", values)
    Answer(batch, **other, **OURS).is_refused(401, "not_signed_in")
    assert mine.get("/work").status_code == 200
    cookie = f"fairhand={mine.cookies['fairhand'].value}"
    assert Answer(batch, **OURS, HTTP_COOKIE=cookie).status == 200
    assert Answer(batch, **OURS, **bens).status == 200


def test_a_password_chosen_anew_by_mail_signs_every_browser_out(world: World) -> None:
    batch, thief = world.batch(), with_session(world.ada.account)
    client = Client()
    client.post("/accounts/password/reset/", {"email": world.ada.account.email})
    link = re.search(r"http://127.0.0.1:8000(/accounts/\S+)", mail_to(world.ada.account.email))
    assert link is not None
    target = client.get(link[1], follow=True).redirect_chain[-1][0]
    new = "a very different sentence"
    client.post(target, {"password1": new, "password2": new})
    Answer(batch, **thief, **OURS).is_refused(401, "not_signed_in")


def test_a_wrong_password_is_refused_in_one_sentence(world: World) -> None:
    client = Client(headers={"accept-language": "en"})
    values = {"login": world.ada.account.email, "password": "wrong"}
    response = client.post("/accounts/login/", values)
    assert b'role="alert"' in response.content
    assert "_auth_user_id" not in client.session


def test_who_is_signed_out_reads_how_to_sign_out_first(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    assert b"Sign out?" in client.get("/accounts/logout/").content
    client.post("/accounts/logout/")
    assert client.get("/work").status_code == 302


def test_closed_accounts_and_closed_sign_up_say_so(world: World) -> None:
    client = Client(headers={"accept-language": "en"})
    assert b"This account is closed" in client.get("/accounts/inactive/").content
    assert b"made by the operator" in client.get("/accounts/signup/").content


def test_who_has_no_password_chooses_one(world: World, signed: SignIn) -> None:
    account = world.ben.account
    account.set_unusable_password()
    account.save()
    client = signed(account)
    response = client.get("/accounts/password/change/", follow=True)
    assert b"Choose a password" in response.content
    new = "a sentence of my own"
    client.post("/accounts/password/set/", {"password1": new, "password2": new})
    account.refresh_from_db()
    assert account.check_password(new)
