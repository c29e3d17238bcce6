"""What every page's frame needs to know: where its reader can go."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Account, Duty, Portal
from fairhand.people.notices.reading import unread
from fairhand.people.portals import STAFF_RIGHTS, PortalRight, staff_of
from fairhand.web.access import Roles, roles_of
from fairhand.web.host import branded
from fairhand.web.portal.brand import brand_of

Pages = tuple[tuple[str, Promise | str], ...]
Section = tuple[Promise | str, Pages]
WORKER = (("work", _("Work")), ("earnings", _("Earnings")))
REQUESTER = (("requester", _("Batches")), ("team-home", _("Team")))
# The operators' pages by section, with the duty that opens each; none: every operator.
OPERATOR = (
    (_("Overview"), ((None, "operator", _("Overview")), (None, "approvals", _("Approvals")))),
    (
        _("Money"),
        (
            (Duty.FINANCE, "payouts", _("Payouts")),
            (Duty.FINANCE, "deposits", _("Deposits")),
            (Duty.FINANCE, "ledger", _("Ledger")),
        ),
    ),
    (
        _("People"),
        (
            (Duty.SUPPORT, "accounts", _("Accounts")),
            (Duty.QUALITY, "restrictions", _("Restrictions")),
            (None, "operator-appeals", _("Appeals")),
            (Duty.IDENTITY, "identity-queue", _("Identity checks")),
            (Duty.IDENTITY, "sames", _("Same people?")),
            (Duty.SUPPORT, "mails", _("Mails")),
        ),
    ),
    (
        _("Installation"),
        (
            (Duty.ADMIN, "operators", _("Operators")),
            (Duty.ADMIN, "operator-agreements", _("Agreements")),
            (Duty.ADMIN, "operator-portals", _("Portals")),
            (Duty.ADMIN, "sign-in-services", _("Sign-in from elsewhere")),
            (Duty.ADMIN, "audit", _("Trail")),
        ),
    ),
)
# A portal's pages for its staff, with the right that opens each.
STAFF = (
    (PortalRight.SEE, "portal-home", _("Portal")),
    (PortalRight.INVITE, "portal-invitations", _("Invitations")),
    (PortalRight.STAFF, "portal-staff", _("Who runs it")),
)
EVERYBODY = (("account", _("Account")),)
# Each language by its own name, whatever the page's language is.
SAME = {"languages": settings.LANGUAGES}


def shell(request: HttpRequest) -> dict[str, object]:
    """The frame's `shell`: the links of all roles that the reader has."""
    user = getattr(request, "user", None)
    portal = branded(request)
    same = {**SAME, "open": settings.OPEN_SIGNUP, **brand_of(portal)}
    if not isinstance(user, Account):
        return {"shell": {**same, "nav": [], "pages": []}}
    # Counted only by a header: the task page has none, and is asked thousands of times a second.
    bell = {"unread": partial(unread, user)}
    sections = [*_portal(user, portal), *_sections(roles_of(user))]
    return {"shell": {**same, **bell, **_links(sections, request.path)}}


def _links(sections: list[Section], path: str) -> dict[str, list[dict[str, object]]]:
    """`nav`, a link for each section, and `pages`, those of the section where the reader is.

    Where they are is the page of this address, or the closest above it.
    """
    addresses = {name: reverse(name) for _label, pages in sections for name, _page in pages}
    above = [url for url in addresses.values() if path == url or path.startswith(f"{url}/")]
    here = max(above, key=len, default="")
    nav: list[dict[str, object]] = []
    beside: list[dict[str, object]] = []
    for label, pages in sections:
        links: list[dict[str, object]] = [
            {"url": addresses[name], "label": page, "current": addresses[name] == here}
            for name, page in pages
        ]
        current = any(link["current"] for link in links)
        # A link to another page of the same part is where the reader is, but not its page.
        mark = "page" if links[0]["current"] else "true" if current else ""
        nav.append({"url": links[0]["url"], "label": label, "current": mark})
        if current and len(links) > 1:
            beside = links
    return {"nav": nav, "pages": beside}


def _sections(roles: Roles) -> list[Section]:
    """All that somebody can open: for operators by section, for others page by page."""
    single = (
        *(WORKER if roles.worker else ()),
        *(REQUESTER if roles.requester else ()),
    )
    return [
        *((label, ((name, label),)) for name, label in single),
        *(_operators(roles) if roles.operator else ()),
        *((label, ((name, label),)) for name, label in EVERYBODY),
    ]


def _portal(account: Account, portal: Portal | None) -> Iterator[Section]:
    """A portal's own pages, at its host, for those who run it."""
    staff = staff_of(account, portal) if portal is not None else None
    if staff is not None:
        opened = [row for row in STAFF if staff.role in STAFF_RIGHTS[row[0]]]
        yield opened[0][2], tuple((name, label) for _right, name, label in opened)


def _operators(roles: Roles) -> Iterator[Section]:
    """The operators' pages that somebody's duties open."""
    for label, pages in OPERATOR:
        opened = tuple((name, page) for duty, name, page in pages if duty in (None, *roles.duties))
        if opened:
            yield label, opened
