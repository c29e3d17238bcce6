"""How allauth's OpenID Connect fits this installation, in both directions."""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fairhand.people.audit import note
from fairhand.people.models import Account, SignInService
from fairhand.people.oidc import believed, secret_of, signing_keys, welcome


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

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Believe no address that the service has no say about: it has to be proven by mail."""
        del request
        service = _service(sociallogin)
        for address in sociallogin.email_addresses:
            address.verified = address.verified and believed(service, address.email)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """An account that is here already is connected by itself where the service is believed."""
        service = _service(login)
        proven = any(a.verified and a.email == email for a in login.email_addresses)
        return proven and believed(service, email)

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
        welcome(saved, _service(sociallogin))
        return saved


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
        data["grant_types_supported"] = ["authorization_code", "refresh_token"]
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
