"""allauth's forms in our words: one name for each thing, on every page and in every language."""

from typing import Any

from allauth.account import forms as allauth
from django.forms import Field
from django.utils.translation import gettext_lazy as _

ADDRESS, CODE = _("E-mail address"), _("Code")
LABELS = {
    "login": ADDRESS,
    "email": ADDRESS,
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "remember": _("Stay signed in"),
    "code": CODE,
    "phone": _("Phone number"),
}
# What allauth says when something does not fit, in our words.
WRONG = {
    "account_inactive": _("This account is closed."),
    "duplicate_email": _("This is your address already."),
    "email_password_mismatch": _("The address or the password is not right."),
    "email_taken": _("This address cannot be used. Choose another one."),
    "incorrect_code": _("This code is not right. Look at it again, or have a new one sent."),
    "incorrect_password": _("This password is not right."),
    "enter_current_password": _("This password is not right."),
    "same_as_current": _("This is what it is already."),
    "rate_limited": _("That was too often. Wait a little, then try again."),
}


class Named:
    """A form whose fields have our names; placeholders that say the same once more are left out."""

    fields: dict[str, Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in LABELS:
                field.label = LABELS[name]
                field.widget.attrs.pop("placeholder", None)


class SignUpForm(Named, allauth.SignupForm):  # type: ignore[misc]
    """An address and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = LABELS["password"]


class ForgottenForm(Named, allauth.ResetPasswordForm):  # type: ignore[misc]
    """Where the link to a new password goes."""


class ResetForm(Named, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by that link."""


class FirstPasswordForm(Named, allauth.SetPasswordForm):  # type: ignore[misc]
    """A password for who has none."""


class PasswordAgainForm(Named, allauth.ReauthenticateForm):  # type: ignore[misc]
    """The password before something that matters."""


class MailedCodeForm(Named, allauth.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that was mailed."""


class NewNumberForm(Named, allauth.ChangePhoneForm):  # type: ignore[misc]
    """Another phone number."""


class SentCodeForm(Named, allauth.VerifyPhoneForm):  # type: ignore[misc]
    """The code that was sent to a phone."""
