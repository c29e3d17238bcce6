"""With which devices an account is used, as they are seen: a browser has a mark of its own.

A device that two accounts share is a weak sign that they are one person's: families share one, and
cafés lend theirs to everybody. It links nobody by itself; see fairhand.people.identity.sameness.
"""

import hashlib
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.browsers import BROWSERS, SYSTEMS
from fairhand.people.identity.sameness import observe
from fairhand.people.models import Account, Device, Worker

ONCE_A = timedelta(days=1)  # at most one write


class Kind(StrEnum):
    """What a device is, as far as its browser says so: an iPad may call itself a Mac."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"


NAMES: dict[str, str | Promise] = {
    Kind.PHONE: _("Phone"),
    Kind.TABLET: _("Tablet"),
    Kind.COMPUTER: _("Computer"),
}


@transaction.atomic
def seen(account: Account, mark: str, agent: str) -> Device | None:
    """Note that a worker's account is used with the browser that has this mark.

    The mark itself is not kept, only its digest. None for accounts that do not work: of them no
    devices are kept.
    """
    if not mark or not Worker.objects.filter(account=account).exists():
        return None
    said = {"kind": kind_of(agent), "system": _named(SYSTEMS, agent)}
    said["browser"] = _named(BROWSERS, agent)
    digest = digest_of(mark)
    device, new = Device.objects.get_or_create(account=account, digest=digest, defaults=said)
    if new:
        observe(account, "device", digest)
    elif device.last_at <= timezone.now() - ONCE_A:
        Device.objects.filter(pk=device.pk).update(last_at=timezone.now(), **said)
    return device


def digest_of(mark: str) -> str:
    """What is kept of a browser's mark: SHA-256, as hexadecimal digits."""
    return hashlib.sha256(mark.encode()).hexdigest()


def devices_of(account: Account) -> list[Device]:
    """The devices of an account, the one that was used last first."""
    return list(Device.objects.filter(account=account).order_by("-last_at", "-pk"))


def kind_of(agent: str) -> Kind:
    """What kind of device a browser says that it runs on."""
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return Kind.TABLET
    return Kind.PHONE if "Mobile" in agent or "iPhone" in agent else Kind.COMPUTER


def _named(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in names if sign in agent), "")
