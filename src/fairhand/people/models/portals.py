"""Portals: channels with a brand, a host name and a way in of their own, and who belongs to them.

What a portal keeps of the price and when it pays is in `fairhand.pay.models`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.people.models.accounts import Account, Worker


def portal_ref() -> str:
    return new_ref("por")


class Portal(models.Model):
    """A way in with its own name. The one without a host name is the installation's own site."""

    ref = models.CharField(max_length=24, unique=True, default=portal_ref)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    about = models.JSONField(default=dict, help_text="a sentence for each language")
    host = models.CharField(max_length=200, blank=True, unique=True, help_text="small letters")
    logo = models.BinaryField(default=b"", help_text="PNG that we drew ourselves; may be empty")
    accent = models.CharField(max_length=7, default="#1f5fae")
    accent_dark = models.CharField(max_length=7, default="#8fc0ff", help_text="on a dark page")
    support = models.EmailField(blank=True)
    # What is asked before work, in this order: names of fairhand.people.gates.
    gates = ArrayField(models.CharField(max_length=60), default=list)
    # Whether strangers may join, or only whoever was invited.
    open = models.BooleanField(default=False)
    listed = models.BooleanField(default=True, help_text="on the public list of official portals")
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)


class PortalStaff(models.Model):
    """Somebody who runs a portal: sees its people and its totals, and no other's."""

    class Role(models.TextChoices):
        MANAGER = "manager"
        SUPPORT = "support"

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="staff")
    account = models.ForeignKey(Account, models.CASCADE, related_name="portals_run")
    role = models.CharField(max_length=10, choices=Role.choices)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "account"], name="staff_once"),
        ]


class PortalMember(models.Model):
    """A worker who joined a portal; one person may join several."""

    portal = models.ForeignKey(Portal, models.PROTECT, related_name="members")
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="portals")
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portal", "worker"], name="joined_once"),
        ]


class PortalInvitation(models.Model):
    """A link that lets people join a portal; only its digest is kept."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, help_text="whom it is for, as staff call them")
    uses_left = models.IntegerField(null=True, help_text="none: as many as come")
    made_by = models.ForeignKey(Account, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)


class Rules(models.Model):
    """One row that is stamped anew whenever what is asked of people changes; see people.gates."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stamp = models.BigIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="rules_are_one_row"),
        ]
