"""How a portal looks: its name, colours and logo on every page, the task page and the app."""

import io
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from PIL import Image

from fairhand.people.access import NOT_FOUND
from fairhand.people.brand import style_of
from fairhand.people.models import Portal
from fairhand.web.access import public
from fairhand.web.host import branded

ICON_SIDE = 512
NO_LOGO = "d41d8cd98f00b204e9800998ecf8427e"  # the mark (MD5) of no bytes
# An address holds the mark of what it shows, so that a change is seen at once.
KEPT = "public, max-age=86400"


def brand_of(portal: Portal | None) -> dict[str, object]:
    """What the frame of a page says of a portal; nothing at our own hosts, which keep our name."""
    if portal is None:
        return {}
    logo = mark_of(portal)
    colours = f"{portal.accent}{portal.accent_dark}".replace("#", "")
    found: dict[str, object] = {
        "brand": portal.name,
        "portal": portal,
        "about": about_of(portal),
        "style": f"{reverse('brand-style')}?v={colours}",
        "logo": f"{reverse('brand-logo')}?v={logo}" if logo else "",
        "icon": f"{reverse('brand-icon')}?v={logo}" if logo else "",
    }
    return found | ({"open": True} if portal.open else {})


def manifest_of(portal: Portal | None) -> dict[str, object]:
    """What a portal's app says differently from ours."""
    if portal is None:
        return {}
    found: dict[str, object] = {
        "name": portal.name,
        "short_name": portal.name[:12].strip(),
        "theme_color": portal.accent,
    }
    if logo := mark_of(portal):
        side = f"{ICON_SIDE}x{ICON_SIDE}"
        there = f"{reverse('brand-icon')}?v={logo}"
        found["icons"] = [{"src": there, "sizes": side, "type": "image/png"}]
    return found


def about_of(portal: Portal) -> str:
    """What a portal says it is, in the reader's language, else in English, else in any."""
    said = portal.about
    language = (get_language() or "en")[:2]
    return str(said.get(language) or said.get("en") or next(iter(said.values()), ""))


def mark_of(portal: Portal) -> str:
    """The mark of a portal's logo, as it was read with the portal; empty without a logo."""
    mark = str(getattr(portal, "logo_mark", NO_LOGO))
    return "" if mark == NO_LOGO else mark


@public
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The portal's accents; at our own hosts an empty sheet."""
    portal = branded(request)
    text = style_of(portal.accent, portal.accent_dark) if portal is not None else ""
    response = HttpResponse(text, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = KEPT
    return response


@public
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The portal's logo, as we drew it."""
    return _picture(_logo_of(request))


@public
@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """The logo in a square, as an app's icon has to be."""
    return _picture(_square(_logo_of(request)))


def _logo_of(request: HttpRequest) -> bytes:
    portal = branded(request)
    found = Portal.objects.filter(pk=portal.pk if portal is not None else 0)
    data = bytes(found.values_list("logo", flat=True).first() or b"")
    if not data:
        NOT_FOUND.fail()
    return data


@lru_cache(maxsize=32)
def _square(data: bytes) -> bytes:
    """A picture of ours in the middle of a transparent square."""
    with Image.open(io.BytesIO(data)) as drawn:
        part = ICON_SIDE / max(drawn.size)
        size = (max(1, round(drawn.width * part)), max(1, round(drawn.height * part)))
        picture = drawn.convert("RGBA").resize(size)
    square = Image.new("RGBA", (ICON_SIDE, ICON_SIDE))
    square.paste(picture, ((ICON_SIDE - size[0]) // 2, (ICON_SIDE - size[1]) // 2))
    out = io.BytesIO()
    square.save(out, "PNG")
    return out.getvalue()


def _picture(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type="image/png")
    response["Cache-Control"] = KEPT
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
