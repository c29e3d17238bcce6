"""Accounts, organisations and their members, workers, API keys, sessions."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower, Now

from fairhand.kit.ids import new_ref


def account_ref() -> str:
    return new_ref("acc")


def organisation_ref() -> str:
    return new_ref("org")


def worker_ref() -> str:
    return new_ref("wrk")


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts by e-mail address; allauth and the demo come through here."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """A person who can sign in. What they may do follows from memberships and duties."""

    ref = models.CharField(max_length=24, unique=True, default=account_ref)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
        ]


class Organisation(models.Model):
    """A requester: whoever needs data and pays for it."""

    ref = models.CharField(max_length=24, unique=True, default=organisation_ref)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(db_default=Now())


class Member(models.Model):
    """An account's place in an organisation."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"
        VIEWER = "viewer"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "account"], name="member_once"),
        ]


class Operator(models.Model):
    """An account that runs the installation."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True)


class Worker(models.Model):
    """An account that works. `ref` is the pseudonym that requesters see."""

    class Standing(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True)
    ref = models.CharField(max_length=24, unique=True, default=worker_ref)
    standing = models.CharField(
        max_length=10, choices=Standing.choices, default=Standing.ACTIVE, db_default="active"
    )
    created_at = models.DateTimeField(db_default=Now())


class ApiKey(models.Model):
    """A key for programs. Only its SHA-256 is kept; it is shown once.

    A key of an organisation acts for that organisation; one without acts as its worker.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="api_keys")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())


class Session(AbstractBaseSession):
    """A signed-in browser; it names its account, so that all of an account's can be ended."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")

    class Meta:
        indexes = [models.Index(fields=["account"], name="sessions_of_account")]


class SignInLink(models.Model):
    """A one-time loopback sign-in link of a demonstration; none exists in a live installation."""

    account = models.ForeignKey(Account, models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
