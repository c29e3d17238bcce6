"""The addresses of signing in. allauth's own lists have pages for what is not offered here."""

from collections.abc import Callable

from allauth.account import views as accounts
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as apps
from allauth.mfa.webauthn import views as passkeys
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path

from fairhand.web.access import declared, public
from fairhand.web.signin import pages, passwords
from fairhand.web.signin.factors import passkeys_work
from fairhand.web.signin.reauth import lately_arrived

SIGNED_IN = "signed in"
# Templates call it: whether browsers allow passkeys is known for each request only.
WORK = {"passkeys_work": passkeys_work}

STRANGERS = [
    path(
        "accounts/login/",
        public(accounts.LoginView.as_view(extra_context=WORK)),
        name="account_login",
    ),
    path("accounts/logout/", public(accounts.logout), name="account_logout"),
    path("accounts/signup/", public(passwords.sign_up), name="account_signup"),
    path("accounts/inactive/", public(accounts.account_inactive), name="account_inactive"),
    path(
        "accounts/code/",
        public(passwords.code),
        name="account_email_verification_sent",
    ),
    path(
        "accounts/password/reset/",
        public(passwords.password_reset),
        name="account_reset_password",
    ),
    path(
        "accounts/password/reset/done/",
        public(accounts.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(accounts.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        public(accounts.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("accounts/second/", public(factors.authenticate), name="mfa_authenticate"),
    path("accounts/passkey/", public(passkeys.login_webauthn), name="mfa_login_webauthn"),
]


def _mine(address: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """A page of allauth's for whoever is signed in; allauth itself asks who that is."""
    return path(address, declared(view, SIGNED_IN), name=name)


OWN = [
    _mine("accounts/password/change/", accounts.password_change, "account_change_password"),
    _mine("accounts/password/set/", lately_arrived(accounts.password_set), "account_set_password"),
    _mine("accounts/email/", passwords.email, "account_email"),
    _mine("accounts/again/", accounts.reauthenticate, "account_reauthenticate"),
    _mine("accounts/again/code/", factors.reauthenticate, "mfa_reauthenticate"),
    _mine(
        "accounts/again/passkey/", passkeys.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"
    ),
    _mine("account/second/", factors.IndexView.as_view(extra_context=WORK), "mfa_index"),
    _mine("account/second/app/", lately_arrived(apps.activate_totp), "mfa_activate_totp"),
    _mine("account/second/app/remove/", apps.deactivate_totp, "mfa_deactivate_totp"),
    _mine("account/second/codes/", codes.view_recovery_codes, "mfa_view_recovery_codes"),
    _mine(
        "account/second/codes/new/", codes.generate_recovery_codes, "mfa_generate_recovery_codes"
    ),
    _mine(
        "account/second/codes/file/", codes.download_recovery_codes, "mfa_download_recovery_codes"
    ),
    _mine("account/passkeys/", passkeys.list_webauthn, "mfa_list_webauthn"),
    _mine("account/passkeys/add/", lately_arrived(passkeys.add_webauthn), "mfa_add_webauthn"),
    _mine("account/passkeys/<int:pk>/remove/", passwords.drop_passkey, "mfa_remove_webauthn"),
    _mine("account/passkeys/<int:pk>/name/", passkeys.edit_webauthn, "mfa_edit_webauthn"),
    path("account/browsers", pages.browsers, name="browsers"),
    path("account/browsers/end", pages.end_browser, name="end-browser"),
    path("account/phone", pages.phone, name="account_change_phone"),
    path("account/phone/code", pages.verify_phone, name="account_verify_phone"),
    path("account/phone/remove", pages.drop_phone, name="drop-phone"),
]
SIGN_IN = [*STRANGERS, *OWN]
