"""What allauth tells of changes to who can get in: as an event, and as a notice to the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Change:
    """One change. Without an action, the verb behind it has noted it already."""

    action: str = ""
    notice: str = ""
    factor: str | Promise = ""
    subject: str = ""

    def params(self, told: Mapping[str, Any]) -> dict[str, str]:
        """What the notice's sentence names, from what allauth says of the change."""
        if self.factor:
            return {"factor": str(self.factor)}
        if "provider" in told:
            return {"provider": str(told["provider"].name)}
        return {"address": str(told["to_email"])} if "to_email" in told else {}


PASSWORD = Change("", "security.password_changed")
APP, PASSKEY = _("a code from an app"), _("a passkey")
ADDED, REMOVED = "security.second_factor_added", "security.second_factor_removed"
# By the templates of allauth's mails; a test compares it with them.
CHANGES: Mapping[str, Change] = {
    "account/email/password_changed": PASSWORD,
    "account/email/password_set": PASSWORD,
    "account/email/password_reset": PASSWORD,
    "account/email/email_changed": Change("email.changed", "security.email_changed"),
    "account/email/email_deleted": Change(),  # it had never been proven
    "socialaccount/email/account_connected": Change(
        "factor.added", "security.sign_in_linked", subject="elsewhere"
    ),
    "socialaccount/email/account_disconnected": Change(
        "factor.removed", "security.sign_in_unlinked", subject="elsewhere"
    ),
    "mfa/email/totp_activated": Change("factor.added", ADDED, APP, "totp"),
    "mfa/email/totp_deactivated": Change("factor.removed", REMOVED, APP, "totp"),
    "mfa/email/webauthn_added": Change("factor.added", ADDED, PASSKEY, "passkey"),
    "mfa/email/webauthn_removed": Change("factor.removed", REMOVED, PASSKEY, "passkey"),
    "mfa/email/recovery_codes_generated": Change(
        "recovery_codes.made", "security.recovery_codes_made"
    ),
}
