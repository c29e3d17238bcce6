"""How often is too often: one table for every route that is open to strangers or costs much.

A rate is `how often/in what time/for each of what`; the last is `ip`, `user`, `device`, `all`, or
the name of a field of the form, and several of them joined by `+`. Counts are kept in the cache
that all processes share, by allauth's own counters, `all` by one statement. An attempt that is
refused is not counted, so that whoever waits is let in again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from fairhand.kit.counting import count, take_back
from fairhand.web.origin import address_of

SAFE = {"GET", "HEAD", "OPTIONS"}
# What a form's address takes that is not named below.
STRANGERS, SIGNED_IN = "60/m/ip", "240/m/user"
# Forms, by the name of their route. Wrong passwords and codes are counted apart, in GUESSES.
FORMS: dict[str, str] = {
    "account_login": "60/m/ip",
    "account_signup": "20/m/ip, 100/d/ip",
    "account_reset_password": "20/m/ip, 5/d/email+ip, 20/d/email",
    "account_reset_password_from_key": "20/m/ip",
    "account_email_verification_sent": "20/m/ip",
    "account_change_password": "5/m/user",
    "account_set_password": "5/m/user",
    "account_reauthenticate": "10/m/user",
    "mfa_authenticate": "30/m/ip",
    "mfa_login_webauthn": "10/m/ip",
    "mfa_reauthenticate": "10/m/user",
    "mfa_reauthenticate_webauthn": "10/m/user",
    "account_change_phone": "3/h/user, 10/d/user",
    "account_verify_phone": "10/m/user",
    "find-sign-in": "20/m/ip",
    "openid_connect_login": "30/m/ip",
    "socialaccount_signup": "20/m/ip, 100/d/ip",
    # From the servers of portals' sites, each for all of its people.
    "idp:oidc:token": "600/m/ip",
    "idp:oidc:userinfo": "600/m/ip",
    "idp:oidc:revoke": "600/m/ip",
    "identity-show": "20/m/user, 100/d/user",
    "contest-decision": "10/m/user, 30/d/user",  # three files at a time are drawn anew
    "identity-go": "10/m/user",
    "identity-callback": "600/m/ip",
    "enter": "20/m/ip",
    "set_language": "60/m/ip",
    "project-media-add": "1200/m/user",  # a browser sends each file by itself
}
# What costs much although nothing is sent: a session for a stranger, a file for a reader.
LOOKS: dict[str, str] = {
    "mfa_login_webauthn": "30/m/ip",
    "account_reset_password_from_key": "60/m/ip",
    "openid_connect_login": "60/m/ip",
    "openid_connect_callback": "60/m/ip",
    "enter": "60/m/ip",
    "batch-download": "60/m/user",
    "held-picture": "1200/m/user",
    "project-picture": "1200/m/user",
    "statement-csv": "60/m/user",
    "run-file": "60/m/user",
    "audit-csv": "20/m/user",
    "trail-csv": "20/m/user",
    "organisation-trail-csv": "20/m/user",
}
# PyPI's figures. Why they are kept apart for devices that are known is told in docs/adr/0007.
# What is `all` is everybody's, so it stands last: what is refused before does not reach it.
GUESSES: dict[str, str] = {
    "password": "10/5m/email+ip, 60/5m/ip, 600/d/ip, 50/5m/email, 1000/5m/all",
    "password_known": "10/5m/device",
    "second_factor": "5/5m/user+ip, 20/h/user+ip, 50/d/user+ip, 10/5m/ip, 50/h/ip,"
    " 20/5m/user, 100/d/user",
    "second_factor_known": "5/5m/device, 20/h/device, 50/d/device",
    "new_address": "2/d/user",
}

# Codes for an address: for each who asks, so that no stranger uses up its owner's.
MAILED_CODES = "1/10s/email+ip, 3/6h/email+ip"


@dataclass(slots=True)
class Usage:
    """Attempts that were counted, and can be taken back."""

    counted: list[Callable[[], None]] = field(default_factory=list)

    def rollback(self) -> None:
        """Forget this attempt."""
        for undo in self.counted:
            undo()


def take(request: HttpRequest, name: str, rates: str, **parts: str) -> Usage | None:
    """Count one attempt, which can be taken back; None, and nothing counted, when it is too many.

    `parts` gives the values of what the rates name and the request does not say by itself.
    """
    taken = Usage()
    for rate in rates.split(","):
        amount, period, per = rate.strip().split("/")
        if per == "all":
            undo = _count_all(name, int(amount), int(ratelimit.parse_duration(period)))
        else:
            usage = ratelimit.consume(
                request,
                app="fairhand",
                action=name,
                config={name: f"{amount}/{period}/key"},
                key=_key(request, per, parts),
                limit_get=True,
            )
            undo = usage.rollback if usage is not None else None
        if undo is None:
            taken.rollback()
            return None
        taken.counted.append(undo)
    return taken


def _count_all(name: str, most: int, seconds: int) -> Callable[[], None] | None:
    """Count for everybody together, by one statement: a lock would make all wait for each other."""
    key = f"all {name}"
    if count(key, seconds) <= most:
        return partial(take_back, key, seconds)
    take_back(key, seconds)
    return None


def forget(request: HttpRequest, name: str, rates: str, **parts: str) -> None:
    """Forget what was counted for these parts, and nothing of what is counted without them."""
    for rate in rates.split(","):
        amount, period, per = rate.strip().split("/")
        if parts.keys() & set(per.split("+")):
            ratelimit.clear(
                request,
                app="fairhand",
                action=name,
                config={name: f"{amount}/{period}/key"},
                key=_key(request, per, parts),
            )


def _key(request: HttpRequest, per: str, parts: dict[str, str]) -> str:
    return "\n".join([per, *(_value(request, part, parts) for part in per.split("+"))])


def _value(request: HttpRequest, part: str, parts: dict[str, str]) -> str:
    if part in parts:
        return parts[part]
    if part == "ip":
        return str(ratelimit.truncate_ip(address_of(request)))
    if part == "user":
        return str(getattr(request.user, "pk", None) or f"ip {address_of(request)}")
    return request.POST.get(part, "").strip().lower()


class LimitMiddleware:
    """Answer 429 where a route is asked too often. Programs' addresses have limits of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _named: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        rates = limit_of(name, request.method or "GET", stranger=_is_stranger(request))
        if not rates or request.path_info.startswith("/api/"):
            return None
        if take(request, name or "page", rates) is None:
            response: HttpResponseBase = ratelimit.respond_429(request)
            response["Retry-After"] = "60"
            return response
        return None


def limit_of(route: str, method: str, *, stranger: bool) -> str:
    """The rates of a route; empty for a look that costs little."""
    if method in SAFE:
        return LOOKS.get(route, "")
    return FORMS.get(route) or (STRANGERS if stranger else SIGNED_IN)


def _is_stranger(request: HttpRequest) -> bool:
    # Only asked of forms: a look at a page need not read who is there.
    return request.method not in SAFE and not request.user.is_authenticated
