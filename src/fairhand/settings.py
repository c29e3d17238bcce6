"""Django's settings, read from the environment; every variable is listed in docs/operate."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from fairhand.people.providers.identity.options import *  # noqa: F403
from fairhand.web.signin.options import *  # noqa: F403

PACKAGE = Path(__file__).resolve().parent
MAIL_URL = "FAIRHAND_EMAIL_URL"
MAIL_FORM = "smtp://user:password@host:587?tls=yes&from=name@example.org"


def _flag(name: str, *, default: bool) -> bool:
    """Read a yes/no variable, refusing anything else."""
    text = os.environ.get(name, "").strip().lower()
    if text in {"1", "yes", "true", "on"}:
        return True
    if text in {"0", "no", "false", "off"}:
        return False
    if text:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {text!r}.")
    return default


def _whole(name: str, *, default: int) -> int:
    """Read a whole number from zero up, refusing anything else."""
    text = os.environ.get(name, "").strip()
    if text and not re.fullmatch(r"[0-9]{1,12}", text):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
    return int(text) if text else default


def _secret() -> str:
    """Read the secret key from its file, which only its owner may read (CF-1, CF-2)."""
    path = os.environ.get("FAIRHAND_SECRET_FILE", "")
    if not path:
        raise ImproperlyConfigured(
            "FAIRHAND_SECRET_FILE names no file: start Fairhand with `fairhand up`, which makes "
            "one, or point it at a file of at least 50 random characters."
        )
    try:
        mode = Path(path).stat().st_mode
        text = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The secret key file {path} cannot be read: {error}.") from None
    if mode & 0o077:
        raise ImproperlyConfigured(
            f"The secret key file {path} can be read by others: run `chmod 600 {path}`."
        )
    if len(text) < 50 or len(set(text)) < 10:  # noqa: PLR2004 - Django's own two limits
        raise ImproperlyConfigured(f"The secret key in {path} is too short or too plain.")
    return text


def _database(url: str) -> dict[str, object]:
    """Turn a postgresql:// address into Django's dictionary.

    `host` may be given as a query parameter, for a socket folder.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("FAIRHAND_DATABASE_URL must start with postgresql://.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def _media(database: str) -> Path:
    """The folder of stored pictures: each database has one of its own, as a demonstration's do."""
    home = os.environ.get("FAIRHAND_HOME") or ".fairhand"
    told = os.environ.get("FAIRHAND_MEDIA") or str(Path(home) / "media")
    name = re.sub(r"[^A-Za-z0-9_-]", "_", database) or "fairhand"
    return Path(told).expanduser().absolute() / name


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_loopback(host: str) -> bool:
    """Whether a name leads nowhere but to this machine."""
    bare = host.strip().strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


def _mail(url: str) -> dict[str, Any]:
    """Turn FAIRHAND_EMAIL_URL into Django's settings for mail; nothing is sent without it.

    `smtp://user:password@host:587?tls=yes&from=name@host` or `smtps://…`. No refusal repeats the
    address, which holds a password.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts = urlsplit(url)
        port = parts.port
        query = dict(parse_qsl(parts.query, strict_parsing=True, keep_blank_values=True))
    except ValueError:
        raise ImproperlyConfigured(f"{MAIL_URL} is not written as {MAIL_FORM}.") from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or set(query) - {"tls", "from"}:
        raise ImproperlyConfigured(f"{MAIL_URL} is not written as {MAIL_FORM}.")
    sender, tls = query.get("from", ""), query.get("tls", "yes")
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", sender):
        raise ImproperlyConfigured(f"{MAIL_URL} must say who sends: ?from=name@example.org.")
    if tls not in {"yes", "no"} or (parts.scheme == "smtps" and tls == "no"):
        raise ImproperlyConfigured(f"{MAIL_URL}: tls is yes or no, and smtps:// is always TLS.")
    if tls == "no" and parts.password and not _is_loopback(parts.hostname):
        raise ImproperlyConfigured(f"{MAIL_URL} would send a password without TLS: say tls=yes.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and tls == "yes",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": sender,
    }


def _texts() -> tuple[str, str]:
    """Where texts to phones go, and the secret that signs them: `console:`, https, or nowhere."""
    url, path = os.environ.get("FAIRHAND_PHONE_URL", ""), "FAIRHAND_PHONE_SECRET_FILE"
    if url in {"", "console:"}:
        return url, ""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(_host_of(url))):
        raise ImproperlyConfigured("FAIRHAND_PHONE_URL is console:, https://… or this machine.")
    try:
        secret = Path(os.environ.get(path, "")).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error}.") from None
    if len(secret) < 32:  # noqa: PLR2004 - half of what HMAC-SHA256 can use
        raise ImproperlyConfigured(f"{path} must hold at least 32 characters.")
    return url, secret


SECRET_KEY = _secret()
DEBUG = _flag("FAIRHAND_DEBUG", default=False)
BASE_URL = os.environ.get("FAIRHAND_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [
    host
    for host in os.environ.get("FAIRHAND_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
    if host
]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("FAIRHAND_HOSTS must name the hosts; `*` lets anyone forge links.")
if DEBUG and (HTTPS or not all(map(_is_loopback, [_host_of(BASE_URL), *ALLOWED_HOSTS]))):
    raise ImproperlyConfigured(
        "FAIRHAND_DEBUG shows inner workings to strangers: turn it off, or let FAIRHAND_BASE_URL "
        "and FAIRHAND_HOSTS name this machine alone (127.0.0.1, localhost, [::1])."
    )
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Anyone may make an account only where the operator has said so (CF-1).
OPEN_SIGNUP = _flag("FAIRHAND_OPEN_SIGNUP", default=False)
# What one operator may pay out or book alone, in whole units of the currency; more takes two.
TWO_PEOPLE_ABOVE = _whole("FAIRHAND_TWO_PEOPLE_ABOVE", default=1000)

DATABASES = {
    "default": _database(os.environ.get("FAIRHAND_DATABASE_URL", "postgresql:///fairhand"))
}
# Pictures of projects, as kit.files keeps them.
MEDIA_FOLDER = _media(str(DATABASES["default"]["NAME"]))
# Attempts are counted and used codes remembered here, so that all processes know of them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kit_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "fairhand.kit",
    "fairhand.ledger",
    "fairhand.people",
    "fairhand.pay",
    "fairhand.projects",
    "fairhand.quality",
    "fairhand.work",
    "fairhand.web",
    "fairhand.jobs",
    "procrastinate.contrib.django",
    "django_cotton",
    "django_vite",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# So long a process believes what it read of the portals' host names and colours.
PORTALS_KEPT_SECONDS = 2.0

MIDDLEWARE = [
    "fairhand.web.host.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "fairhand.web.origin.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "fairhand.web.uploads.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fairhand.web.profile.seen.DeviceMiddleware",
    "fairhand.web.limits.LimitMiddleware",
    "fairhand.web.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "fairhand.urls"
WSGI_APPLICATION = "fairhand.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fairhand.web.context.shell",
            ],
        },
    }
]
COTTON_DIR = "cotton"

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Account"
SESSION_ENGINE = "fairhand.people.sessions"
SESSION_COOKIE_NAME = "__Host-fairhand" if HTTPS else "fairhand"
CSRF_COOKIE_NAME = "__Host-fairhand-csrf" if HTTPS else "fairhand-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "fairhand.people.passwords.CommonPasswordValidator"},
    {"NAME": "fairhand.people.passwords.BreachedPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
BREACHED_PASSWORDS = os.environ.get("FAIRHAND_BREACHED_PASSWORDS", "")
PHONE_URL, PHONE_SECRET = _texts()
SENDS_MAIL = bool(os.environ.get(MAIL_URL))
# Browsers take messages signed by this key; without one it is made of the secret.
PUSH_KEY_FILE = os.environ.get("FAIRHAND_PUSH_KEY_FILE", "")
# An address is proven by a code typed into the page that asked; without mail it cannot be.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SENDS_MAIL else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = SENDS_MAIL
ALLAUTH_TRUSTED_PROXY_COUNT = int(_flag("FAIRHAND_BEHIND_PROXY", default=False))
MFA_ALLOW_UNVERIFIED_EMAIL = not SENDS_MAIL
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

# --- jobs -------------------------------------------------------------------------------------
PROCRASTINATE_IMPORT_PATHS = ["fairhand.jobs.tasks"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None

# --- web --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DJANGO_VITE = {
    "default": {
        "manifest_path": PACKAGE / "web" / "static" / "build" / ".vite" / "manifest.json",
        "static_url_prefix": "build",
    }
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": [UNSAFE_INLINE],  # a chart's tooltips
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _flag("FAIRHAND_BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("it", "Italiano"), ("es", "Español")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "fairhand-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

globals().update(_mail(os.environ.get(MAIL_URL, "")))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # A refusal is an answer, not an event: only what broke is worth a line.
    "loggers": {"django.request": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": os.environ.get("FAIRHAND_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = [
    "security.W008",
    "security.W019",
]  # TLS is the proxy's; frames are refused by CSP
