"""Secrets that we must be able to read again, sealed with the installation's key.

Whoever has a copy of the database alone reads none of them. Each purpose has a key of its own, so
that what was sealed for one place opens in no other.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from django.conf import settings


def seal(text: str, purpose: str) -> str:
    """Seal a secret for one purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """Read what `seal` wrote. Raises cryptography.fernet.InvalidToken under another key."""
    return _box(purpose).decrypt(sealed.encode()).decode()


def _box(purpose: str) -> Fernet:
    key = hmac.new(settings.SECRET_KEY.encode(), f"sealed:{purpose}".encode(), hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key.digest()))
