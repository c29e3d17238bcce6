"""Settings of the tests: those of the product, on a database of their own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="fairhand-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_secret = _folder / "secret"
_secret.touch(mode=0o600)
_secret.write_text("0123456789abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ", encoding="ascii")
os.environ["FAIRHAND_SECRET_FILE"] = str(_secret)
os.environ.setdefault(
    "FAIRHAND_DATABASE_URL", os.environ.get("FAIRHAND_TEST_DATABASE_URL", "postgresql:///x")
)

from fairhand.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; nothing is kept
MEDIA_FOLDER = _folder / "media"
SENDS_MAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - threads that end leave no connection behind
PORTALS_KEPT_SECONDS = 0.0  # each test has its own
