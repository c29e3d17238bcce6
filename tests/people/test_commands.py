"""`fairhand account` and `fairhand key`: the door of an empty installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from fairhand.people.accounts import make_organisation
from fairhand.people.keys import authenticate
from fairhand.people.models import Account, Member, Operator, Organisation, Session, Worker
from tests.world import World, count

pytestmark = pytest.mark.django_db
EVE = "eve@example.org"
GOOD = "a long sentence of eve"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What stands on standard input; empty until a test writes it."""
    text = io.StringIO()
    monkeypatch.setattr("sys.stdin", text)
    return text


def run(*words: str) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue().strip()


def type_in(typed: io.StringIO, password: str) -> None:
    typed.seek(0)
    typed.truncate()
    typed.write(password + "\n")
    typed.seek(0)


def test_the_first_operator_is_made_with_a_password_from_standard_input(typed: io.StringIO) -> None:
    type_in(typed, GOOD)
    assert run("account", "Eve@Example.org", "--operator", "--name", "Eve") == f"{EVE}: operator"
    eve = Account.objects.get(email=EVE)
    assert (eve.name, eve.check_password(GOOD)) == ("Eve", True)
    assert Operator.objects.filter(account=eve).exists()


@pytest.mark.parametrize("password", ["short", "", "eve@example.org", "password1234"])
def test_a_bad_password_makes_nothing(typed: io.StringIO, password: str) -> None:
    type_in(typed, password)
    with pytest.raises(CommandError):
        run("account", EVE, "--operator", "--worker", "--organisation", "Owls")
    assert not Account.objects.filter(email=EVE).exists()
    assert (count("people_operator"), count("people_worker")) == (0, 0)
    assert count("people_organisation") == 0


def test_an_address_that_is_none_makes_nothing(typed: io.StringIO) -> None:
    type_in(typed, GOOD)
    with pytest.raises(CommandError, match="valid email"):
        run("account", "eve", "--operator")
    assert count("people_account") == 0


def test_a_second_call_adds_duties_without_asking(typed: io.StringIO) -> None:
    type_in(typed, GOOD)
    assert run("account", EVE) == f"{EVE}: an account without duties"
    type_in(typed, "never read, and not " + GOOD)
    said = run("account", EVE, "--worker", "--organisation", "Owls")
    eve = Account.objects.get(email=EVE)
    assert typed.tell() == 0
    assert eve.check_password(GOOD)
    owls = Organisation.objects.get(name="Owls")
    assert said == f"{EVE}: worker {eve.worker.ref}, owner of Owls, {owls.ref}"
    assert Member.objects.get(account=eve).role == Member.Role.OWNER
    run("account", EVE, "--worker")
    assert Worker.objects.filter(account=eve).count() == 1


def test_a_new_password_is_set_only_when_asked_for_and_ends_all_sessions(
    world: World, typed: io.StringIO
) -> None:
    ada = world.ada.account
    Session.objects.create(
        session_key="s", account=ada, session_data="", expire_date="2100-01-01T00:00Z"
    )
    type_in(typed, "short")
    with pytest.raises(CommandError, match="at least 12"):
        run("account", ada.email, "--new-password")
    assert Session.objects.filter(account=ada).exists()
    type_in(typed, GOOD)
    run("account", ada.email, "--new-password")
    ada.refresh_from_db()
    assert ada.check_password(GOOD)
    assert not Session.objects.filter(account=ada).exists()


def test_a_members_key_opens_what_was_asked_for(world: World) -> None:
    found = authenticate(run("key", world.rita.email.upper(), "--name", "etl"))
    assert found is not None
    assert (found.account, found.organisation) == (world.rita, world.organisation)
    assert found.name == "etl"
    assert found.scopes == ["money:read", "projects:read", "projects:write", "results:read"]
    narrow = authenticate(run("key", world.rita.email, "--scope", "results:read"))
    assert narrow is not None
    assert narrow.scopes == ["results:read"]


def test_an_unknown_account_gets_no_key(world: World) -> None:
    with pytest.raises(CommandError, match="no such account"):
        run("key", "nobody@example.org")
    assert count("people_apikey") == 0


def test_one_of_several_organisations_has_to_be_named(world: World) -> None:
    second = make_organisation("Owls", world.rita)
    with pytest.raises(CommandError, match="Name one organisation"):
        run("key", world.rita.email)
    found = authenticate(run("key", world.rita.email, "--organisation", second.ref))
    assert found is not None
    assert found.organisation == second


def test_a_key_is_only_for_ones_own_organisation(world: World) -> None:
    for words in ((world.olga.email,), (world.rita.email, "--organisation", "org_none")):
        with pytest.raises(CommandError, match="Name one organisation"):
            run("key", *words)
    with pytest.raises(CommandError, match="Name one organisation"):
        run("key", world.rita.email, "--organisation", world.other_organisation.ref)
    assert count("people_apikey") == 0
