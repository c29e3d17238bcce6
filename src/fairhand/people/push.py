"""Web push: a few words, encrypted for one browser, by way of the server of its maker.

RFC 8030 (the request), RFC 8291 (the encryption; nobody but the browser reads the words), RFC 8292
(who sends). The address of a device was given by a stranger, so it is asked through the one way
out. A device whose server says that it is gone is forgotten.
"""

import hashlib
import hmac
import json
import time
from base64 import b64decode, urlsafe_b64encode
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from py_vapid import Vapid02

from fairhand.kit import egress
from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused
from fairhand.people.browsers import name_of
from fairhand.people.models import Account, Notice, PushDevice
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of, said

MOST_DEVICES = 20
FAILURES_ALLOWED = 30  # one after the other, over days: nobody is behind it any more
DAY = 86_400  # seconds that the browser's server keeps the words for a device that is off
SIGNED_FOR = 12 * 3600  # seconds; RFC 8292 allows 24 hours
LONGEST_TITLE, LONGEST_WORDS, LONGEST_AGENT = 120, 400, 300
POINT, SECRET = 65, 16  # bytes of a public key and of the shared secret (RFC 8291)
GONE = {404, 410}
LATER = {408, 425, 429}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186)

NO_DEVICE = Refusal("not_a_device", _("This is no device that can be told anything."), status=422)
TOO_MANY = Refusal(
    "too_many_devices",
    _("Your account has %(most)s devices already. Remove one that you no longer use."),
    {"most": MOST_DEVICES},
)


class TryLater(Exception):  # noqa: N818 - names what to do
    """The device's server cannot take it now; the job is repeated after a pause."""


def policy() -> egress.Policy:
    """Which addresses devices may have: public ones by HTTPS."""
    return egress.PUBLIC


def public_key() -> str:
    """Our own public key, as a browser wants it: it takes messages signed with its partner only."""
    point = _keys().public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return urlsafe_b64encode(point).rstrip(b"=").decode()


@transaction.atomic
def add_device(
    account: Account, *, endpoint: str, p256dh: str, auth: str, agent: str = ""
) -> Decision:
    """Keep a browser that asked to be told; one that belonged to somebody else here is theirs
    no longer. Refused where its address or keys cannot be any.
    """
    decision = egress.check(endpoint, policy())
    if not decision:
        return decision
    if not _are_keys(p256dh, auth):
        return NO_DEVICE
    Account.objects.select_for_update().get(pk=account.pk)
    others = PushDevice.objects.filter(account=account).exclude(endpoint=endpoint)
    if others.count() >= MOST_DEVICES:
        return TOO_MANY
    facts = {"p256dh": p256dh, "auth": auth, "agent": agent[:LONGEST_AGENT], "failures": 0}
    known = PushDevice.objects.filter(account=account, endpoint=endpoint).exists()
    PushDevice.objects.update_or_create(endpoint=endpoint, defaults={"account": account, **facts})
    if not known:
        tell(account, "security.device_added", link="/notices/wishes", device=name_of(agent))
    return ALLOWED


def forget_devices(account: Account, pk: int | None = None) -> int:
    """Tell one device of this person nothing more, or all of them; returns how many."""
    mine = PushDevice.objects.filter(account=account)
    return (mine if pk is None else mine.filter(pk=pk)).delete()[0]


def push(notice: int, device: int) -> bool:
    """Tell a device of a notice; whether its server took it.

    Raises TryLater where it may be taken later. Nothing is told of what was read already.
    """
    told = Notice.objects.select_related("account").filter(pk=notice, read_at=None).first()
    found = PushDevice.objects.filter(pk=device).first()
    if told is None or found is None or told.account_id != found.account_id:
        return False
    try:
        answer = egress.send(
            "POST",
            found.endpoint,
            headers=_headers(found.endpoint),
            body=_sealed(_words(told), found),
            policy=policy(),
        )
    except egress.Unreachable as error:
        _failed(found)
        raise TryLater(str(error)) from None
    except Refused:
        found.delete()  # its name leads into our own network now
        return False
    return _settled(found, answer.status)


def _settled(device: PushDevice, status: int) -> bool:
    """What a server's answer means for the device."""
    if status in GONE:
        device.delete()
        return False
    if status in LATER or status >= 500:  # noqa: PLR2004 - the server's own trouble
        _failed(device)
        raise TryLater(str(status))
    taken = 200 <= status < 300  # noqa: PLR2004
    if taken:
        PushDevice.objects.filter(pk=device.pk, failures__gt=0).update(failures=0)
    else:
        _failed(device)
    return taken


def _failed(device: PushDevice) -> None:
    mine = PushDevice.objects.filter(pk=device.pk)
    mine.update(failures=F("failures") + 1)
    mine.filter(failures__gte=FAILURES_ALLOWED).delete()


def _words(notice: Notice) -> bytes:
    """What the device shows, in its owner's language; `tag` lets a repetition replace itself."""
    with in_language_of(notice.account):
        words = said(notice.kind, notice.params)
    shown = {
        "title": words.title[:LONGEST_TITLE],
        "body": words.sentence[:LONGEST_WORDS],
        "url": notice.link or "/notices",
        "tag": f"notice-{notice.pk}",
    }
    return json.dumps(shown).encode()


def _sealed(words: bytes, device: PushDevice) -> bytes:
    """The words as only the device can read them (RFC 8291)."""
    sealed: bytes = http_ece.encrypt(
        words,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(device.p256dh),
        auth_secret=_bytes(device.auth),
        version="aes128gcm",
    )
    return sealed


def _headers(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}",
        "exp": _now() + SIGNED_FOR,
    }
    signed: dict[str, str] = _keys().sign(claims)
    return {
        **signed,
        "TTL": str(DAY),
        "Urgency": "normal",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    }


def _now() -> int:
    return int(time.time())


def _keys() -> Vapid02:
    """Our keys: of the operator's file, else made of the installation's secret, always the same."""
    return _keys_of(settings.PUSH_KEY_FILE, settings.SECRET_KEY)


@cache
def _keys_of(file: str, secret: str) -> Vapid02:
    return Vapid02(_read(Path(file)) if file else _derived(secret))


def _derived(secret: str) -> ec.EllipticCurvePrivateKey:
    """A key of its own for this purpose: 512 bits spread evenly over the curve's numbers."""
    drawn = hmac.new(secret.encode(), b"web push (RFC 8292)", hashlib.sha512).digest()
    return ec.derive_private_key(int.from_bytes(drawn) % (ORDER - 1) + 1, ec.SECP256R1())


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    """The operator's own key. Raises ImproperlyConfigured where it is none, or open to others."""
    name = "FAIRHAND_PUSH_KEY_FILE"
    try:
        if path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"{name}: {path} can be read by others: chmod 600 {path}.")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        kind = type(error).__name__
        raise ImproperlyConfigured(f"{name}: {path} cannot be read ({kind}).") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ImproperlyConfigured(f"{name}: {path} holds no key of the curve P-256.")
    return key


def _bytes(text: str) -> bytes:
    """Read base64url, padded or not. Raises ValueError."""
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _are_keys(p256dh: str, auth: str) -> bool:
    """Whether these are a point of the curve and a secret of the right length (RFC 8291)."""
    try:
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == POINT and len(secret) == SECRET
