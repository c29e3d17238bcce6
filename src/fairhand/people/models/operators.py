"""Who runs the installation, with which duties, and what takes two of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models.accounts import Account


def approval_ref() -> str:
    return new_ref("apr")


class Duty(models.TextChoices):
    """A part of running the installation. Whoever has none of them runs nothing."""

    SUPPORT = "support"
    IDENTITY = "identity"
    FINANCE = "finance"
    QUALITY = "quality"
    ADMIN = "admin"


class Operator(models.Model):
    """An account that runs the installation, or a part of it."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True)
    duties = ArrayField(models.CharField(max_length=10, choices=Duty.choices), default=list)


class ApprovalState(models.TextChoices):
    """Asked by one operator, decided by another."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


APPROVAL = Lifecycle(
    "approval",
    ApprovalState,
    (
        Move("waiting", "approved", "A second operator approved: the action was done with it."),
        Move("waiting", "refused", "A second operator refused: nothing was done."),
        Move("waiting", "withdrawn", "Whoever asked took it back: nothing was done."),
        Move("waiting", "expired", "Nobody decided within a week: nothing was done."),
    ),
)


class Approval(models.Model):
    """An action that takes two operators: what it would do, who asked, who decided."""

    ref = models.CharField(max_length=24, unique=True, default=approval_ref)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING
    )
    asked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asked_why = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_why = models.TextField(blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="withdrawn")
                | models.Q(decided_by=None)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="two_operators_decide",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(state="waiting"),
                name="one_approval_waits",
            ),
        ]
