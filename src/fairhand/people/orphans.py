"""The standing check that nobody has a right which nobody gave, or which should have ended."""

from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.sql import read

NAMES: dict[str, str | Promise] = {
    "key of no member": _("key of somebody who is no member"),
    "key of a closed account": _("key of a closed account"),
    "key for work of somebody kept from it": _("key for work of somebody who may not work"),
    "link of a closed account": _("sign-in link of a closed account"),
    "device of a closed account": _("device that is told a closed account's notices"),
    "duties of a closed account": _("duties of a closed account"),
    "way into a portal by a closed account": _("open link into a portal by a closed account"),
    "suspension long over": _("suspension that nothing ended in time"),
    "appeal long over": _("appeal that nothing ended in time"),
    "token of a closed account": _("another site's token for a closed account"),
    "session of a closed account": _("signed-in browser of a closed account"),
    "invitation beyond a right": _("open invitation by somebody who may not invite"),
    "organisation without an owner": _("organisation without an owner who can sign in"),
    "key replaced long ago": _("replaced key that works on for more than a day"),
    "approval asked by no operator": _("request for approval by somebody who is no operator"),
    "sign-in of a removed service": _("sign-in from a site that was removed"),
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """A right without a holder: what it is, and the row's number."""

    what: str
    number: int


def orphans() -> list[Orphan]:
    """Everything that the check finds; nothing in an installation that is well."""
    with connection.cursor() as cursor:
        cursor.execute(read("people/orphans"))
        return [Orphan(what, number) for what, number in cursor.fetchall()]


def kinds_of(found: list[Orphan]) -> list[str]:
    """What was found, each kind once, in words."""
    return [str(NAMES[what]) for what in sorted({each.what for each in found})]
