"""How allauth's OpenID Connect fits this installation, in both directions."""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.people.audit import note
from fairhand.people.models import Account, SignInService
from fairhand.people.oidc import (
    NOT_BELIEVED,
    asks_on_this_machine,
    believed,
    is_proven,
    secret_of,
    signing_keys,
    welcome,
)
from fairhand.web.oidc.asking import Asking
from fairhand.web.refusals import refused


class FromElsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who signs in here from another site, and what is believed of what it says."""

    def list_apps(self, request: HttpRequest, **which: Any) -> list[SocialApp]:
        """The services, with our secrets there as they are sent."""
        found: list[SocialApp] = super().list_apps(request, **which)
        for app in found:
            app.secret = secret_of(app)
        return found

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """An operator let these people in when adding the service."""
        del request, sociallogin
        return True

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> Account:
        """Make an account that can wait in the session until its address is known."""
        del request, sociallogin
        return Account(created_at=timezone.now(), phone="")

    def get_requests_session(self) -> Asking:
        """What asks the other site, by the one way out."""
        match = context.request.resolver_match
        app = SocialApp.objects.get(provider_id=match.kwargs["provider_id"])
        return Asking(beside=asks_on_this_machine(app))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in whom a connection opens, or whose address the service may speak for.

        For any other address nothing is made, not even what would wait for a proof by mail: the
        address's owner could give that proof later, and the connection would be a stranger's.
        """
        if not _of_one_person(sociallogin.account.extra_data):
            raise PermissionDenied
        service = _service(sociallogin)
        for address in sociallogin.email_addresses:
            address.verified = _says_proven(address.verified) and believed(service, address.email)
        connected = sociallogin.account.pk is not None
        connecting = sociallogin.state.get("process") == AuthProcess.CONNECT
        if not (connected or connecting or _may_begin(sociallogin)):
            raise ImmediateHttpResponse(refused(request, NOT_BELIEVED))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """An account that is here already is connected by itself where the service is believed."""
        told = (a.verified for a in login.email_addresses if a.email == email)
        return any(map(_says_proven, told)) and believed(_service(login), email)

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None
    ) -> Account:
        """Make the account, and of it what the service's people become."""
        account = sociallogin.user
        data = sociallogin.account.extra_data
        account.name = str((data.get("userinfo") or data).get("name") or "")[:120]
        account.language = get_language() or "en"
        saved: Account = super().save_user(request, sociallogin, form)
        if form is None:  # else our other adapter has noted it
            note("account.made", actor=saved, account=saved)
        welcome(saved, _service(sociallogin), sociallogin.account.uid)
        return saved


def _says_proven(told: object) -> bool:
    """Whether a site calls an address proven; some write the claim as a string."""
    return told is True or told == "true"


def _may_begin(login: SocialLogin) -> bool:
    """Whether somebody may come from there without having been connected before."""
    proven = [address.email for address in login.email_addresses if address.verified]
    if login.is_existing:  # found by its address
        return any(is_proven(login.user, email) for email in proven)
    return bool(proven)


def _of_one_person(data: dict[str, Any]) -> bool:
    """Whether the token and the userinfo tell of the same subject (OpenID Connect Core, 5.3.2)."""
    subjects = {told.get("sub") for told in (data.get("userinfo"), data.get("id_token")) if told}
    return len(subjects) == 1


def _service(login: SocialLogin) -> SignInService:
    return SignInService.objects.select_related("app", "organisation").get(
        app__provider_id=login.account.provider
    )


class ToElsewhere(DefaultOIDCAdapter):  # type: ignore[misc]
    """What we say about our people to a portal's own site."""

    scope_display: ClassVar = {
        "openid": _("That it is you, and not somebody else"),
        "email": _("Your e-mail address"),
        "profile": _("Your name and language"),
    }

    def get_issuer(self) -> str:
        return str(settings.BASE_URL)

    def populate_server_metadata(self, data: dict[str, str | list[str]]) -> None:
        """Promise no more than there is: codes for sites with a browser."""
        del data["device_authorization_endpoint"]
        data["grant_types_supported"] = ["authorization_code"]
        data["response_types_supported"] = ["code"]

    def list_private_keys(self, **which: Any) -> list[PrivateKey]:
        del which  # ours neither wait nor expire
        return [PrivateKey(pem=key.pem, issued_at=key.issued_at) for key in signing_keys()]

    def get_user_sub(self, client: Client, user: Account) -> str:
        del client
        return user.ref

    def get_user_by_sub(self, client: Client, sub: str) -> Account | None:
        del client
        return Account.objects.filter(ref=sub, is_active=True).first()

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],
        user: Account,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_claims(purpose, user, client, scopes, email, **more)
        if "profile" in scopes:
            claims |= {"name": user.name, "locale": user.language}
        return claims
