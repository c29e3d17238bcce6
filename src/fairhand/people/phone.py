"""Phone numbers: proven by a code, and one account a number."""

import logging
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from fairhand.kit.decision import Refusal, Refused
from fairhand.kit.egress import Policy, Unreachable, send
from fairhand.people.audit import note
from fairhand.people.gates import changed_for_account
from fairhand.people.keys import is_simulation
from fairhand.people.models import Account
from fairhand.people.notices import tell
from fairhand.people.providers.phone import PhoneProvider
from fairhand.people.providers.phone.console import Console
from fairhand.people.providers.phone.webhook import Webhook

log = logging.getLogger(__name__)
# The address is the operator's own, so it may be on this machine; never on another private one.
GATEWAY = Policy(schemes=frozenset({"http", "https"}), ports=None, loopback=True)
TAKEN = Refusal(
    "phone_taken",
    _("This number is proven for another account. One number belongs to one account."),
    status=409,
)
NO_TEXTS = Refusal("no_texts", _("This installation sends no texts to phones."), status=404)
AWAY = Refusal(
    "texts_away", _("The text could not be sent just now. Please try again later."), status=503
)


def provider() -> PhoneProvider | None:
    """How texts are sent here; None where they are not."""
    if settings.PHONE_URL == "console:" and (is_simulation() or settings.DEBUG):
        return Console()
    if settings.PHONE_URL.startswith("http"):
        return Webhook(settings.PHONE_URL, settings.PHONE_SECRET, _post)
    return None


def send_code(account: Account, phone: str, code: str) -> None:
    """Send the code that proves a number. Raises Refused where no text can be sent."""
    way = provider()
    if way is None:
        NO_TEXTS.fail()
    with override(account.language):
        text = say("%(code)s is your code for Fairhand. Give it to nobody.") % {"code": code}
    try:
        way.send(phone, text)
    except (OSError, Refused, Unreachable) as error:
        log.warning("a text could not be sent: %s", error)
        AWAY.fail()


@transaction.atomic
def keep_phone(account: Account, phone: str) -> None:
    """Keep a number that somebody has proven to hold. Raises Refused where it is another's."""
    before = account.phone
    try:
        with transaction.atomic():
            Account.objects.filter(pk=account.pk).update(
                phone=phone, phone_verified_at=timezone.now()
            )
    except IntegrityError:
        TAKEN.fail()
    account.refresh_from_db(fields=["phone", "phone_verified_at"])
    changed_for_account(account.pk)
    note(
        "phone.changed",
        actor=account,
        account=account,
        before={"phone": before},
        after={"phone": phone},
    )
    tell(account, "security.phone_changed", link="/account")


@transaction.atomic
def forget_phone(account: Account) -> bool:
    """Forget a number; returns whether there was one."""
    before = account.phone
    changed = (
        Account.objects.filter(pk=account.pk)
        .exclude(phone="")
        .update(phone="", phone_verified_at=None)
    )
    if changed:
        changed_for_account(account.pk)
        note("phone.changed", actor=account, account=account, before={"phone": before})
        tell(account, "security.phone_changed", link="/account")
    return bool(changed)


def account_of_phone(phone: str) -> Account | None:
    """The account that has proven this number."""
    return Account.objects.filter(phone=phone, phone_verified_at__isnull=False).first()


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    return send("POST", url, headers=headers, body=body, policy=GATEWAY).status
