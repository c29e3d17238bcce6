"""Accounts, organisations, operators; the audit trail; notices."""

from fairhand.people.models.accounts import (
    Account,
    AccountManager,
    Session,
    SignInLink,
    Worker,
    account_ref,
    worker_ref,
)
from fairhand.people.models.audit import Event
from fairhand.people.models.notices import MAIL, Mail, MailState, Notice, Preference, PushDevice
from fairhand.people.models.oidc import SigningKey, SignInService, Welcome
from fairhand.people.models.operators import (
    APPROVAL,
    Approval,
    ApprovalState,
    Duty,
    Operator,
    approval_ref,
)
from fairhand.people.models.organisations import (
    ApiKey,
    Invitation,
    Member,
    Organisation,
    organisation_ref,
)

__all__ = [
    "APPROVAL",
    "MAIL",
    "Account",
    "AccountManager",
    "ApiKey",
    "Approval",
    "ApprovalState",
    "Duty",
    "Event",
    "Invitation",
    "Mail",
    "MailState",
    "Member",
    "Notice",
    "Operator",
    "Organisation",
    "Preference",
    "PushDevice",
    "Session",
    "SignInLink",
    "SignInService",
    "SigningKey",
    "Welcome",
    "Worker",
    "account_ref",
    "approval_ref",
    "organisation_ref",
    "worker_ref",
]
