"""What people agree to in writing: versioned texts in several languages, and their signatures.

Versions, texts and signatures are only ever added (sql/agreements.sql).
"""

from django.db import models
from django.db.models.functions import Now

from fairhand.kit.ids import new_ref
from fairhand.people.models.accounts import Account


def agreement_ref() -> str:
    return new_ref("agr")


def signature_ref() -> str:
    return new_ref("sig")


class Agreement(models.Model):
    """A text that somebody must sign. Its newest version is the one that counts.

    `scope` is empty for the whole installation, or the reference of a portal or a project.
    """

    class Kind(models.TextChoices):
        TERMS = "terms"
        PRIVACY = "privacy"
        NDA = "nda"

    ref = models.CharField(max_length=24, unique=True, default=agreement_ref)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    scope = models.CharField(max_length=24, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, help_text="asked of nobody any more")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope"], name="one_agreement_a_kind"),
        ]


class AgreementVersion(models.Model):
    """One wording of an agreement, which demands a new signature."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    published_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="a_version_once"),
        ]


class AgreementText(models.Model):
    """A version's text in one language. `digest` is the SHA-256 of title, newline and text."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="texts")
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=120)
    text = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="one_text_a_language"),
        ]


class Signature(models.Model):
    """Who agreed to which text, when, and from where."""

    ref = models.CharField(max_length=24, unique=True, default=signature_ref)
    account = models.ForeignKey(Account, models.PROTECT, related_name="signatures")
    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="signatures")
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=120, help_text="as the person typed it")
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="signed_once"),
        ]
