"""A portal's colours: two accents, light and dark, that can be read wherever our pages use them.

Contrast is that of WCAG 2.2 (success criterion 1.4.3). An accent stands on the page, on its darker
or lighter parts and below words, so it is measured against the least favourable of them; every
other tint is made from it here, so that it cannot become unreadable.
"""

import re

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal

COLOUR = re.compile(r"#[0-9a-f]{6}")
LEAST = 4.5  # WCAG 2.2, 1.4.3, for text of ordinary size
# The sunken parts of a page, light and dark: --sunken of workbench/src/styles/tokens.css.
SUNKEN, SUNKEN_DARK = "#f1f3f5", "#202328"
WHITE, BLACK = "#ffffff", "#0f1115"
NO_COLOUR = Refusal(
    "no_colour", _("Write a colour as # and six digits or letters from a to f: #1f5fae."), {}, 422
)


def colour_of(text: str) -> str:
    """A colour in the one way that we write it. Raises Refused for what is none."""
    colour = text.strip().lower()
    if not COLOUR.fullmatch(colour):
        NO_COLOUR.fail()
    return colour


def accents_readable(light: str, dark: str) -> Decision:
    """Whether both accents can be read on our pages; refused with the figure that is too low."""
    if (found := contrast(light, SUNKEN)) < LEAST:
        return _too_faint(_("on light pages"), light, found)
    if (found := contrast(dark, SUNKEN_DARK)) < LEAST:
        return _too_faint(_("on dark pages"), dark, found)
    return ALLOWED


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style_of(accent: str, accent_dark: str) -> str:
    """The style sheet that gives our pages these accents: it sets tokens and nothing else."""
    tokens = {
        "accent": (accent, accent_dark),
        "accent-strong": (_mix(accent, BLACK, 0.2), _mix(accent_dark, WHITE, 0.25)),
        "accent-soft": (_soft(accent, SUNKEN), _soft(accent_dark, SUNKEN_DARK)),
        "on-accent": (WHITE, BLACK),
    }
    lines = (f"\t--{name}: light-dark({one}, {two});" for name, (one, two) in tokens.items())
    return ":root {\n" + "\n".join(lines) + "\n}\n"


def _soft(accent: str, page: str) -> str:
    """The page with a little of the accent in it: as much as still lets the accent be read."""
    shades = (_mix(page, accent, part / 100) for part in (14, 11, 8, 5, 3, 1))
    return next((shade for shade in shades if contrast(accent, shade) >= LEAST), page)


def _too_faint(where: object, colour: str, found: float) -> Refusal:
    sentence = _(
        "%(colour)s cannot be read %(where)s: its contrast is %(found)s to 1, and at least 4.5 to "
        "1 is needed. Take a darker one for light pages, a lighter one for dark pages."
    )
    # Cut, not rounded: 4.49 is not enough and must not look as if it were.
    told = {"colour": colour, "where": where, "found": f"{int(found * 100) / 100:.2f}"}
    return Refusal("too_faint", sentence, told, 422)


def _mix(one: str, other: str, part: float) -> str:
    """`one` with this part of `other` in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
