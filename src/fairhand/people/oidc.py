"""OpenID Connect, both ways: signing in here from elsewhere, and elsewhere from here."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.ids import new_ref
from fairhand.kit.sealed import seal, unseal
from fairhand.people.audit import note
from fairhand.people.models import (
    Account,
    Member,
    Organisation,
    SigningKey,
    SignInService,
    Worker,
)

PROVIDER = "openid_connect"
SECRET = "oidc client secret"  # noqa: S105 - what it is sealed for
SIGNING = "oidc signing key"
SCOPES = ("openid", "email", "profile")
KEY_BITS = 2048
DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+")


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
    domains: Iterable[str] = (),
    organisation: Organisation | None = None,
    role: str = "",
) -> SignInService:
    """Let people sign in from another site. Raises Refused for an address that cannot be one.

    Whoever comes from there for the first time becomes a member of the organisation, with the role;
    without an organisation they come to work. The site is believed about e-mail addresses at
    `domains` only: about any other it could claim to be anybody.
    """
    _require_address(issuer.url)
    known = sorted({domain.strip().lower().lstrip("@") for domain in domains if domain.strip()})
    for domain in known:
        if not DOMAIN.fullmatch(domain):
            sentence = _("“%(domain)s” is no domain: write it like example.org.")
            Refusal("no_domain", sentence, {"domain": domain}, 422).fail()
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


def secret_of(app: SocialApp) -> str:
    """Our secret at the other site."""
    return unseal(app.secret, SECRET)


@transaction.atomic
def welcome(account: Account, service: SignInService) -> None:
    """Make of an account what the service's people become here, when it first comes from there.

    Only the first time: who was removed from an organisation does not come back by signing in.
    """
    if service.organisation is None:
        Worker.objects.get_or_create(account=account)
        return
    _member, made = Member.objects.get_or_create(
        organisation=service.organisation, account=account, defaults={"role": service.role}
    )
    if made:
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
    here = host in {"127.0.0.1", "localhost", "::1"}
    plain = not (parts.fragment or parts.username or parts.password)
    if not host or not plain or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        Refusal(
            "no_address",
            _("“%(url)s” is no address that can be used: it must begin with https://."),
            {"url": url},
            422,
        ).fail()
