"""How allauth's second factors fit: secrets sealed at rest, guesses limited, counters watched."""

from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import AddEmailForm
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from django import forms
from django.contrib import messages
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fairhand.kit.sealed import seal, unseal
from fairhand.people.audit import note
from fairhand.people.factors import FACTORS, must_have_second_factor
from fairhand.people.models import Account
from fairhand.people.notices import tell
from fairhand.web.limits import GUESSES, take
from fairhand.web.signin.forms import Named
from fairhand.web.signin.known import device_of

PURPOSE = "second factors"
LONGEST_NAME = 60


def passkeys_work() -> bool:
    """Whether browsers allow passkeys here: at a name, by https or on this machine."""
    request = context.request
    host = request.get_host().rsplit(":", 1)[0]
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
        return bool(request.is_secure() or local)
    return False


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets are sealed with the installation's key; the last demanded factor stays."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code does not fit. Wait for the app's next one and try that."),
        "cannot_delete_authenticator": _(
            "What you do here takes a second factor. Add a passkey first, then remove this."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, PURPOSE)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        others = others.exclude(pk=authenticator.pk)
        return others.exists() or not must_have_second_factor(authenticator.user)

    def generate_authenticator_name(self, user: Account, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        count = Authenticator.objects.filter(user=user, type=type).count()
        return say("Passkey %(number)s") % {"number": count + 1}


class _Guessed(Named):
    """A form that takes a code: each wrong one is counted, for this account and this address."""

    user: Account
    authenticator: Authenticator
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        device = device_of(context.request, self.user)
        name = "second_factor_known" if device else "second_factor"
        parts = {"device": device, "user": str(self.user.pk)}
        taken = take(context.request, name, GUESSES[name], **parts)
        if taken is None:
            raise get_account_adapter().validation_error("too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            self.wrong()
            raise
        taken.rollback()
        return code

    def wrong(self) -> None:
        """What else there is to do with a wrong code."""


class _Proof(_Guessed):
    """A form by whose code somebody proves who they are: the trail has what came of it."""

    def wrong(self) -> None:
        note("second_factor.failed", actor="system:sign-in", account=self.user)

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            note("recovery_code.used", actor=self.user, account=self.user)
            _count_codes(self.authenticator)
            tell(self.user, "security.recovery_code_used", link="/account")


def _count_codes(authenticator: Authenticator) -> None:
    """Say how many recovery codes are left to whoever has just used one."""
    kept = Authenticator.objects.get(pk=authenticator.pk)  # as it is after the use
    left = len(kept.wrap().get_unused_codes())
    told = ngettext(
        "You used a recovery code up: %(left)s is left.",
        "You used a recovery code up: %(left)s are left.",
        left,
    )
    link = format_html(
        '<a href="{}">{}</a>', reverse("mfa_index"), say("Passkeys and second factors")
    )
    messages.warning(context.request, format_html("{} {}", told % {"left": left}, link))


class CodeForm(_Proof, AuthenticateForm):  # type: ignore[misc]
    """The code at signing in. A recovery code is told to its owner."""


class CodeAgainForm(_Proof, ReauthenticateForm):  # type: ignore[misc]
    """The code before something that matters."""


class FirstCodeForm(_Guessed, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app."""


class _Counted:
    """A form that takes a passkey's answer.

    A passkey that counts its uses must not go back: then there are two of it (WebAuthn, 7.2, step
    22). allauth and fido2 leave that to us. Those of phones do not count and always say 0.
    """

    cleaned_data: dict[str, Any]

    @transaction.atomic
    def clean_credential(self) -> Authenticator:
        answer = self.cleaned_data["credential"]
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
            told = parse_authentication_response(answer).response.authenticator_data.counter
        except (AttributeError, KeyError, TypeError, ValueError):
            raise get_account_adapter().validation_error("incorrect_code") from None
        passkey = Authenticator.objects.select_for_update().get(pk=found.pk)
        last = passkey.data.get("counter", passkey.wrap().authenticator_data.counter)
        if (told or last) and told <= last:
            raise forms.ValidationError(
                _("This passkey seems to have been copied. Sign in another way and remove it.")
            )
        passkey.data["counter"] = told
        passkey.save(update_fields=["data"])
        return passkey


class PasskeyForm(_Counted, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as second factor."""


class PasskeyAloneForm(_Counted, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey as all that it takes."""


class PasskeyAgainForm(_Counted, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before something that matters."""


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Passkeys sign in alone unless somebody wants theirs as a second factor only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.max_length = say("Name"), LONGEST_NAME
        name.help_text = say("So that you know it again, for example “phone”.")
        alone.label, alone.initial = say("Sign in with it alone, without a password"), True
        alone.help_text = say("It then asks for your finger, your face or its PIN.")

    def clean(self) -> dict[str, Any]:
        """What is no passkey's answer is refused in a sentence, however it is written."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except (AttributeError, KeyError, TypeError, ValueError):
            raise get_account_adapter().validation_error("incorrect_code") from None
        return cleaned


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = say("Name")
        self.fields["name"].max_length = LONGEST_NAME


class NewAddressForm(Named, AddEmailForm):  # type: ignore[misc]
    """Another address: twice a day, so that nobody is flooded with our mails."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if take(context.request, "new_address", GUESSES["new_address"]) is None:
            raise forms.ValidationError(
                _("You may change the address twice a day. Please try again tomorrow.")
            )
        return email
