"""Who somebody is, proven how: checks, what was shown for them, and who may be the same person."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.kit.lifecycle import Lifecycle, Move
from fairhand.kit.models import VaultKey
from fairhand.people.models.accounts import Account, Worker
from fairhand.people.models.appeals import Appeal


def check_ref() -> str:
    return new_ref("idc")


def proof_ref() -> str:
    return new_ref("prf")


def same_ref() -> str:
    return new_ref("sam")


class IdentityState(models.TextChoices):
    """No row: not started."""

    STARTED = "started"
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


IDENTITY = Lifecycle(
    "identity check",
    IdentityState,
    (
        Move("started", "pending", "Everything that is needed was shown; people look at it."),
        Move("started", "verified", "The provider confirmed it at once."),
        Move("started", "rejected", "The provider could not confirm it."),
        Move("started", "withdrawn", "The worker stopped, or did not go on; what was shown goes."),
        Move("pending", "verified", "Two operators agree, or the provider confirmed it."),
        Move("pending", "rejected", "Two operators agree, or the provider could not confirm it."),
        Move("pending", "withdrawn", "The worker took it back; what was shown goes."),
        Move("verified", "expired", "The document or the proof ran out: it has to be shown again."),
        Move("rejected", "verified", "An appeal was decided for the worker."),
    ),
)


class IdentityCheck(models.Model):
    """One attempt to prove who a worker is."""

    ref = models.CharField(max_length=24, unique=True, default=check_ref)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="identity_checks")
    provider = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=IdentityState.choices, default="started", db_default="started"
    )
    # As the worker says, and as the document shows.
    holder = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True)
    document_kind = models.CharField(max_length=20, blank=True)
    document_country = models.CharField(max_length=2, blank=True)
    document_expires = models.DateField(null=True)
    document_digest = models.CharField(max_length=64, blank=True)
    outside_ref = models.CharField(max_length=120, blank=True, help_text="the vendor's own name")
    reason = models.CharField(max_length=40, blank=True)  # of a closed list
    words = models.TextField(blank=True, help_text="what the worker reads beside the reason")
    started_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    purge_at = models.DateTimeField(null=True, help_text="when what was shown is deleted")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker"],
                condition=models.Q(state__in=("started", "pending")),
                name="one_identity_check_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["document_digest"],
                condition=models.Q(state="verified") & ~models.Q(document_digest=""),
                name="one_identity_a_document",
            ),
            models.UniqueConstraint(
                fields=["provider", "outside_ref"],
                condition=~models.Q(outside_ref=""),
                name="one_check_an_outside_ref",
            ),
        ]
        indexes = [models.Index(fields=["state", "sent_at"], name="identity_queue")]


class IdentityVote(models.Model):
    """What one operator made of what was shown; two that agree decide."""

    check_of = models.ForeignKey(IdentityCheck, models.CASCADE, related_name="votes")
    operator = models.ForeignKey(Account, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10)  # verified, rejected
    reason = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_of", "operator"], name="one_vote_an_operator"),
        ]


class Proof(models.Model):
    """A picture that somebody showed, drawn anew by us and sealed with a key of the vault."""

    ref = models.CharField(max_length=24, unique=True, default=proof_ref)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    check_of = models.ForeignKey(IdentityCheck, models.CASCADE, null=True, related_name="proofs")
    appeal = models.ForeignKey(Appeal, models.CASCADE, null=True, related_name="proofs")
    kind = models.CharField(max_length=10)  # front, back, selfie, other
    page = models.SmallIntegerField(default=1)
    key = models.ForeignKey(VaultKey, models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    width = models.IntegerField()
    height = models.IntegerField()
    at = models.DateTimeField(db_default=Now())


class Signal(models.Model):
    """A trace that two accounts of one person would share: only its keyed digest is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)  # document, payout, device
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "digest"], name="a_signal_once"),
        ]
        indexes = [models.Index(fields=["kind", "digest"], name="signals_alike")]


class SameState(models.TextChoices):
    OPEN = "open"
    DIFFERENT = "different"
    SAME = "same"


SAME = Lifecycle(
    "same person",
    SameState,
    (
        Move("open", "different", "An operator found that these are two people."),
        Move("open", "same", "An operator found that this is one person; nothing else follows."),
        Move("different", "open", "A new kind of trace is shared."),
    ),
)


class SameCase(models.Model):
    """Two accounts that share traces, for a person to look at. It never decides anything itself."""

    ref = models.CharField(max_length=24, unique=True, default=same_ref)
    first = models.ForeignKey(Account, models.CASCADE, related_name="+")
    second = models.ForeignKey(Account, models.CASCADE, related_name="+")
    kinds = ArrayField(models.CharField(max_length=10), default=list)
    state = models.CharField(max_length=10, choices=SameState.choices, default=SameState.OPEN)
    opened_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_why = models.TextField(blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_case_a_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="a_pair_in_order"
            ),
        ]
