"""The audit trail: one row for each action on security or money."""

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """Who did what to whom, when and from where, and what it was before and after.

    Rows are only ever added, and outlive what they tell of: everything is named by its reference.
    """

    action = models.CharField(max_length=40)
    actor = models.CharField(max_length=60)  # an account's reference, or system:<what>
    account = models.CharField(max_length=24, blank=True)  # whom it concerns
    organisation = models.CharField(max_length=24, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    origin = models.JSONField(default=dict)  # ip, agent, key, request
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="events_about_one"),
            models.Index(fields=["actor", "-id"], name="events_by_one"),
            models.Index(fields=["organisation", "-id"], name="events_of_organisation"),
        ]
