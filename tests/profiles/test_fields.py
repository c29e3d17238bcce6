"""What can be told, what is refused with which sentence, and how it is said back."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from fairhand.people.profile import choices
from fairhand.people.profile.fields import FIELDS, FOR_GATES, Kind, check, in_order, said

RIGHT: dict[str, Any] = {
    "languages": {"de": "native", "gsw": "C2", "en": "B2"},
    "country": "IT",
    "region": "Südtirol",
    "time_zone": "Europe/Rome",
    "education": "vocational",
    "expertise": ["law", "music"],
    "birth_date": "2000-02-29",
    "devices": ["phone"],
    "accessibility": ["screen_reader"],
    "risks": ["violence"],
}
WRONG: list[tuple[str, Any, str]] = [
    ("languages", {}, "Choose at least one, or go back."),
    ("languages", {"klingon": "B1"}, "“klingon” is not on the list."),
    ("languages", {"mul": "B1"}, "“mul” is not on the list."),
    ("languages", {"de": ""}, "Say how well you know German."),
    ("languages", {"de": "D1"}, "“D1” is not on the list."),
    ("languages", ["de"], "This is not how the field is filled in."),
    ("languages", {"de": 3}, "This is not how the field is filled in."),
    ("languages", dict.fromkeys(choices.OFTEN[:21], "A1"), "You chose 21 languages; keep the 20"),
    ("country", "EU", "“EU” is not on the list."),
    ("country", "it", "“it” is not on the list."),
    ("country", "", "Choose at least one"),
    ("country", ["IT"], "This is not how the field is filled in."),
    ("region", "   ", "Type a name"),
    ("region", "a\nb", "Type a name"),
    ("region", "x" * 81, "This has 81 letters; there is room for 80."),
    ("time_zone", "Europe/Atlantis", "“Europe/Atlantis” is not on the list."),
    ("time_zone", "../../etc/passwd", "is not on the list."),
    ("education", "phd", "“phd” is not on the list."),
    ("expertise", ["law", "magic"], "“magic” is not on the list."),
    ("expertise", "law", "This is not how the field is filled in."),
    ("expertise", [None], "This is not how the field is filled in."),
    ("birth_date", "2001-02-29", "“2001-02-29” is no day of the calendar."),
    ("birth_date", "20000101", "“20000101” is no day of the calendar."),
    ("birth_date", "2999-01-01", "Jan. 1, 2999 is still to come."),
    ("birth_date", "1234-05-06", "May 6, 1234 is more than 120 years ago."),
    ("accessibility", [], "Choose at least one"),
    ("risks", ["everything"], "“everything” is not on the list."),
    ("shoe_size", "42", "A profile has no such field."),
]


def test_the_closed_list_is_the_one_that_was_promised() -> None:
    assert set(RIGHT) == set(FIELDS)
    for field in FIELDS.values():
        assert all(map(str, (field.label, field.question, field.why, field.seen_by)))


def test_no_gate_may_want_to_know_of_health_or_more_than_it_needs() -> None:
    assert set(FIELDS) - set(FOR_GATES) == {"birth_date", "accessibility", "risks"}
    assert not any(FIELDS[name].consent for name in FOR_GATES)


@pytest.mark.parametrize("name", FIELDS)
def test_what_is_right_is_taken_and_said_back(name: str) -> None:
    assert check(name, RIGHT[name]) is None
    for language in ("en", "de", "it", "es"):
        with override(language):
            assert all(said(name, RIGHT[name]))


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_what_is_wrong_is_named(name: str, value: Any, sentence: str) -> None:
    wrong = check(name, value)
    assert wrong is not None
    assert sentence in str(wrong)


def test_nothing_of_a_list_is_an_answer_where_that_says_something() -> None:
    for name in ("risks", "devices", "expertise"):
        assert check(name, []) is None
        assert said(name, []) == ["none of these"]


def test_several_are_kept_once_and_in_the_order_of_their_list() -> None:
    assert in_order("risks", ["hate", "violence", "hate"]) == ["violence", "hate"]
    assert in_order("region", "  Wien ") == "Wien"


def test_lists_are_in_the_readers_language() -> None:
    with override("de"):
        assert said("country", "IT") == ["Italien"]
        assert said("languages", {"it": "B1"}) == ["Italienisch (B1)"]
        first = FIELDS["country"].choices()[0][1][0]
    assert first == ("AF", "Afghanistan")


def test_every_offered_code_is_one_that_is_taken() -> None:
    for name, field in FIELDS.items():
        for _heading, pairs in field.choices():
            for code, label in pairs:
                assert label
                value: Any = {code: "B1"} if field.kind == Kind.LANGUAGES else code
                assert check(name, [code] if field.kind == Kind.MANY else value) is None


def test_the_standards_are_kept() -> None:
    countries = dict(choices.countries()[0][1])
    assert len(countries) == 249 + 1  # all of ISO 3166, and Kosovo
    zones = [zone for _area, pairs in choices.time_zones() for zone, _city in pairs]
    assert len(zones) > 400
    assert all(map(ZoneInfo, zones))


def test_the_zones_of_ones_country_come_first() -> None:
    heading, pairs = choices.time_zones("PT")[0]
    assert heading == "In your country"
    assert {zone for zone, _city in pairs} == {
        "Europe/Lisbon",
        "Atlantic/Azores",
        "Atlantic/Madeira",
    }
    assert choices.time_zones("XX") == choices.time_zones()
