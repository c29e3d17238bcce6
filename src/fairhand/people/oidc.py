"""OpenID Connect, both ways: signing in here from elsewhere, and elsewhere from here."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.models import Client, Token
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.ids import new_ref
from fairhand.kit.sealed import seal, unseal
from fairhand.people.audit import note
from fairhand.people.gates import changed_for_account
from fairhand.people.models import (
    Account,
    Member,
    Organisation,
    SigningKey,
    SignInService,
    Welcome,
    Worker,
)

PROVIDER = "openid_connect"
SECRET = "oidc client secret"  # noqa: S105 - what it is sealed for
SIGNING = "oidc signing key"
SCOPES = ("openid", "email", "profile")
KEY_BITS = 2048
DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+")
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
CODE = Token.Type.AUTHORIZATION_CODE
# Which refusal it was is not told: it would say who has an account here.
NOT_BELIEVED = Refusal(
    "not_believed",
    _(
        "The other site may not speak for this address. Make an account with a password first, then"
        " connect it on your account page."
    ),
    status=403,
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """What the people of a service's site told us: its address and our client there."""

    url: str
    client_id: str
    client_secret: str


@transaction.atomic
def add_service(
    actor: Account,
    name: str,
    issuer: Issuer,
    *,
    domains: Iterable[str],
    organisation: Organisation | None = None,
    role: str = "",
) -> SignInService:
    """Let people sign in from another site. Raises Refused for an address that cannot be one.

    Whoever comes from there for the first time becomes a member of the organisation, with the role;
    without an organisation they come to work. The site is believed about e-mail addresses at
    `domains` only: about any other it could claim to be anybody. So nobody with another address
    gets an account by it.
    """
    _require_address(issuer.url)
    known = sorted({domain.strip().lower().lstrip("@") for domain in domains if domain.strip()})
    for domain in known:
        if not DOMAIN.fullmatch(domain):
            sentence = _("“%(domain)s” is no domain: write it like example.org.")
            Refusal("no_domain", sentence, {"domain": domain}, 422).fail()
    if not known:
        Refusal("no_domain", _("Say which domains it is believed about."), status=422).fail()
    app = SocialApp.objects.create(
        provider=PROVIDER,
        provider_id=new_ref("sis"),
        name=name,
        client_id=issuer.client_id,
        secret=seal(issuer.client_secret, SECRET),
        settings={"server_url": issuer.url.rstrip("/"), "oauth_pkce_enabled": True},
    )
    service = SignInService.objects.create(
        app=app,
        organisation=organisation,
        role=role if organisation is not None else "",
        domains=known,
    )
    note(
        "sign_in_service.added",
        actor=actor,
        organisation=organisation,
        subject=app.provider_id,
        after={"name": name, "issuer": issuer.url, "domains": known, "role": role},
    )
    return service


@transaction.atomic
def remove_service(actor: Account, service: SignInService) -> None:
    """Let nobody sign in from there any more; the accounts stay, and their other ways in."""
    app = service.app
    note(
        "sign_in_service.removed",
        actor=actor,
        organisation=service.organisation,
        subject=app.provider_id,
        before={"name": app.name, "issuer": app.settings["server_url"]},
    )
    SocialAccount.objects.filter(provider=app.provider_id).delete()
    app.delete()


def service_for(email: str) -> SignInService | None:
    """The service that is believed about this address: where its owner signs in."""
    domain = email.rpartition("@")[2].strip().lower()
    found = SignInService.objects.select_related("app").filter(domains__contains=[domain])
    return found.order_by("pk").first()


def believed(service: SignInService, email: str) -> bool:
    """Whether what this service says of an address counts."""
    return email.rpartition("@")[2].lower() in service.domains


def is_proven(account: Account, email: str) -> bool:
    """Whether this account has shown that the address is its own.

    Before that it may be a stranger's, who waits for the address's owner to come.
    """
    mine = EmailAddress.objects.filter(user=account, verified=True, email__iexact=email)
    return bool(mine.exists())


def asks_on_this_machine(app: SocialApp) -> bool:
    """Whether a service runs beside us, as in development; only then may it name such addresses."""
    return urlsplit(app.settings["server_url"]).hostname in HERE


def secret_of(app: SocialApp) -> str:
    """Our secret at the other site."""
    return unseal(app.secret, SECRET)


