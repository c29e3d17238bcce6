"""The addresses of OpenID Connect, in both directions."""

from allauth.idp.oidc import views as idp
from allauth.socialaccount import views as elsewhere
from django.urls import URLPattern, URLResolver, include, path

from fairhand.web.access import declared, public
from fairhand.web.oidc import pages

# allauth's own, without its pages for devices that have no browser: none of our sites is one. The
# device's address stays because the provider's description of itself names it before we can.
PROVIDER = [
    path(".well-known/openid-configuration", public(idp.configuration), name="configuration"),
    path(".well-known/jwks.json", public(idp.jwks), name="jwks"),
    path("identity/o/authorize", public(pages.authorize), name="authorization"),
    path("identity/o/logout", public(idp.logout), name="logout"),
    path("identity/o/api/token", public(pages.token), name="token"),
    path("identity/o/api/revoke", public(idp.revoke), name="revoke"),
    path("identity/o/api/userinfo", public(idp.user_info), name="userinfo"),
    path("identity/o/api/device/code", public(pages.no_devices), name="device_code"),
]
OIDC: list[URLPattern | URLResolver] = [
    path("accounts/oidc", public(pages.find), name="find-sign-in"),
    path(
        "accounts/oidc/<str:provider_id>/login/", public(pages.leave), name="openid_connect_login"
    ),
    path(
        "accounts/oidc/<str:provider_id>/login/callback/",
        public(pages.come_back),
        name="openid_connect_callback",
    ),
    path(
        "accounts/elsewhere/",
        declared(elsewhere.connections, "signed in"),
        name="socialaccount_connections",
    ),
    path("accounts/elsewhere/signup/", public(pages.no_forms), name="socialaccount_signup"),
    path(
        "accounts/elsewhere/cancelled/",
        public(elsewhere.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
    path(
        "accounts/elsewhere/error/",
        public(elsewhere.login_error),
        name="socialaccount_login_error",
    ),
    path("operator/sign-in", pages.services, name="sign-in-services"),
    path("operator/sign-in/sites", pages.add_site, name="add-site"),
    path("operator/sign-in/sites/<str:ref>/remove", pages.drop_site, name="drop-site"),
    path("operator/sign-in/<str:ref>/remove", pages.drop_service, name="drop-service"),
    path("", include(([path("", include((PROVIDER, "oidc")))], "idp"))),
]
