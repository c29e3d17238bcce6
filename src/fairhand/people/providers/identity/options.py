"""The settings of identity checks, read from the environment; see docs/operate/configuration.md."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = [
    "IDENTITY",
    "IDENTITY_AGE",
    "IDENTITY_DAYS",
    "IDENTITY_KEPT_DAYS",
    "IDENTITY_SECRET",
    "IDENTITY_URL",
]
WAYS = ("manual", "webhook", "console")
URL, SECRET_FILE = "FAIRHAND_IDENTITY_URL", "FAIRHAND_IDENTITY_SECRET_FILE"


def _way() -> str:
    found = os.environ.get("FAIRHAND_IDENTITY", "") or "manual"
    if found not in WAYS:
        raise ImproperlyConfigured(f"FAIRHAND_IDENTITY is one of {', '.join(WAYS)}.")
    return found


def _days(name: str, *, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not least <= int(text) <= most:
        raise ImproperlyConfigured(f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _vendor(way: str) -> tuple[str, str]:
    """The vendor's address and the secret that both sides sign with."""
    if way != "webhook":
        return "", ""
    url = os.environ.get(URL, "")
    parts = urlsplit(url)
    own = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or (parts.scheme != "https" and not own):
        raise ImproperlyConfigured(f"{URL} is https://… or an address of this machine.")
    try:
        secret = Path(os.environ.get(SECRET_FILE, "")).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{SECRET_FILE} cannot be read: {error}.") from None
    if len(secret) < 32:  # noqa: PLR2004 - half of what HMAC-SHA256 can use
        raise ImproperlyConfigured(f"{SECRET_FILE} must hold at least 32 characters.")
    return url, secret


IDENTITY = _way()
IDENTITY_URL, IDENTITY_SECRET = _vendor(IDENTITY)
# How long a proof counts where the document does not run out before.
IDENTITY_DAYS = _days("FAIRHAND_IDENTITY_DAYS", default=730, least=30, most=3650)
# How long pictures are kept after the decision, so that it can be contested.
IDENTITY_KEPT_DAYS = _days("FAIRHAND_IDENTITY_KEPT_DAYS", default=30, least=1, most=365)
# Who is younger is not asked for a document here.
IDENTITY_AGE = _days("FAIRHAND_IDENTITY_AGE", default=18, least=14, most=99)
