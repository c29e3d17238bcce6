"""Public references."""

import re

from fairhand.kit.ids import new_ref


def test_a_reference_tells_its_kind_and_nothing_else() -> None:
    assert re.fullmatch(r"bat_[0-9a-hjkmnp-tv-z]{16}", new_ref("bat"))


def test_references_do_not_repeat() -> None:
    assert len({new_ref("bat") for _ in range(2000)}) == 2000
