"""The closed list of reasons: every code has a sentence, every sentence a code that is used."""

import inspect
import re

from fairhand.kit.sql import read
from fairhand.projects.models import BatchState
from fairhand.work import access, claims
from fairhand.work.refusals import SENTENCES, refusal

NUMBERS = {"right": 1, "seen": 5, "bar": "70"}


def codes_in_use() -> set[str]:
    turn = read("work/turn")
    found = set(re.findall(r"code := '([a-z_]+)'", turn))
    found |= set(re.findall(r"(?:then|when [^']+ then) '([a-z_]+)'\s+(?:when|end)", turn))
    found |= {"restricted", "nothing_left"}
    found |= {f"batch_{state}" for state in BatchState.values if state != "open"}
    code = inspect.getsource(access) + inspect.getsource(claims)
    found |= set(re.findall(r'(?:refusal\(|return )"([a-z_]+)"', code))
    return found - {"submitted", "accepted", "returned", "expired", "look_again"}


def test_the_list_of_reasons_is_closed() -> None:
    assert codes_in_use() == set(SENTENCES)


def test_every_reason_is_a_whole_sentence_for_a_person() -> None:
    for code in SENTENCES:
        text = str(refusal(code, NUMBERS))
        assert text.endswith("."), code
        assert text[0].isupper(), code
        assert "%(" not in text
        assert "%%" not in text


def test_every_reason_has_a_status_that_fits() -> None:
    assert {refusal(code).status for code in SENTENCES} <= {401, 403, 404, 409, 410, 422}
