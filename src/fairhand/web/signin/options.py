"""How allauth works here, as far as it is the same in every installation."""

ACCOUNT_ADAPTER = "fairhand.web.signin.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "fairhand.web.signin.passwords.SignInForm",
    "signup": "fairhand.web.signin.forms.SignUpForm",
    "reset_password": "fairhand.web.signin.forms.ForgottenForm",
    "reset_password_from_key": "fairhand.web.signin.forms.ResetForm",
    "set_password": "fairhand.web.signin.forms.FirstPasswordForm",
    "reauthenticate": "fairhand.web.signin.forms.PasswordAgainForm",
    "confirm_email_verification_code": "fairhand.web.signin.forms.MailedCodeForm",
    "change_phone": "fairhand.web.signin.forms.NewNumberForm",
    "verify_phone": "fairhand.web.signin.forms.SentCodeForm",
    "change_password": "fairhand.web.signin.passwords.ChangeForm",
    "add_email": "fairhand.web.signin.factors.NewAddressForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Guesses are counted in web/limits.py, per account and address; these are allauth's own counts.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "signup": None,
    "reset_password": None,
    "change_phone": None,
    "confirm_email": "30/d/key",  # of one address in all; see MAILED_CODES there for each asker
    "verify_phone": "1/30s/key,5/d/key",
}
MFA_ADAPTER = "fairhand.web.signin.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "fairhand.web.signin.factors.CodeForm",
    "reauthenticate": "fairhand.web.signin.factors.CodeAgainForm",
    "activate_totp": "fairhand.web.signin.factors.FirstCodeForm",
    "authenticate_webauthn": "fairhand.web.signin.factors.PasskeyForm",
    "login_webauthn": "fairhand.web.signin.factors.PasskeyAloneForm",
    "reauthenticate_webauthn": "fairhand.web.signin.factors.PasskeyAgainForm",
    "add_webauthn": "fairhand.web.signin.factors.NewPasskeyForm",
    "edit_webauthn": "fairhand.web.signin.factors.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 0  # docs/adr/0007
MFA_TOTP_ISSUER = "Fairhand"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# OpenID Connect, both ways
SOCIALACCOUNT_ADAPTER = "fairhand.web.oidc.adapters.FromElsewhere"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # only where an operator said so
IDP_OIDC_ADAPTER = "fairhand.web.oidc.adapters.ToElsewhere"
