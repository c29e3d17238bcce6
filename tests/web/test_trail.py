"""Who reads what of the audit trail."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from fairhand.people.audit import TOPICS, coming_from, note
from fairhand.people.models import Account, Duty, Member
from fairhand.people.operators import set_duties
from tests.web.conftest import SignIn
from tests.world import World

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
OLGAS = {"ip": "198.51.100.9", "agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
FORMULA = '=HYPERLINK("http://example.org")'


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.getvalue().decode())


def helped(world: World, **more: Any) -> None:
    """An operator does something for Ada, from her own desk."""
    with coming_from(**OLGAS):
        note("sessions.ended", actor=world.olga, account=world.ada.account, **more)


def test_people_read_what_happened_to_their_account_and_no_others(
    world: World, signed: SignIn
) -> None:
    with coming_from(ip="192.0.2.1", agent=CHROME):
        note("sign_in", actor=world.ada.account, account=world.ada.account)
    with coming_from(ip="192.0.2.2"):
        note("sign_in.failed", actor="system:sign-in", account=world.ben.account)
    text = text_of(signed(world.ada.account), "/account/trail")
    assert "Signed in." in text
    assert "192.0.2.1 · Chrome, Linux" in text
    assert "Mozilla" not in text
    assert "was refused" not in text
    bens = text_of(signed(world.ben.account), "/account/trail")
    assert "192.0.2.2" in bens
    assert "Unknown" in bens
    assert "The installation itself" not in bens
    assert "192.0.2.1" not in bens


def test_an_operators_name_and_address_are_not_for_whom_they_helped(
    world: World, signed: SignIn
) -> None:
    helped(world)
    client = signed(world.ada.account)
    for address in ("/account/trail", "/account/trail.csv", "/account/trail.jsonl"):
        text = text_of(client, address)
        for secret in (world.olga.ref, world.olga.email, *OLGAS.values(), "Firefox"):
            assert secret not in text, address
    assert "An operator" in text_of(client, "/account/trail")


def test_before_and_after_are_told_in_words(world: World, signed: SignIn) -> None:
    set_duties(world.oscar, [Duty.FINANCE], world.olga)
    set_duties(world.oscar, [Duty.QUALITY, Duty.FINANCE], world.olga)
    assert "finance → finance, quality" in text_of(signed(world.oscar), "/account/trail")


def test_no_field_value_or_reference_is_told_as_programs_write_it(
    world: World, signed: SignIn
) -> None:
    rita, place = world.rita, world.organisation
    asked = {"kind": "deposit", "organisation": place.ref, "micros": 2_500_000_000}
    note("approval.asked", actor=rita, after={**asked, "currency": "EUR", "name": place.name})
    note("approval.approved", actor=rita, after={"kind": "expulsion", "asked_by": rita.ref})
    note("factor.added", actor=rita, account=rita, subject="totp")
    note("key.rotated", actor=rita, account=rita, after={"replaced_by": "wxyz"})
    note("batch.funded", actor=rita, organisation=place, after={"reserved": "12.50 EUR"})
    note("sign_in", actor=rita, account=rita, after={"by": ["password", "totp"]})
    note("payer.changed", actor=rita, after={"name": "sent"})
    text = text_of(signed(rita), "/account/trail")
    for words in (
        *("€2,500.00", "Book a deposit", "Exclude an account", "Asked by", "a code from an app"),
        *(
            "New key ends in",
            "€12.50",
            escape(place.name),
            "Password, a code from an app",
            ">sent<",
        ),
    ):
        assert words in text, words
    for raw in ("micros", "asked_by", "replaced_by", ">totp", ">expulsion", rita.ref, place.ref):
        shown = text.replace(f"/trail/{place.ref}", "")
        assert raw not in shown, raw


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_a_topic_shows_its_own_actions_alone(world: World, signed: SignIn, topic: str) -> None:
    for one in TOPICS:
        for action in one.actions:
            note(action, actor=world.ada.account, account=world.ada.account)
    text = text_of(signed(world.ada.account), f"/account/trail?topic={topic}")
    for one in TOPICS:
        for sentence in one.actions.values():
            assert (str(sentence) in text) == (one.name == topic), sentence


def test_a_long_trail_comes_in_pages_and_few_queries(
    world: World, signed: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(120):
        note("sign_in", actor=world.ada.account, account=world.ada.account, subject=f"n{number}.")
    client = signed(world.ada.account)
    with django_assert_max_num_queries(16):
        first = text_of(client, "/account/trail")
    assert "n119." in first
    assert "n10." not in first
    assert "n10." in text_of(client, "/account/trail?page=3")


def test_a_trail_is_taken_home_and_safe_in_a_spreadsheet(world: World, signed: SignIn) -> None:
    helped(world, subject=FORMULA)
    client = signed(world.ada.account)
    rows = list(csv.DictReader(io.StringIO(text_of(client, "/account/trail.csv"))))
    assert rows[-1]["subject"] == f"'{FORMULA}"
    assert rows[-1]["actor"] == "operator"
    lines = [json.loads(line) for line in text_of(client, "/account/trail.jsonl").splitlines()]
    assert lines[-1]["subject"] == FORMULA
    assert lines[-1]["origin"] == {}
    only_keys = text_of(client, "/account/trail.jsonl?topic=keys")
    assert only_keys == ""


def test_owners_read_what_happened_in_their_organisation(world: World, signed: SignIn) -> None:
    member = Account.objects.create_user("mara@example.org", name="Mara")
    Member.objects.create(organisation=world.organisation, account=member, role=Member.Role.MANAGER)
    with coming_from(ip="192.0.2.5", key="ab12"):
        note("key.made", actor=member, account=member, organisation=world.organisation)
    address = f"/requester/trail/{world.organisation.ref}"
    for page in (address, f"{address}.csv", f"{address}.jsonl"):
        text = text_of(signed(world.rita), page)
        assert "192.0.2.5" not in text, "where a member sits is not the owner's to know"
        assert "ab12" in text
        for stranger in (member, world.oscar, world.olga, world.ada.account):
            assert signed(stranger).get(page).status_code in {403, 404}, page
    assert "Mara" in text_of(signed(world.rita), address)
    assert address in text_of(signed(world.rita), "/account/trail")


def test_an_administrator_searches_by_person_action_and_subject(
    world: World, signed: SignIn
) -> None:
    helped(world, subject="needle")
    client = signed(world.olga)
    for asked in (world.ada.account.email.upper(), world.ada.account.ref, "needle"):
        text = text_of(client, f"/operator/trail?q={asked}")
        assert "Other browsers were signed out." in text, asked
        assert OLGAS["ip"] in text
    assert "Other browsers" not in text_of(client, "/operator/trail?q=sign_out")
    assert "Nothing of this kind" in text_of(client, "/operator/trail?q=nobody")
    row = json.loads(text_of(client, "/operator/trail.jsonl?q=needle"))
    assert (row["actor"], row["origin"]) == (world.olga.ref, OLGAS)
    assert text_of(client, "/operator/trail.csv?q=needle").count("\r\n") == 2


@pytest.mark.parametrize(
    "page", ["/operator/trail", "/operator/trail.csv", "/operator/trail.jsonl"]
)
def test_the_whole_trail_is_for_administrators_alone(
    world: World, signed: SignIn, page: str
) -> None:
    set_duties(world.oscar, set(Duty) - {Duty.ADMIN}, world.olga)
    for account in (world.oscar, world.rita, world.ada.account):
        assert signed(account).get(page).status_code == 403


def test_nonsense_in_the_address_bar_finds_nothing_and_breaks_nothing(
    world: World, signed: SignIn
) -> None:
    client = signed(world.olga)
    for query in ("topic=x&page=-1", "q=" + "9" * 500, "topic=%ff"):
        assert client.get(f"/operator/trail?{query}").status_code in {200, 400}
