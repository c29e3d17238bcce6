"""Organisations, their members, whom they invite, and their keys for programs."""

from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.people.models.accounts import Account


def organisation_ref() -> str:
    return new_ref("org")


class Organisation(models.Model):
    """A requester: whoever needs data and pays for it."""

    ref = models.CharField(max_length=24, unique=True, default=organisation_ref)
    name = models.CharField(max_length=120)
    # Whether every member, and not only its owners, must have a second factor.
    second_factor = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())


class Member(models.Model):
    """An account's place in an organisation."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"
        DESIGNER = "designer"
        REVIEWER = "reviewer"
        BILLING = "billing"
        VIEWER = "viewer"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    joined_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "account"], name="member_once"),
        ]


class ApiKey(models.Model):
    """A key for programs. Only its SHA-256 is kept; it is shown once.

    A key of an organisation acts for that organisation, and the database ends it with its member;
    one without acts as its worker.
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
    # A rotated key works on for a while, so that programs can be given the new one.
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replaces")


class Invitation(models.Model):
    """A link that makes whoever opens it a member. Only its SHA-256 is kept; it works once."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    # Only this address may use it; empty: whoever has the link.
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=12, choices=Member.Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Account, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
