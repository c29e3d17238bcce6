"""Colours of portals can be read, and what is made of them can, too."""

import re
from pathlib import Path

import pytest

from fairhand.kit.decision import Refusal
from fairhand.people.brand import (
    LEAST,
    SUNKEN,
    SUNKEN_DARK,
    accents_readable,
    contrast,
    style_of,
)

TOKENS = Path(__file__).resolve().parents[2] / "workbench" / "src" / "styles" / "tokens.css"
ACCENTS = ("#1f5fae", "#7a1f5c", "#0b6b3a", "#8a4b00", "#b00020", "#333333", "#5b2bd6")
DARK = ("#8fc0ff", "#f0a8d8", "#7fe0a8", "#ffc27a", "#ff9a9a", "#dddddd", "#c0b0ff")


def test_contrast_is_that_of_the_guidelines() -> None:
    """The figures of WCAG's own examples: black on white, and the grey that just passes."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize(("light", "dark"), list(zip(ACCENTS, DARK, strict=True)))
def test_whatever_is_made_of_an_accent_can_be_read(light: str, dark: str) -> None:
    assert accents_readable(light, dark)
    made = dict(re.findall(r"--([a-z-]+): light-dark\((#\w{6}, #\w{6})\);", style_of(light, dark)))
    tokens = {name: pair.split(", ") for name, pair in made.items()}
    assert set(tokens) == {"accent", "accent-strong", "accent-soft", "on-accent"}
    for which, page in enumerate((SUNKEN, SUNKEN_DARK)):
        accent, words = tokens["accent"][which], tokens["on-accent"][which]
        for one, other in (
            (accent, page),
            (accent, tokens["accent-soft"][which]),
            (words, accent),
            (words, tokens["accent-strong"][which]),
        ):
            assert contrast(one, other) >= LEAST, (one, other)


@pytest.mark.parametrize(
    ("light", "dark", "figure"),
    [("#8fc0ff", "#8fc0ff", "1.6"), ("#1f5fae", "#1f5fae", "2.4"), ("#6f7680", "#8fc0ff", "4.1")],
)
def test_a_faint_colour_is_refused_with_the_figure(light: str, dark: str, figure: str) -> None:
    answer = accents_readable(light, dark)
    assert isinstance(answer, Refusal)
    assert f"its contrast is {figure}" in str(answer)


def test_the_page_is_still_as_light_and_as_dark_as_is_measured_against() -> None:
    """The two figures below are these two tokens, in the colours of a screen."""
    assert "--sunken: light-dark(oklch(0.963 0.004 258), oklch(0.255 0.011 258));" in (
        TOKENS.read_text(encoding="utf-8")
    )
    assert (SUNKEN, SUNKEN_DARK) == ("#f1f3f5", "#202328")
