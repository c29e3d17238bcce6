"""Browsers that an account has signed in with before.

Guessing is counted apart for them, so that whoever guesses elsewhere keeps nobody out of their own
account. (OWASP, "Slow down online guessing attacks with device cookies".)
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from fairhand.people.models import Account

COOKIE = "__Host-fairhand-known" if settings.HTTPS else "fairhand-known"
SALT = "fairhand.known"
MAX_AGE = 365 * 24 * 3600


def device_of(request: HttpRequest, account: Account | None) -> str:
    """The name of this browser for the limits, if the account has signed in with it; else ""."""
    if account is None or COOKIE not in request.COOKIES:
        return ""
    try:
        known = signing.loads(request.COOKIES[COOKIE], salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return ""
    mine = known[0] == account.ref and known[2:] == [account.epoch]
    return f"{account.ref} {known[1]}" if mine else ""


def mark_of(request: HttpRequest) -> str:
    """The mark of this browser, whoever signed in with it; "" while nobody has.

    It stays when somebody else signs in, so that a worker's devices are told apart by it.
    """
    try:
        _ref, mark, _epoch = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except (signing.BadSignature, ValueError):
        return ""
    return str(mark)


def remember_device(response: HttpResponseBase, account: Account, *, mark: str = "") -> None:
    """Let this browser show that the account has signed in with it.

    It shows so until the account's sessions are ended: by a new password, or by signing out
    everywhere. `mark` is the one that it has already.
    """
    told = [account.ref, mark or secrets.token_hex(8), account.epoch]
    value = signing.dumps(told, salt=SALT, compress=False)
    response.set_cookie(
        COOKIE, value, max_age=MAX_AGE, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
