"""What a worker says about themselves, what they agreed to be recorded, and their devices."""

from django.db import models
from django.db.models.functions import Now

from fairhand.people.models.accounts import Account, Worker


class ProfileFact(models.Model):
    """One thing that a worker told, such as their languages; gone when they withdraw it.

    Which fields there are, why each is asked and who sees it: `fairhand.people.profile.fields`.
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="facts")
    field = models.CharField(max_length=40)
    value = models.JSONField()
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "field"], name="one_fact_a_field"),
        ]


class Consent(models.Model):
    """A yes to one purpose, such as photos of oneself, in the words that were read. Withdrawable.

    A withdrawn row stays: it proves that what was done before was agreed to.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text that was read")
    given_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="one_standing_consent",
            ),
        ]


class Device(models.Model):
    """A browser that an account was used with, as it was seen; `digest` is of its own mark."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="devices_seen")
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)  # phone, tablet, computer
    system = models.CharField(max_length=20, blank=True)
    browser = models.CharField(max_length=20, blank=True)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="a_device_once"),
        ]
