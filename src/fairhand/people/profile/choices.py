"""The closed lists that a profile is told from: codes that stay, and names in one's language.

Languages are ISO 639 codes and countries ISO 3166 codes, time zones those of the IANA; all named by
Unicode's CLDR (through Babel). The other lists are our own: a code, once told, keeps its meaning.
"""

from collections.abc import Callable, Iterable
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

Pairs = list[tuple[str, str]]
Groups = list[tuple[str, Pairs]]  # by heading; a list without groups has one whose heading is ""
Choices = Callable[[], Groups]
NO_LANGUAGE = frozenset({"mul", "zxx", "und", "mis"})  # several, none, unknown, any other
# Codes of two letters that CLDR uses beside those of ISO 3166: unions, islands of others, tests.
# XK stays: Kosovo has no code of its own yet, and people live there.
NO_COUNTRY = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
AREAS: dict[str, str | Promise] = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}
OFTEN = (
    *("ar", "bn", "de", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt"),
    *("ro", "ru", "sw", "ta", "te", "tr", "uk", "ur", "vi", "zh"),
)
LEVELS: dict[str, str | Promise] = {
    "A1": _("A1 · single words and sentences"),
    "A2": _("A2 · everyday things"),
    "B1": _("B1 · most of what one meets on a journey"),
    "B2": _("B2 · conversations and newspapers"),
    "C1": _("C1 · difficult texts, nearly without effort"),
    "C2": _("C2 · nearly everything"),
    "native": _("my own language"),
}
EDUCATION: dict[str, str | Promise] = {
    "none": _("No school finished"),
    "school": _("School finished"),
    "vocational": _("Training for a trade"),
    "bachelor": _("Bachelor or the like"),
    "master": _("Master or the like"),
    "doctorate": _("Doctorate"),
}
EXPERTISE: dict[str, str | Promise] = {
    "agriculture": _("Farming and food"),
    "art": _("Art and design"),
    "biology": _("Biology"),
    "building": _("Building and architecture"),
    "chemistry": _("Chemistry"),
    "computing": _("Programming and computers"),
    "education": _("Teaching"),
    "engineering": _("Engineering"),
    "finance": _("Money and accounting"),
    "history": _("History and society"),
    "languages": _("Languages and translation"),
    "law": _("Law"),
    "mathematics": _("Mathematics and statistics"),
    "medicine": _("Medicine and care"),
    "music": _("Music and sound"),
    "physics": _("Physics"),
    "psychology": _("Psychology"),
    "sport": _("Sport"),
    "trade": _("Trade and advertising"),
    "transport": _("Transport and vehicles"),
}
DEVICES: dict[str, str | Promise] = {
    "phone": _("A phone that takes pictures"),
    "tablet": _("A tablet"),
    "computer": _("A computer with a keyboard"),
    "large_screen": _("A large screen"),
    "webcam": _("A camera at the computer"),
    "microphone": _("A good microphone"),
    "headphones": _("Headphones"),
    "pen": _("A pen or drawing tablet"),
    "drone": _("A drone"),
    "smart_speaker": _("A speaker that listens"),
    "smart_watch": _("A watch that measures"),
    "headset": _("Goggles for virtual worlds"),
    "car": _("A car"),
}
ACCESSIBILITY: dict[str, str | Promise] = {
    "screen_reader": _("I use a screen reader"),
    "large_text": _("I need large text"),
    "colours": _("I cannot tell some colours apart"),
    "keyboard": _("I work with the keyboard alone"),
    "one_hand": _("I work with one hand"),
    "no_audio": _("I cannot work with sound"),
    "no_speech": _("I cannot record my voice"),
    "no_images": _("I cannot work with pictures"),
    "more_time": _("I need more time"),
    "simple_language": _("I need simple language"),
    "no_flashing": _("Flashing or moving pictures harm me"),
}
RISKS: dict[str, str | Promise] = {
    "violence": _("Violence, blood and injuries"),
    "hate": _("Hatred and insults"),
    "nudity": _("Nudity and sex between adults"),
    "self_harm": _("Suicide, self-harm and eating disorders"),
    "abuse": _("Reports and texts about abuse"),
    "medical": _("Wounds, operations and illness"),
    "animals": _("Cruelty to animals"),
    "drugs": _("Drugs and addiction"),
    "extremism": _("Propaganda of violent groups"),
    "swearing": _("Coarse language"),
}


def listed(names: dict[str, str | Promise]) -> Choices:
    """A list of our own, in its own order."""

    def choices() -> Groups:
        return [("", [(code, str(name)) for code, name in names.items()])]

    return choices


def languages() -> Groups:
    """Every language, those that most people speak first."""
    names = dict(_languages(_reader()))
    often = sorted(((code, names[code]) for code in OFTEN), key=_by_name)
    return [(say("Spoken by many"), often), (say("All languages"), list(names.items()))]


def countries() -> Groups:
    """Every country by name."""
    return [("", list(_countries(_reader())))]


def time_zones(country: str = "") -> Groups:
    """Every time zone by part of the world; those of `country` (ISO 3166) first."""
    groups = [(str(AREAS[area]), list(found)) for area, found in _zones(_reader()) if found]
    if not country:
        return groups
    near = [pair for _area, pairs in groups for pair in pairs if _country_of(pair[0]) == country]
    return [(say("In your country"), near), *groups] if near else groups


@cache
def zone_names() -> frozenset[str]:
    """Every name of a time zone that is told from a place, older names, too."""
    return frozenset(name for name in available_timezones() if name.split("/")[0] in AREAS)


def zone_said(zone: str) -> str:
    """A time zone by the city that it is named after."""
    city = get_timezone_location(zone, locale=_reader(), return_city=True)
    return f"{city} ({zone})" if "/" in zone else city


def _reader() -> str:
    return (get_language() or "en").split("-")[0]


def _named(codes: Iterable[str], names: dict[str, str], english: dict[str, str]) -> Pairs:
    """Codes with their names, in the order of the names; what has none is named in English."""
    return sorted(((code, names.get(code, english[code])) for code in codes), key=_by_name)


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


@cache
def _languages(reader: str) -> tuple[tuple[str, str], ...]:
    english = dict(Locale("en").languages)
    codes = [code for code in english if code.isalpha() and code not in NO_LANGUAGE]
    return tuple(_named(codes, dict(Locale.parse(reader).languages), english))


@cache
def _countries(reader: str) -> tuple[tuple[str, str], ...]:
    english = dict(Locale("en").territories)
    codes = [code for code in english if code.isalpha() and code not in NO_COUNTRY]
    return tuple(_named(codes, dict(Locale.parse(reader).territories), english))


@cache
def _zones(reader: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    grouped: dict[str, Pairs] = {area: [] for area in AREAS}
    for zone in get_global("zone_territories"):
        if zone in zone_names():
            city = get_timezone_location(zone, locale=reader, return_city=True)
            grouped[zone.split("/")[0]].append((zone, city))
    return tuple((area, tuple(sorted(found, key=_by_name))) for area, found in grouped.items())


def _country_of(zone: str) -> str:
    return str(get_global("zone_territories").get(zone, ""))
