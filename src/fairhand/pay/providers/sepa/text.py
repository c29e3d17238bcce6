"""The characters that every bank in SEPA carries, and how names are written with them."""

import re
import unicodedata
from typing import Final

from text_unidecode import unidecode

# The European Payments Council's basic Latin set (implementation guidelines, character set).
LATIN: Final = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")

_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_UMLAUTS_IN_CAPITALS: Final = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS", "ß": "SS"}
_SIGNS: Final = str.maketrans(
    {"&": "+", "@": "(at)", "_": "-", ";": ",", '"': "'", "`": "'", "*": ".", "|": "/"}
    | dict.fromkeys("[{<", "(")
    | dict.fromkeys("]}>", ")")
)
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
# A capital umlaut inside a word of capitals becomes two capitals: MÜLLER, but Müller and Özil.
_WORD: Final = re.compile(r"\w+")


def latin(text: str) -> str:
    """Write `text` in the basic Latin set: umlauts the German way, the rest by its sound.

    Müller becomes Mueller, Łukasz Lukasz, Ελένη Elene; a sign without a counterpart becomes a
    space. May return an empty string: whether that is acceptable is for the caller to say.
    """
    composed = unicodedata.normalize("NFC", text)
    umlauts_out = _WORD.sub(_spell_umlauts, composed)
    plain = unidecode(umlauts_out).translate(_SIGNS)
    return " ".join(_FOREIGN.sub(" ", plain).split())


def _spell_umlauts(match: re.Match[str]) -> str:
    word = match[0]
    in_capitals = len(word) > 1 and word.replace("ß", "").isupper()
    table = _UMLAUTS_IN_CAPITALS if in_capitals else _UMLAUTS
    return "".join(table.get(letter, letter) for letter in word)
