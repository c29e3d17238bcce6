"""Who holds what, what was answered, what was decided.

The first column of every big table is the batch, so that they partition without a rewrite. There
are no foreign keys on what the hot path writes: each would lock a row that all workers share.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models import Account, Worker
from fairhand.projects.models import Batch


class Bundle(models.Model):
    """Tasks that are handed out together, and how many more workers may have them.

    `turn` orders what is open; it has an index of its own, over open bundles only, because in the
    order of the primary key PostgreSQL walks over everything that is already taken.
    """

    pk = models.CompositePrimaryKey("batch_id", "no")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    no = models.IntegerField()
    turn = models.IntegerField()
    gold = models.BooleanField(default=False)
    # Flips only with the last slot, so that most updates touch no index.
    open = models.BooleanField(default=True)
    slots = models.IntegerField()
    tasks = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(slots__gte=0), name="bundle_slots"),
            models.CheckConstraint(
                condition=models.Q(open=models.Q(slots__gt=0)), name="bundle_open_while_slots"
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "gold", "turn"], condition=models.Q(open=True), name="bundles_open"
            ),
        ]


class Reservation(models.Model):
    """A task that is kept for one worker (the field calls it `reserved_for`)."""

    pk = models.CompositePrimaryKey("batch_id", "worker_id", "turn")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, db_constraint=False, db_index=False)
    turn = models.IntegerField()
    bundle_no = models.IntegerField()


class Enrolment(models.Model):
    """A worker's place in a batch: where they are, what they hold, how they do."""

    pk = models.CompositePrimaryKey("batch_id", "worker_id")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, db_constraint=False, db_index=False)
    halted = models.BooleanField(default=False, db_default=False)
    cursor = models.IntegerField(default=-1)
    passes = models.IntegerField(default=0, db_default=0)
    gold_cursor = models.IntegerField(default=-1)
    gold_passes = models.IntegerField(default=0, db_default=0)
    # The batch's `reopenings` when this worker had seen all there was; -1 before.
    exhausted_at = models.IntegerField(default=-1, db_default=-1)
    pages = models.IntegerField(default=0, db_default=0)
    held = ArrayField(models.IntegerField(), default=list, db_default=[])
    answers = models.IntegerField(default=0, db_default=0)
    gold_seen = models.IntegerField(default=0, db_default=0)
    gold_right = models.IntegerField(default=0, db_default=0)
    earned_micros = models.BigIntegerField(default=0, db_default=0)
    # The ledger accounts that a page's money moves between.
    escrow_account = models.BigIntegerField()
    earning_account = models.BigIntegerField()
    fee_account = models.BigIntegerField()
    # The portal that the worker works through (0: the installation's own site), what it keeps of
    # the price, and the account that keeps it.
    portal = models.BigIntegerField(default=0, db_default=0)
    share_permille = models.IntegerField(default=0, db_default=0)
    share_account = models.BigIntegerField(default=0, db_default=0)
    # What was asked of this worker when it was last looked at; see people.gates.
    stamp = models.BigIntegerField(default=-1, db_default=-1)
    look_again_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField(db_default=Now())

    class Meta:
        # The batch is in it so that finding one enrolment never reads all of a worker's.
        indexes = [models.Index(fields=["worker", "batch"], name="enrolments_of_worker")]


class AssignmentState(models.TextChoices):
    OPEN = "open"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    EXPIRED = "expired"


ASSIGNMENT = Lifecycle(
    "assignment",
    AssignmentState,
    (
        Move("open", "submitted", "Handed in on time; the requester may review it."),
        Move("open", "accepted", "Handed in on time to a batch that accepts at once."),
        Move(
            "open", "returned", "The worker gave it back, or lost access: its slots are free again."
        ),
        Move("open", "expired", "Its deadline passed: its slots are free again."),
        Move(
            "submitted",
            "accepted",
            "Accepted by the requester, or by the end of the review period.",
        ),
    ),
)


class Assignment(models.Model):
    """A page claimed by one worker. Its own columns are its history: when claimed, when ended.

    `no` counts the pages that this worker claimed in this batch.
    """

    pk = models.CompositePrimaryKey("batch_id", "worker_id", "no")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, db_constraint=False, db_index=False)
    no = models.IntegerField()
    state = models.CharField(
        max_length=10,
        choices=AssignmentState.choices,
        default=AssignmentState.OPEN,
        db_default="open",
    )
    claimed_at = models.DateTimeField(db_default=Now())
    deadline = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    bundles = ArrayField(models.IntegerField())
    # In the order in which they are shown; a task's place here is all that its worker sees of it.
    tasks = ArrayField(models.IntegerField())
    # What the requester pays is pay, what the portal keeps, and the platform's fee.
    pay_micros = models.BigIntegerField()
    share_micros = models.BigIntegerField(default=0, db_default=0)
    fee_micros = models.BigIntegerField()
    portal = models.BigIntegerField(default=0, db_default=0)
    digest = models.CharField(max_length=32, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="assignment_ended_once_not_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"], condition=models.Q(state="open"), name="assignments_held"
            ),
            models.Index(
                fields=["batch", "ended_at"],
                condition=models.Q(state="submitted"),
                name="assignments_in_review",
            ),
            # Pages of the own site are not in it, and a page's portal never changes.
            models.Index(
                fields=["portal"], condition=~models.Q(portal=0), name="assignments_of_portals"
            ),
        ]


class Answer(models.Model):
    """One worker's judgment of one task; one for each pair, written once."""

    pk = models.CompositePrimaryKey("batch_id", "position", "worker_id")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.IntegerField()
    worker = models.ForeignKey(Worker, models.DO_NOTHING, db_constraint=False, db_index=False)
    page = models.IntegerField()
    value = models.JSONField()
    seconds = models.FloatField(null=True)
    # Whether a gold answer was right; null for an ordinary task.
    right = models.BooleanField(null=True)
    at = models.DateTimeField(db_default=Now())


class Result(models.Model):
    """The answer the crowd gave, with confidence and evidence."""

    pk = models.CompositePrimaryKey("batch_id", "position")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.IntegerField()
    value = models.JSONField()
    confidence = models.FloatField()
    method = models.CharField(max_length=40)
    answers = models.IntegerField()
    votes = models.JSONField()
    at = models.DateTimeField(db_default=Now())


class Restriction(models.Model):
    """A decision that keeps a worker out of a batch, with all that it was made from.

    Contestable; lifting it lets the worker go on where they stopped.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="restrictions")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="restrictions")
    reason = models.CharField(max_length=40)
    rule = models.CharField(max_length=60)
    rule_version = models.IntegerField()
    inputs = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Account, models.PROTECT, null=True)
    lifted_why = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "worker", "reason"],
                condition=models.Q(lifted_at=None),
                name="one_standing_restriction_a_reason",
            ),
        ]
