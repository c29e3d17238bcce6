"""What somebody asked for about their own data: a copy of all of it, or an end of it."""

from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.kit.models import VaultKey
from fairhand.people.models.accounts import Account


def export_ref() -> str:
    return new_ref("exp")


def deletion_ref() -> str:
    return new_ref("del")


class ExportState(models.TextChoices):
    ASKED = "asked"
    READY = "ready"
    GONE = "gone"


EXPORT = Lifecycle(
    "data export",
    ExportState,
    (
        Move("asked", "ready", "The archive was made and sealed; its owner was told."),
        Move("ready", "gone", "A week passed: the archive is deleted."),
    ),
)


class DataExport(models.Model):
    """One archive of all that is kept about somebody, sealed, for them alone."""

    ref = models.CharField(max_length=24, unique=True, default=export_ref)
    account = models.ForeignKey(Account, models.PROTECT, related_name="exports")
    state = models.CharField(
        max_length=10, choices=ExportState.choices, default="asked", db_default="asked"
    )
    asked_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True, help_text="when it is, or was, deleted")
    key = models.ForeignKey(VaultKey, models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField(default=b"")
    size = models.BigIntegerField(default=0, help_text="bytes of the archive")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(state="asked"),
                name="one_export_is_being_made",
            ),
        ]


class DeletionState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"


DELETION = Lifecycle(
    "deletion of an account",
    DeletionState,
    (
        Move("waiting", "done", "Two weeks passed, and nothing was owed or open: it is deleted."),
        Move("waiting", "cancelled", "Its owner changed their mind."),
    ),
)


class Deletion(models.Model):
    """Somebody wants their account to be gone. The row stays: it says from when periods run."""

    ref = models.CharField(max_length=24, unique=True, default=deletion_ref)
    account = models.ForeignKey(Account, models.PROTECT, related_name="deletions")
    state = models.CharField(
        max_length=10, choices=DeletionState.choices, default="waiting", db_default="waiting"
    )
    # Whether asking closed the worker's standing, so that changing one's mind opens it again.
    closed = models.BooleanField(default=False)
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    # When its owner was told that something keeps it from being done.
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=~models.Q(state="cancelled"),
                name="one_deletion_an_account",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="waiting"), name="deletions_due"
            ),
        ]
