"""The pages of a profile and of consents: asked with a reason, kept or refused, led back."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from fairhand.people import consents, profile
from fairhand.people.devices import seen
from fairhand.people.models import Consent, IdentityCheck, IdentityState, Portal, PortalMember
from fairhand.people.profile import facts_of
from fairhand.people.profile.fields import FIELDS
from fairhand.projects.models import Batch
from tests.web.conftest import SignIn
from tests.world import World, count

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "profile",
    "\t//evil.example",
)


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return html.unescape(response.content.decode())


def save(client: Client, name: str, values: dict[str, Any], query: str = "") -> str:
    """Save a field, and say where that leads."""
    response = client.post(f"/profile/{name}{query}", values)
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def age_wanted(world: World) -> Batch:
    batch = world.batch()
    Batch.objects.filter(pk=batch.pk).update(gates=["age:18"])
    return batch


def test_the_list_says_of_each_field_why_and_who_sees_it(world: World, signed: SignIn) -> None:
    page = text_of(signed(world.ada.account), "/profile")
    for name, field in FIELDS.items():
        shown = name != "birth_date"
        assert (f'href="/profile/{name}"' in page) == shown
        assert (str(field.why) in page) == shown
        assert str(field.seen_by) in page
    assert page.count("not told") == len(FIELDS) - 1
    assert "Withdraw" not in page


def test_what_was_told_is_listed_changed_and_withdrawn(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    assert save(client, "country", {"value": "IT"}) == "/profile"
    assert "Italy" in text_of(client, "/profile")
    assert '<option value="IT" selected>' in text_of(client, "/profile/country")
    save(client, "country", {"value": "AT"})
    assert "Austria" in text_of(client, "/profile")
    assert save(client, "country", {"withdraw": "1"}) == "/profile"
    assert "Austria" not in text_of(client, "/profile")
    assert facts_of(world.ada) == {}


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"birth_date"}))
def test_each_field_has_a_page_that_asks_and_says_why(
    world: World, signed: SignIn, name: str
) -> None:
    page = text_of(signed(world.ada.account), f"/profile/{name}")
    assert str(FIELDS[name].question) in page
    assert str(FIELDS[name].why) in page
    assert str(FIELDS[name].seen_by) in page


def test_languages_are_added_one_by_one_and_taken_away(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    again = {"language": "it", "level": "native", "again": "1"}
    assert save(client, "languages", again, "?next=/work") == "/profile/languages?next=/work"
    more = {"level-it": "native", "language": "de", "level": "B2", "next": "/work"}
    assert save(client, "languages", more) == "/work"
    assert facts_of(world.ada)["languages"] == {"it": "native", "de": "B2"}
    save(client, "languages", {"level-it": "gone", "level-de": "C1", "language": "", "level": ""})
    assert facts_of(world.ada)["languages"] == {"de": "C1"}


def test_several_are_chosen_or_none(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    save(client, "risks", {"value": ["hate", "violence"]})
    assert facts_of(world.ada)["risks"] == ["violence", "hate"]
    assert text_of(client, "/profile/risks").count("checked") == 2
    save(client, "risks", {})
    assert facts_of(world.ada)["risks"] == []
    assert "none of these" in text_of(client, "/profile")


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("country", {"value": "EU"}, "“EU” is not on the list."),
        ("languages", {"language": "de", "level": "Z9"}, "“Z9” is not on the list."),
        ("risks", {"value": ["<script>"]}, "“<script>” is not on the list."),
        ("region", {"value": "x" * 81}, "This has 81 letters"),
        ("accessibility", {"value": ["one_hand"]}, "This field is required."),
    ],
)
def test_a_wrong_value_is_said_at_its_place_and_nothing_is_kept(
    world: World, signed: SignIn, name: str, values: dict[str, Any], sentence: str
) -> None:
    before = count("people_event")
    response = signed(world.ada.account).post(f"/profile/{name}", values)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in html.unescape(page)
    assert "<script>”" not in page
    assert (count("people_profilefact"), count("people_event")) == (0, before)


def test_health_is_told_with_the_words_that_were_read(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    page = text_of(client, "/profile/accessibility")
    assert "article 9" in page
    assert str(consents.PURPOSES["health"].text) in page
    found = re.search(r'name="words" value="(\w+)"', page)
    assert found is not None
    values = {"value": ["one_hand"], "agreed": "on"}
    response = client.post("/profile/accessibility", values | {"words": "other"})
    assert "The text was changed after you opened this page." in response.content.decode()
    assert count("people_consent") == 0
    save(client, "accessibility", values | {"words": found[1]})
    assert Consent.objects.get().purpose == "health"
    assert 'name="agreed"' not in text_of(client, "/profile/accessibility")


def test_a_birth_date_is_asked_only_where_somebody_needs_it(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    assert "Nobody asks for your date of birth now." in text_of(client, "/profile/birth_date", 409)
    assert client.post("/profile/birth_date", {"value": "1990-01-01"}).status_code == 409
    assert facts_of(world.ada) == {}
    batch = age_wanted(world)
    assert 'href="/profile/birth_date"' in text_of(client, "/profile")
    save(client, "birth_date", {"value": "1990-01-01"})
    Batch.objects.filter(pk=batch.pk).update(gates=[])
    assert "Jan. 1, 1990" in text_of(client, "/profile"), "it can still be changed and withdrawn"
    save(client, "birth_date", {"withdraw": "1"})
    assert "birth_date" not in text_of(client, "/profile")


def test_a_portal_that_one_joined_asks_for_it(world: World, signed: SignIn) -> None:
    gates = ["email", "age:16"]
    portal = Portal.objects.create(slug="one", name="One", host="one.example.org", gates=gates)
    client = signed(world.ada.account)
    text_of(client, "/profile/birth_date", 409)
    PortalMember.objects.create(portal=portal, worker=world.ada)
    assert "When were you born?" in text_of(client, "/profile/birth_date")


def test_a_document_that_says_it_leaves_nothing_to_ask(world: World, signed: SignIn) -> None:
    age_wanted(world)
    state = IdentityState.VERIFIED
    IdentityCheck.objects.create(
        worker=world.ada, state=state, provider="manual", birth_date="2020-01-01"
    )
    client = signed(world.ada.account)
    text_of(client, "/profile/birth_date", 409)
    assert "known from the document that you showed" in text_of(client, "/profile")


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_led_to_another_site(world: World, signed: SignIn, address: str) -> None:
    client = signed(world.ada.account)
    assert save(client, "country", {"value": "IT", "next": address}) == "/profile"
    page = client.get("/profile/country", {"next": address}).content.decode()
    assert 'class="back" href="/profile"' in page
    assert 'name="next" value="' + html.escape(address) not in page


def test_a_gate_leads_here_and_back(world: World, signed: SignIn) -> None:
    page = text_of(signed(world.ada.account), "/profile/country?next=/work/bat_1%3Fa=b")
    assert '<input type="hidden" name="next" value="/work/bat_1?a=b">' in page
    client = signed(world.ada.account)
    assert save(client, "country", {"value": "IT", "next": "/work/bat_1?a=b"}) == "/work/bat_1?a=b"


def test_a_consent_is_read_given_and_taken_back(world: World, signed: SignIn) -> None:
    client = signed(world.ada.account)
    page = text_of(client, "/consents/photos?next=/work")
    assert str(consents.PURPOSES["photos"].text) in page
    assert str(consents.PURPOSES["photos"].without) in page
    values = {"words": consents.digest_of("photos", "en"), "next": "/work"}
    response = client.post("/consents/photos", values | {"words": ""})
    assert response["Location"] == "/consents/photos"
    assert count("people_consent") == 0
    response = client.post("/consents/photos", values)
    assert response["Location"] == "/work"
    assert "You agreed" in text_of(client, "/consents/photos")
    assert "agreed" in text_of(client, "/profile")
    client.post("/consents/photos", {"withdraw": "1"})
    assert consents.standing(world.ada.account) == {}
    assert "I agree" in text_of(client, "/consents/photos")


def test_nobody_reads_or_changes_what_another_told(world: World, signed: SignIn) -> None:
    profile.tell(world.ada, "region", "Gramatneusiedl")
    seen(world.ada.account, "m1", "Mozilla/5.0 (iPhone) Mobile Safari")
    assert "iPhone" in text_of(signed(world.ada.account), "/profile")
    client = signed(world.ben.account)
    page = text_of(client, "/profile")
    assert "Gramat" not in page
    assert "iPhone" not in page
    save(client, "region", {"withdraw": "1"})
    assert facts_of(world.ada) == {"region": "Gramatneusiedl"}


def test_what_does_not_exist_and_who_does_not_work_hear_so(world: World, signed: SignIn) -> None:
    ada, rita = signed(world.ada.account), signed(world.rita)
    assert "A profile has no such field." in text_of(ada, "/profile/shoe_size", 404)
    assert "Nobody asks for such a consent." in text_of(ada, "/consents/everything", 404)
    assert "This page is for workers." in text_of(rita, "/profile", 403)
    assert "This page is for workers." in text_of(rita, "/profile/country", 403)
    assert "Profile" not in text_of(rita, "/account")
    assert 'href="/profile"' in text_of(ada, "/account")
    assert ada.put("/profile/country").status_code == 405
