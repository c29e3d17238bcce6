"""Portals' terms, destinations, payout runs and their items. The money itself is in the ledger."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models import Account, Portal, Worker


def run_ref() -> str:
    return new_ref("pay")


class PortalTerms(models.Model):
    """What a portal keeps of the price, and when and how it pays. None: the installation's own."""

    class Calendar(models.TextChoices):
        WEEKLY = "weekly"
        FORTNIGHTLY = "fortnightly"
        MONTHLY = "monthly"

    portal = models.OneToOneField(Portal, models.CASCADE, primary_key=True, related_name="terms")
    share_permille = models.IntegerField(default=0, help_text="of the requester's price")
    calendar = models.CharField(max_length=12, choices=Calendar.choices, default=Calendar.MONTHLY)
    # A day of the week from 1, Monday; or of the month, 28 at most so that each month has one.
    day = models.SmallIntegerField(default=14)
    # A payday of the fortnightly calendar, from which the others follow.
    first = models.DateField(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    minimum_micros = models.BigIntegerField(default=10_000_000)
    rails = ArrayField(models.CharField(max_length=12), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share_permille__range=(0, 900)), name="portal_share"
            ),
            models.CheckConstraint(condition=models.Q(day__range=(1, 28)), name="portal_payday"),
        ]


class Destination(models.Model):
    """Where a worker wants their money: one for each rail."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="destinations")
    rail = models.CharField(max_length=12)
    holder = models.CharField(
        max_length=70, help_text="the account holder's name, as the bank has it"
    )
    address = models.CharField(max_length=64, help_text="for SEPA the IBAN, without spaces")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worker", "rail"], name="one_destination_a_rail"),
        ]


class Payer(models.Model):
    """The installation's own account on a rail, and the least that it pays out there."""

    rail = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=70)
    address = models.CharField(max_length=64, help_text="for SEPA the IBAN, without spaces")
    bic = models.CharField(max_length=11, blank=True, default="")
    town = models.CharField(max_length=35, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    minimum_micros = models.BigIntegerField(default=5_000_000)


class RunState(models.TextChoices):
    PREPARED = "prepared"
    SENT = "sent"
    DONE = "done"
    CANCELLED = "cancelled"


RUN = Lifecycle(
    "payout run",
    RunState,
    (
        Move("prepared", "sent", "An operator gave the file to the bank."),
        Move("prepared", "cancelled", "An operator stopped it before the bank had it."),
        Move("sent", "done", "Every payment is confirmed or came back."),
    ),
)


class PayoutRun(models.Model):
    """One file to one bank: who is paid what, and how far it is."""

    ref = models.CharField(max_length=24, unique=True, default=run_ref)
    # Whose people it pays; none: those of the installation's own site.
    portal = models.ForeignKey(Portal, models.PROTECT, null=True, related_name="payout_runs")
    rail = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    state = models.CharField(
        max_length=10, choices=RunState.choices, default=RunState.PREPARED, db_default="prepared"
    )
    execution_date = models.DateField()
    total_micros = models.BigIntegerField()
    clearing_account = models.BigIntegerField()
    file = models.BinaryField(default=b"")
    created_by = models.ForeignKey(Account, models.PROTECT)
    # Written into the file: the same run gives the same bytes.
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Two operators cannot prepare the same run twice (PY-4).
            models.UniqueConstraint(
                fields=["rail", "currency", "portal"],
                condition=models.Q(state="prepared"),
                nulls_distinct=False,
                name="one_prepared_run_a_portal",
            ),
        ]


class ItemState(models.TextChoices):
    PREPARED = "prepared"
    PAID = "paid"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


ITEM = Lifecycle(
    "payout item",
    ItemState,
    (
        Move("prepared", "paid", "The bank confirmed it."),
        Move("prepared", "bounced", "The bank sent it back: the worker has the money again."),
        Move("prepared", "cancelled", "Its run was stopped: the worker has the money again."),
        Move(
            "paid",
            "bounced",
            "The bank sent it back after it was confirmed: the worker has the money again.",
        ),
    ),
)


class PayoutItem(models.Model):
    """One payment of a run, with the destination as it was when the file was written."""

    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="items")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="payouts")
    end_to_end_id = models.CharField(max_length=35, unique=True)
    amount_micros = models.BigIntegerField()
    holder = models.CharField(max_length=70)
    address = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10, choices=ItemState.choices, default=ItemState.PREPARED, db_default="prepared"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "worker"], name="paid_once_a_run"),
            models.CheckConstraint(condition=models.Q(amount_micros__gt=0), name="payout_pays"),
        ]
