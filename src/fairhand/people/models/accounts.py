"""Accounts, workers, signed-in browsers."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models.functions import Lower, Now

from fairhand.kit.ids import new_ref


def account_ref() -> str:
    return new_ref("acc")


def worker_ref() -> str:
    return new_ref("wrk")


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts by e-mail address, for operators and demonstrations.

    Whoever makes an account for somebody vouches for the address; who signs up proves it.
    """

    @transaction.atomic
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """A person who can sign in. What they may do follows from memberships and duties."""

    ref = models.CharField(max_length=24, unique=True, default=account_ref)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, default="en")
    phone = models.CharField(max_length=20, blank=True, db_default="")  # E.164
    phone_verified_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    # Grows with each end of its sessions; what is signed with an earlier one counts no more.
    epoch = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
            models.UniqueConstraint(
                fields=["phone"],
                condition=models.Q(phone_verified_at__isnull=False),
                name="one_account_per_verified_phone",
            ),
        ]


class Worker(models.Model):
    """An account that works. `ref` is the pseudonym that requesters see."""

    class Standing(models.TextChoices):
        """Expelled by people, with a reason; closed by the worker."""

        ACTIVE = "active"
        SUSPENDED = "suspended"
        EXPELLED = "expelled"
        CLOSED = "closed"

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True)
    ref = models.CharField(max_length=24, unique=True, default=worker_ref)
    standing = models.CharField(
        max_length=10, choices=Standing.choices, default=Standing.ACTIVE, db_default="active"
    )
    suspended_until = models.DateTimeField(null=True)
    # Grows whenever something changes that gates ask about this worker; see people.gates.
    stamp = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(standing="suspended") | models.Q(suspended_until=None),
                name="only_a_suspension_has_an_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(standing="suspended") | models.Q(suspended_until__isnull=False),
                name="every_suspension_has_an_end",
            ),
        ]


class Session(AbstractBaseSession):
    """A signed-in browser; it names its account, so that all of an account's can be ended.

    From where and when are for the account's owner, who looks whether all of them are theirs.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")
    # Whose sign-in is half finished here, such as before the second factor.
    pending = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        indexes = [models.Index(fields=["account"], name="sessions_of_account")]


class SignInLink(models.Model):
    """A one-time loopback sign-in link of a demonstration; none exists in a live installation."""

    account = models.ForeignKey(Account, models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
