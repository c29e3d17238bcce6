"""OpenID Connect: the services that people may sign in with here, and the keys we sign with."""

from typing import ClassVar

from allauth.socialaccount.models import SocialApp
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from fairhand.people.models.organisations import Member, Organisation


class SignInService(models.Model):
    """Where people may sign in from, and what they become here when they first do.

    The protocol's own part (address, client, secret) is allauth's SocialApp.
    """

    app = models.OneToOneField(SocialApp, models.CASCADE, primary_key=True, related_name="service")
    # Whose members come from there; none: its people come to work.
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="sign_in_services"
    )
    role = models.CharField(max_length=12, choices=Member.Role.choices, blank=True)
    # It is believed about e-mail addresses at these domains, and about no others.
    domains = ArrayField(models.CharField(max_length=253), default=list)


class Welcome(models.Model):
    """Somebody of another site has come here once, and has become what its people become.

    It outlives the account, the connection and the service: each could be made anew to come back.
    """

    issuer = models.TextField()
    subject = models.TextField()
    organisation_ref = models.CharField(max_length=24, blank=True)  # empty: to work

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "subject", "organisation_ref"], name="one_welcome_each"
            )
        ]


class SigningKey(models.Model):
    """A private key that we sign identities with, sealed. The newest signs; all are published."""

    sealed = models.TextField()
    issued_at = models.DateTimeField(db_default=Now())
