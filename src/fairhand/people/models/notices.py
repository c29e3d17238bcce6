"""What people are told: in the house, by mail, on their devices."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models.accounts import Account


class Notice(models.Model):
    """One thing that somebody is told. Its text is made from kind and parameters when read."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)  # a path of this site
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    awaits_digest = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="notices_of_one"),
            models.Index(
                fields=["account"], condition=models.Q(awaits_digest=True), name="notices_to_digest"
            ),
            models.Index(
                fields=["account"], condition=models.Q(read_at=None), name="notices_unread"
            ),
        ]


class Preference(models.Model):
    """How somebody wants to hear of one kind of thing; without a row the kind's own way."""

    class Mail(models.TextChoices):
        AT_ONCE = "at_once"
        DAILY = "daily"
        NEVER = "never"

    account = models.ForeignKey(Account, models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=40)
    mail = models.CharField(max_length=10, choices=Mail.choices)
    push = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="one_preference_a_kind"),
        ]


class MailState(models.TextChoices):
    """A mail waits until the server took it, or until it is given up."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


MAIL = Lifecycle(
    "mail",
    MailState,
    (
        Move("waiting", "sent", "The mail server took it; its words are forgotten."),
        Move("waiting", "failed", "The server refused it for good, or its time was over."),
        Move("failed", "waiting", "An operator tries again."),
    ),
)


class Mail(models.Model):
    """A mail on its way out. It is written with what it tells of, and sent after.

    Its own columns are its history. Its words are kept only for as long as they may be sent.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="mails")
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    stop_url = models.CharField(max_length=300, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    give_up_at = models.DateTimeField(db_default=Now() + timedelta(days=3))
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="waiting"), name="mails_waiting"
            ),
            models.Index(fields=["-created_at"], name="mails_by_age"),
        ]


class PushDevice(models.Model):
    """A browser that asked to be told; its address belongs to the browser's maker."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="devices")
    endpoint = models.TextField(unique=True)
    p256dh = models.CharField(max_length=200)
    auth = models.CharField(max_length=100)
    agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    failures = models.SmallIntegerField(default=0)