@transaction.atomic
def welcome(account: Account, service: SignInService, subject: str) -> None:
    """Make of an account what the service's people become here, when it first comes from there.

    Only the first time that this subject of the service comes, with whichever account: who was
    removed from an organisation does not come back by signing in.
    """
    _welcome, first = Welcome.objects.get_or_create(
        issuer=service.app.settings["server_url"],
        subject=subject,
        organisation_ref=service.organisation.ref if service.organisation else "",
    )
    if not first:
        return
    if service.organisation is None:
        Worker.objects.get_or_create(account=account)
        return
    _member, made = Member.objects.get_or_create(
        organisation=service.organisation, account=account, defaults={"role": service.role}
    )
    if made:
        changed_for_account(account.pk)
        note(
            "member.joined",
            actor=account,
            account=account,
            organisation=service.organisation,
            subject=service.app.provider_id,
            after={"role": service.role},
        )


# --- we vouch for our people elsewhere -----------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Signature:
    """A private key in PEM, and since when it signs."""

    pem: str
    issued_at: datetime


def signing_keys() -> list[Signature]:
    """All keys that identities were or are signed with; the first is made when it is needed."""
    found = list(SigningKey.objects.order_by("pk"))
    return [Signature(unseal(k.sealed, SIGNING), k.issued_at) for k in found or [_first_key()]]


def rotate_signing_key() -> None:
    """Sign with a new key from now on; the former ones are published on, for what they signed."""
    SigningKey.objects.create(sealed=_new_key())


def _first_key() -> SigningKey:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table people_signingkey in share row exclusive mode")
        first = SigningKey.objects.order_by("pk").first()
        made = first or SigningKey.objects.create(sealed=_new_key())
    made.refresh_from_db()
    return made


def _new_key() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return seal(pem.decode(), SIGNING)


@transaction.atomic
def add_client(actor: Account, name: str, redirect_uris: Iterable[str]) -> tuple[Client, str]:
    """Let a portal's own site send its people in; returns it with its secret, shown once.

    Raises Refused for an address that cannot be one.
    """
    uris = [uri.strip() for uri in redirect_uris if uri.strip()]
    if not uris:
        Refusal("no_address", _("Say where its people are sent back to."), status=422).fail()
    for uri in uris:
        _require_address(uri)
    client = Client(name=name, type=Client.Type.CONFIDENTIAL, scopes="\n".join(SCOPES))
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    client.set_redirect_uris(uris)
    client.save()
    note("portal_site.added", actor=actor, subject=client.pk, after={"name": name, "uris": uris})
    return client, secret


def keep_code(account: Account, code: str) -> None:
    """Remember whose authorisation code this is, so that it ends with what it was given for."""
    made = Token(type=CODE, user=account)
    made.set_value(code)
    made.expires_at = timezone.now() + timedelta(seconds=app_settings.AUTHORIZATION_CODE_EXPIRES_IN)
    made.save()


def hold_code(code: str) -> Token | None:
    """The code if it still holds, locked with its account until the transaction ends.

    The account is locked first, as `end_tokens` does: no token comes of a code that is just ending,
    and of many uses of one code at once one counts.
    """
    found = Token.objects.lookup(CODE, code)
    if found is None:
        return None
    Account.objects.select_for_update(no_key=True).get(pk=found.user_id)
    again: Token | None = Token.objects.lookup(CODE, code)
    return again if again is not None and again.user.is_active else None


def spend_code(held: Token) -> None:
    """Let a code serve no more. What renews itself is not given to portals' sites."""
    Token.objects.filter(user=held.user_id, type=Token.Type.REFRESH_TOKEN).delete()
    held.delete()


@transaction.atomic
def end_tokens(account: Account) -> int:
    """End what portals' sites hold for an account: codes and tokens; returns how many."""
    Account.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
    ended: int = Token.objects.filter(user=account).delete()[0]
    return ended


def forget_expired_tokens() -> int:
    """Delete codes and tokens that are over; returns how many."""
    ended: int = Token.objects.expired().delete()[0]
    return ended


@transaction.atomic
def remove_client(actor: Account, client: Client) -> None:
    """End it, and every token that it holds."""
    note("portal_site.removed", actor=actor, subject=client.pk, before={"name": client.name})
    client.delete()


def _require_address(url: str) -> None:
    """Refuse what is no plain web address; without TLS only this machine is one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    here = host in HERE
    plain = not (parts.fragment or parts.username or parts.password)
    if not host or not plain or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        Refusal(
            "no_address",
            _("“%(url)s” is no address that can be used: it must begin with https://."),
            {"url": url},
            422,
        ).fail()
