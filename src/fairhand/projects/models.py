"""What is asked and at what price: projects, batches, tasks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.people.models import Account, ApiKey, Organisation


def project_ref() -> str:
    return new_ref("prj")


def batch_ref() -> str:
    return new_ref("bat")


def import_ref() -> str:
    return new_ref("imp")


class Project(models.Model):
    """What is asked: the task interface, the instructions, the answer schema."""

    ref = models.CharField(max_length=24, unique=True, default=project_ref)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="projects")
    name = models.CharField(max_length=120)
    interface = models.JSONField()
    instructions = models.JSONField(default=list)
    created_by = models.ForeignKey(Account, models.PROTECT)
    created_at = models.DateTimeField(db_default=Now())


class BatchState(models.TextChoices):
    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    SETTLED = "settled"


BATCH = Lifecycle(
    "batch",
    BatchState,
    (
        Move("draft", "open", "The requester launches it: its money is reserved in full first."),
        Move(
            "open", "paused", "The requester stops new pages; pages that are held may be finished."
        ),
        Move("paused", "open", "The requester lets work go on."),
        Move("open", "closed", "All is answered, or the requester ends it: free slots close."),
        Move("paused", "closed", "The requester ends it: free slots close."),
        Move("closed", "settled", "No page is held or under review: what is left goes back."),
    ),
)


class Batch(models.Model):
    """A set of tasks with price, overlap and rules. Fixed once it is open."""

    ref = models.CharField(max_length=24, unique=True, default=batch_ref)
    project = models.ForeignKey(Project, models.PROTECT, related_name="batches")
    name = models.CharField(max_length=120)
    state = models.CharField(
        max_length=10, choices=BatchState.choices, default=BatchState.DRAFT, db_default="draft"
    )
    currency = models.CharField(max_length=3, default="EUR")
    price_micros = models.BigIntegerField(help_text="for one answer")
    fee_micros = models.BigIntegerField(
        default=0, help_text="the platform's, on top, for one answer"
    )
    overlap = models.IntegerField(default=3)
    page_size = models.IntegerField(default=10)
    gold_permille = models.IntegerField(
        default=0, help_text="share of gold among what is handed out"
    )
    bar_permille = models.IntegerField(null=True, help_text="gold accuracy that keeps access")
    # bar_table[n + 1]: the fewest right of n gold answers that keep access (quality.gold).
    bar_table = ArrayField(models.IntegerField(), default=list)
    confidence_permille = models.IntegerField(null=True, help_text="stop asking when this sure")
    review_hours = models.IntegerField(default=0, help_text="0 accepts at once")
    deadline_seconds = models.IntegerField(default=1800, help_text="time to hand in a page")
    reserved = models.BooleanField(default=False, help_text="tasks go to those on the allow-list")
    expected_seconds = models.FloatField(
        null=True, help_text="the requester's guess for one answer"
    )
    # The interface and instructions as they were at launch: what workers were asked.
    interface = models.JSONField(default=dict)
    instructions = models.JSONField(default=list)
    # The columns of a task that its interface shows; workers get no others.
    shown = ArrayField(models.CharField(max_length=60), default=list)
    tasks = models.IntegerField(default=0)
    bundle_size = models.IntegerField(default=1, help_text="tasks that are handed out together")
    # What is asked of a worker beside what their portal asks: names of fairhand.people.gates.
    gates = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    # The portals through which it is offered, by reference; none: everywhere.
    portals = ArrayField(models.CharField(max_length=24), default=list, db_default=[])
    # Goes up when slots become free again, so that who had seen all looks once more.
    reopenings = models.IntegerField(default=0, db_default=0)
    created_by = models.ForeignKey(Account, models.PROTECT)
    created_at = models.DateTimeField(db_default=Now())
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(price_micros__gt=0), name="batch_pays"),
            models.CheckConstraint(condition=models.Q(fee_micros__gte=0), name="batch_fee"),
            models.CheckConstraint(
                condition=models.Q(overlap__range=(1, 1000)), name="batch_overlap"
            ),
            models.CheckConstraint(
                condition=models.Q(page_size__range=(1, 100)), name="batch_page_size"
            ),
            models.CheckConstraint(
                condition=models.Q(gold_permille__range=(0, 500)), name="batch_gold_share"
            ),
            # Work that nobody reviewed within 21 days is accepted (PY-9).
            models.CheckConstraint(
                condition=models.Q(review_hours__range=(0, 21 * 24)), name="batch_review_period"
            ),
            models.CheckConstraint(
                condition=models.Q(deadline_seconds__range=(10, 7 * 86_400)), name="batch_deadline"
            ),
        ]
        indexes = [models.Index(fields=["state"], name="batches_by_state")]


class Task(models.Model):
    """One item. `key` is the requester's own name for it, unique in the batch."""

    pk = models.CompositePrimaryKey("batch_id", "position")
    batch = models.ForeignKey(Batch, models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.IntegerField()
    key = models.CharField(max_length=200)
    data = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "key"], name="task_key_once"),
        ]


class Media(models.Model):
    """A picture that tasks of a project show, drawn anew by us; `name` is the requester's own."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="media")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the stored bytes")
    kind = models.CharField(max_length=20, help_text="its media type, such as image/jpeg")
    size = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    # Set with the first task that shows it: what workers may be asked about does not change.
    used = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="media_name_once"),
        ]
        indexes = [models.Index(fields=["digest"], name="media_by_digest")]


class ImportState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"


IMPORT = Lifecycle(
    "media import",
    ImportState,
    (
        Move("waiting", "done", "Each picture was fetched and stored, or it is said why not."),
        Move(
            "waiting",
            "dropped",
            "Whoever asked for it may not add pictures any more: nothing further is fetched.",
        ),
    ),
)


class MediaImport(models.Model):
    """Pictures to be fetched from other servers, in the name and with the rights of `made_by`.

    `items` is a list of objects with `name`, `url` (until it is fetched), `outcome` (waiting,
    stored, refused, skipped) and `why`, a sentence in the language of whoever asked.
    """

    ref = models.CharField(max_length=24, unique=True, default=import_ref)
    project = models.ForeignKey(Project, models.PROTECT, related_name="imports")
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default="waiting", db_default="waiting"
    )
    items = models.JSONField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    # The key it was asked for with, if it was one: when that ends, so does this. A key may go at
    # any time, so nothing here holds on to it.
    by_key = models.BooleanField(default=False, db_default=False)
    key = models.ForeignKey(
        ApiKey, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="imports_of_project")]
