"""What every page's frame needs to know: where its reader can go."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Account, Duty
from fairhand.people.notices.reading import unread
from fairhand.web.access import Roles, roles_of

WORKER = (("work", _("Work")), ("earnings", _("Earnings")))
REQUESTER = (("requester", _("Batches")), ("team-home", _("Team")))
# What of the operators' pages each duty opens; the first is everybody's.
OPERATOR = (
    (None, "operator", _("Overview")),
    (Duty.FINANCE, "payouts", _("Payouts")),
    (Duty.FINANCE, "deposits", _("Deposits")),
    (Duty.QUALITY, "restrictions", _("Restrictions")),
    (Duty.FINANCE, "ledger", _("Ledger")),
    (Duty.SUPPORT, "mails", _("Mails")),
    (None, "approvals", _("Approvals")),
    (Duty.SUPPORT, "accounts", _("People")),
    (Duty.ADMIN, "operators", _("Operators")),
    (Duty.ADMIN, "audit", _("Trail")),
)
EVERYBODY = (("account", _("Account")),)
# Each language by its own name, whatever the page's language is.
SAME = {"languages": settings.LANGUAGES}


def shell(request: HttpRequest) -> dict[str, object]:
    """The frame's `shell`: the links of all roles that the reader has."""
    user = getattr(request, "user", None)
    if not isinstance(user, Account):
        return {"shell": {**SAME, "nav": [], "open": settings.OPEN_SIGNUP}}
    # Counted only by a header: the task page has none, and is asked thousands of times a second.
    bell = {"unread": partial(unread, user)}
    return {"shell": {**SAME, **bell, "nav": _links(roles_of(user), request.path)}}


def _links(roles: Roles, path: str) -> list[dict[str, object]]:
    """The links, the one marked that leads to where the reader is or closest above."""
    routes = (
        *(WORKER if roles.worker else ()),
        *(REQUESTER if roles.requester else ()),
        *(_operators(roles) if roles.operator else ()),
        *EVERYBODY,
    )
    addresses = [reverse(name) for name, _label in routes]
    above = [url for url in addresses if path == url or path.startswith(f"{url}/")]
    here = max(above, key=len, default="")
    return [
        {"url": url, "label": label, "current": url == here}
        for url, (_name, label) in zip(addresses, routes, strict=True)
    ]


def _operators(roles: Roles) -> list[tuple[str, object]]:
    """The operators' pages that somebody's duties open."""
    return [(name, label) for duty, name, label in OPERATOR if duty in (None, *roles.duties)]
