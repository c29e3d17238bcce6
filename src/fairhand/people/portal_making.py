"""Making portals and changing them: for operators who administrate the installation.

What a portal keeps of the price and when it pays is `fairhand.pay.terms`; closing one, which ends
work, is `fairhand.work.portals`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.kit.pictures import redraw
from fairhand.people.audit import note
from fairhand.people.brand import accents_readable, colour_of
from fairhand.people.checklist import problems
from fairhand.people.gates import rules_changed
from fairhand.people.models import Account, Portal
from fairhand.people.portals import forget_doors, is_own

# Letters, digits and hyphens: names in other alphabets look like each other too easily.
HOST = re.compile(r"(?=.{4,200}$)(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
MAX_NAME, MAX_ABOUT = 60, 300
LOGO_BYTES, LOGO_SIDE = 2_000_000, 512
NO_NAME = Refusal("no_portal_name", _("Give the portal a name of 1 to 60 letters."), status=422)
NO_SLUG = Refusal(
    "no_portal_slug",
    _("The short name takes 1 to 40 small letters, digits and hyphens."),
    status=422,
)
NO_HOST = Refusal(
    "no_portal_host",
    _(
        "%(host)s is no host name: write it in small letters, without https:// and without a port, "
        "like work.example.org. Names in other alphabets are not taken."
    ),
    status=422,
)
OWN_HOST = Refusal(
    "own_host", _("%(host)s is the installation's own name. A portal takes another one."), {}, 422
)
TAKEN = Refusal(
    "portal_taken", _("Another portal has this host name or this short name. Choose another one.")
)
LONG_ABOUT = Refusal(
    "long_about", _("Say what the portal is in at most 300 letters a language."), status=422
)
OWN_SITE = Refusal(
    "own_site",
    _(
        "Which portal is the installation's own site is decided when it is made, and the own site "
        "is never closed. Nothing was changed."
    ),
)
NOT_CLOSED = Refusal("not_closed", _("This portal is open. Nothing was changed."))


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody can say of a portal: `host` is empty for the installation's own site.

    `about` is a sentence for each language; the accents are written #1f5fae.
    """

    slug: str
    name: str
    host: str
    about: Mapping[str, str] = field(default_factory=dict)
    accent: str = "#1f5fae"
    accent_dark: str = "#8fc0ff"
    support: str = ""
    open: bool = False
    listed: bool = True


@transaction.atomic
def make_portal(look: Look, by: Account) -> Portal:
    """Make a portal, which is open from now on. Raises Refused for what it cannot be."""
    look = _checked(look)
    portal = Portal(**asdict(look), gates=["email", "agreements"])
    _keep(portal)
    after = _told(portal)
    note("portal.made", actor=by, subject=portal.ref, after=after)
    return portal


@transaction.atomic
def change_portal(portal: Portal, look: Look, by: Account) -> Portal:
    """Change what a portal is called and how it looks. Raises Refused for what it cannot be."""
    look = _checked(look)
    portal = _held(portal)
    if bool(look.host) != bool(portal.host):
        OWN_SITE.fail()  # what was earned would be kept where nobody looks for it
    before = _told(portal)
    for name, value in asdict(look).items():
        setattr(portal, name, value)
    _keep(portal)
    _noted(portal, by, before)
    return portal


@transaction.atomic
def set_logo(portal: Portal, data: bytes, by: Account) -> None:
    """Keep a new logo, drawn anew as PNG; no data takes it away. Raises Refused by kit.pictures."""
    drawn = redraw(data, most_bytes=LOGO_BYTES, fit=LOGO_SIDE, kind="image/png") if data else None
    before = bool(Portal.objects.filter(pk=portal.pk).exclude(logo=b"").exists())
    Portal.objects.filter(pk=portal.pk).update(logo=drawn.data if drawn else b"")
    transaction.on_commit(forget_doors)
    told = {"logo": before}, {"logo": drawn is not None}
    note("portal.changed", actor=by, subject=portal.ref, before=told[0], after=told[1])


@transaction.atomic
def set_gates(portal: Portal, gates: Sequence[str], by: Account) -> Decision:
    """Ask these steps, in this order, of whoever works there; from their next page on."""
    wanted = list(gates)
    if wrong := problems(wanted, with_agreements=True):
        return Refusal("unusable_gates", wrong[0].message, {}, 422)
    portal = _held(portal)
    before = {"gates": list(portal.gates)}
    if before["gates"] == wanted:
        return ALLOWED
    Portal.objects.filter(pk=portal.pk).update(gates=wanted)
    rules_changed()
    transaction.on_commit(forget_doors)
    note("portal.changed", actor=by, subject=portal.ref, before=before, after={"gates": wanted})
    return ALLOWED


def moved(gates: Sequence[str], gate: str, places: int) -> list[str]:
    """The list with one gate moved up (-1) or down (1), as far as there is room."""
    wanted = list(gates)
    if gate in wanted:
        at = wanted.index(gate)
        to = min(max(at + places, 0), len(wanted) - 1)
        wanted.insert(to, wanted.pop(at))
    return wanted


@transaction.atomic
def reopen_portal(portal: Portal, by: Account) -> Decision:
    """Open a closed portal again; its people belong to it as before."""
    portal = _held(portal)
    if portal.closed_at is None:
        return NOT_CLOSED
    Portal.objects.filter(pk=portal.pk).update(closed_at=None)
    rules_changed()
    transaction.on_commit(forget_doors)
    told = {"open": False}, {"open": True}
    note("portal.reopened", actor=by, subject=portal.ref, before=told[0], after=told[1])
    return ALLOWED


def _checked(look: Look) -> Look:
    """The same in the one way that it is kept. Raises Refused."""
    name, slug, host = look.name.strip(), look.slug.strip().lower(), look.host.strip().lower()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        NO_NAME.fail()
    if not SLUG.fullmatch(slug):
        NO_SLUG.fail()
    if host:
        _check_host(host)
    about = {code: said.strip() for code, said in look.about.items() if said.strip()}
    if any(len(said) > MAX_ABOUT for said in about.values()):
        LONG_ABOUT.fail()
    accent, dark = colour_of(look.accent), colour_of(look.accent_dark)
    require(accents_readable(accent, dark))
    return Look(slug, name, host, about, accent, dark, look.support.strip(), look.open, look.listed)


def _check_host(host: str) -> None:
    """One that people can read letter by letter, and that is not ours. Raises Refused."""
    if not HOST.fullmatch(host) or "xn--" in host:
        Refusal(NO_HOST.code, NO_HOST.message, {"host": host[:80]}, 422).fail()
    if is_own(host):
        Refusal(OWN_HOST.code, OWN_HOST.message, {"host": host}, 422).fail()


def _keep(portal: Portal) -> None:
    """Store it. Raises Refused where another one has the name already."""
    try:
        with transaction.atomic():
            portal.save()
    except IntegrityError:
        TAKEN.fail()
    rules_changed()  # its members work there from now on, or no more
    transaction.on_commit(forget_doors)


def _held(portal: Portal) -> Portal:
    """The row as it is now, held until the end of the transaction."""
    return Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)


def _told(portal: Portal) -> dict[str, object]:
    return {name: getattr(portal, name) for name in Look.__slots__}


def _noted(portal: Portal, by: Account, before: Mapping[str, object]) -> None:
    after = _told(portal)
    changed = [name for name in after if after[name] != before[name]]
    note(
        "portal.changed",
        actor=by,
        subject=portal.ref,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
