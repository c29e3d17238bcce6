"""How somebody contests a decision about them: one lifecycle for every kind of decision."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models.accounts import Account


def appeal_ref() -> str:
    return new_ref("apl")


class AppealState(models.TextChoices):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


APPEAL = Lifecycle(
    "appeal",
    AppealState,
    (
        Move(
            "open",
            "upheld",
            "Somebody who did not decide agrees, or whoever decided corrects it: it is undone.",
        ),
        Move("open", "dismissed", "Somebody who did not decide before stands by the decision."),
        Move("open", "lapsed", "Nobody answered in time: the decision is undone."),
        Move("open", "withdrawn", "Whoever asked took it back."),
    ),
)


class Appeal(models.Model):
    """Somebody asks for a person to look at a decision about them again."""

    ref = models.CharField(max_length=24, unique=True, default=appeal_ref)
    kind = models.CharField(max_length=20)  # standing, identity, restriction, …
    subject = models.CharField(max_length=80, help_text="names one decision of its kind")
    account = models.ForeignKey(Account, models.PROTECT, related_name="appeals")
    # The decision as it stood when it was contested: what, why, made from what.
    facts = models.JSONField(default=dict)
    made_by = ArrayField(models.CharField(max_length=60), default=list)
    words = models.TextField()
    state = models.CharField(
        max_length=10, choices=AppealState.choices, default="open", db_default="open"
    )
    opened_at = models.DateTimeField(db_default=Now())
    deadline = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_why = models.TextField(blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=~models.Q(state="withdrawn"),
                name="one_appeal_a_decision",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"], condition=models.Q(state="open"), name="appeals_open"
            ),
        ]
