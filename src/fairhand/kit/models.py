"""The tables that belong to no domain: installation, history, idempotency, the vault's keys."""

from django.db import models
from django.db.models.functions import Now


class Installation(models.Model):
    """What this database was created as; exactly one row.

    One-time sign-in links and simulated workers' tokens exist only where the kind is not `live`.
    """

    class Kind(models.TextChoices):
        LIVE = "live"
        DEMO = "demo"
        REPLAY = "replay"

    id = models.SmallIntegerField(primary_key=True, default=1)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one_row"),
        ]


class History(models.Model):
    """One row a move of a lifecycle: who, when, why. Only ever added to."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    actor = models.CharField(max_length=60)
    why = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["kind", "subject", "id"], name="history_of_one_thing")]


class IdempotencyKey(models.Model):
    """The stored answer to a write that a client may retry; see kit.idempotency."""

    owner = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, default="")
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="one_effect_per_idempotency_key"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]


class VaultKey(models.Model):
    """A key that files are sealed with; itself sealed with the installation's. See kit.vault."""

    sealed = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(retired_at=None), name="one_key_in_use"
            ),
        ]
