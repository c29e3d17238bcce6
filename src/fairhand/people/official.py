"""The official portals: a signed list for programs, and "is this link real?" for people.

Whoever asks workers for money or passwords in our name does it at an address that only looks like
ours. So the question is answered strictly: an address is real when it is on the list exactly as it
is written there, and everything unusual about it is a no, with the reason.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jwt
from allauth.core.internal import jwkkit
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Portal
from fairhand.people.oidc import signing_keys

# Says what was signed: the same key signs identities, and neither may pass for the other.
KIND = "fairhand-portals+jwt"
HOLDS = timedelta(days=1)
LONGEST = 2000
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HIDING = frozenset('\\<>"^`{|}')
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a link is ours, why, and whose portal it leads to; none: the installation itself."""

    real: bool
    why: str | Promise
    portal: Portal | None = None


NOTHING = _("That is no link. Paste the whole address as you got it.")
UNUSUAL = _("It holds characters that no address of ours has. They can hide where it leads.")
NO_PAGE = _("It does not lead to a page: ours begin with https://.")
USERINFO = _(
    "It has an @ before the name of the site. What stands before the @ is only for show; the link "
    "leads to what comes after it."
)
LOOKALIKE = _(
    "The name of the site has letters from other alphabets, or is written in code (xn--). They can "
    "look exactly like ours and lead somewhere else."
)
PLAIN = _("It begins with http://, and what you write there can be read on the way.")
OTHER_PORT = _("It names another port than ours, where something else may answer.")
CONTAINS = _(
    "It only contains the name of an official portal. What counts is the whole name, up to the "
    "first slash, and this one is not on the list."
)
UNLISTED = _("This name is not on the list of official portals.")
OURS = _("This is the address of the installation itself.")
OFFICIAL = _("This is the address of an official portal.")


def official_portals() -> list[Portal]:
    """The open portals on the public list, by name."""
    found = Portal.objects.filter(closed_at=None, listed=True).exclude(host="")
    return list(found.defer("logo").order_by("name", "pk"))


def signed_list(now: datetime | None = None) -> dict[str, str]:
    """The list as a JSON Web Signature, flattened (RFC 7515, 7.2.2); it holds for a day.

    The key is the newest of those that /.well-known/jwks.json publishes.
    """
    at = now or timezone.now()
    payload: dict[str, Any] = {
        "iss": settings.BASE_URL,
        "iat": int(at.timestamp()),
        "exp": int((at + HOLDS).timestamp()),
        "portals": [
            {"name": each.name, "host": each.host, "since": each.made_at.date().isoformat()}
            for each in official_portals()
        ],
    }
    pem = max(signing_keys(), key=lambda key: key.issued_at).pem
    jwk, key = jwkkit.load_jwk_from_pem(pem)
    headers = {"kid": jwk["kid"], "typ": KIND}
    signed = jwt.encode(payload, key, algorithm="RS256", headers=headers)
    names = ("protected", "payload", "signature")
    return dict(zip(names, signed.split("."), strict=True))


def verdict_on(link: str) -> Verdict:
    """Whether a link that somebody got leads to an official portal, or to the installation."""
    text = link.strip()
    if any(c.isspace() or not c.isprintable() or c in HIDING for c in text):
        return Verdict(real=False, why=UNUSUAL)
    parts = _parts(text)
    if parts is None:
        return Verdict(real=False, why=NOTHING)
    if (why := _unusual(parts)) is not None:
        return Verdict(real=False, why=why)
    return _known((parts.hostname or "").lower(), urlsplit(settings.BASE_URL).hostname or "")


def _parts(text: str) -> SplitResult | None:
    """The parts of an address, which people may write without https://; None for what is none."""
    if "://" not in text and not (SCHEME.match(text) and not _has_port(text)):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - refuses what is no number
    except ValueError:
        return None
    fits = len(text) <= LONGEST and (parts.netloc or parts.scheme not in DEFAULT_PORTS)
    return parts if fits else None


def _has_port(text: str) -> bool:
    """Whether what looks like a scheme is a name with a port: one.example.org:443/join."""
    return text.partition(":")[2].partition("/")[0].isdecimal()


def _unusual(parts: SplitResult) -> str | Promise | None:
    """What is wrong with how an address is written, whatever name it holds."""
    own, netloc = urlsplit(settings.BASE_URL), parts.netloc
    usual = DEFAULT_PORTS.get(own.scheme)
    # The two usual ports are one where people leave the scheme out; an own port stands alone.
    ports = {own.port} if own.port not in (None, usual) else {usual, DEFAULT_PORTS["https"]}
    port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    wrong = (
        (parts.scheme not in DEFAULT_PORTS, NO_PAGE),
        ("@" in netloc, USERINFO),
        (not netloc.isascii() or "xn--" in netloc.lower(), LOOKALIKE),
        ("%" in netloc, UNUSUAL),
        (parts.scheme == "http" and own.scheme == "https", PLAIN),
        (port not in ports, OTHER_PORT),
    )
    return next((why for is_so, why in wrong if is_so), None)


def _known(host: str, own: str) -> Verdict:
    """Whether a name is on the list, letter by letter."""
    portals = {portal.host: portal for portal in official_portals()}
    if host in portals:
        return Verdict(real=True, why=OFFICIAL, portal=portals[host])
    if host == own:
        return Verdict(real=True, why=OURS)
    inside = any(name in host for name in (*portals, own) if name)
    return Verdict(real=False, why=CONTAINS if inside else UNLISTED)
