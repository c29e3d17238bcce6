"""Pages: finding one's own organisation's sign-in; an administrator's services and sites."""

import json
import logging
from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from allauth.idp.oidc import views as idp
from allauth.idp.oidc.models import Client
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.utils import get_request_param
from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refused
from fairhand.people.models import Account, Duty, Member, Organisation, SignInService
from fairhand.people.oidc import (
    NOT_BELIEVED,
    PROVIDER,
    Issuer,
    add_client,
    add_service,
    hold_code,
    keep_code,
    remove_client,
    remove_service,
    service_for,
    spend_code,
)
from fairhand.people.rights import ROLE_NAMES
from fairhand.web.access import operator_page
from fairhand.web.fields import OrganisationField
from fairhand.web.refusals import refused
from fairhand.web.signin.reauth import freshly_proven, lately_arrived

log = logging.getLogger(__name__)


def _calmly(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A site that is away, or says nonsense of itself, is a page and no fault of ours."""

    @wraps(view)
    def guarded(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            return view(request, provider_id)
        except (OSError, ValueError, KeyError) as error:  # requests' own are among the first
            log.warning("signing in from %s: %s", provider_id, type(error).__name__)
            return render(request, "socialaccount/authentication_error.html", status=424)

    return guarded


def _leading_to(addresses: Iterable[str], request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """Let the page's form be answered from there: browsers hold form-action against redirects."""
    origins = [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)]
    csp_update({"form-action": origins})(lambda _request: page)(request)  # marks the page
    return page


@_calmly
def leave(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Ask before going to another site; its sign-in may be at a third address."""
    if get_request_param(request, "process") == AuthProcess.CONNECT:
        return _connect(request, provider_id)
    return _go(request, provider_id)


def _go(request: HttpRequest, provider_id: str) -> HttpResponse:
    page: HttpResponse = openid_connect.login(request, provider_id)
    if request.method != "GET" or page.status_code != HTTPStatus.OK:
        return page
    adapter = openid_connect.OpenIDConnectOAuth2Adapter(request, provider_id)
    return _leading_to([adapter.authorize_url], request, page)


_connect = lately_arrived(_go)
come_back = _calmly(openid_connect.callback)


def no_forms(request: HttpRequest) -> HttpResponse:
    """Nobody makes an account of another site's with an address that they type in here."""
    return refused(request, NOT_BELIEVED)


def authorize(request: HttpRequest) -> HttpResponse:
    """Ask somebody whether a portal's own site may know who they are."""
    page: HttpResponse = idp.authorization(request)
    code = parse_qs(urlsplit(page.headers.get("Location", "")).query).get("code")
    if code and isinstance(request.user, Account):
        keep_code(request.user, code[-1])
    site = Client.objects.filter(pk=request.GET.get("client_id", "")).first()
    return page if site is None else _leading_to(site.get_redirect_uris(), request, page)


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Give a portal's own site what its code stands for, once and as long as the code holds."""
    if request.POST.get("grant_type") != Client.GrantType.AUTHORIZATION_CODE:
        refusal: HttpResponse = idp.token(request)
        return refusal
    with transaction.atomic():
        held = hold_code(request.POST.get("code", ""))
        if held is None:
            return JsonResponse({"error": "invalid_grant"}, status=400)
        answer: HttpResponse = idp.token(request)
        if answer.status_code != HTTPStatus.OK:
            return answer
        spend_code(held)
    told = {name: v for name, v in json.loads(answer.content).items() if "refresh" not in name}
    return JsonResponse(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


class FindForm(forms.Form):
    """Which organisation somebody belongs to shows in their address."""

    email = forms.EmailField(
        label=_("Your address at work"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def find(request: HttpRequest) -> HttpResponse:
    """From an e-mail address to where its owner signs in, or connects who is signed in already."""
    user = request.user
    query = f"?process={AuthProcess.CONNECT}" if user.is_authenticated else ""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        service = service_for(form.cleaned_data["email"])
        if service is not None:
            there = reverse(f"{PROVIDER}_login", kwargs={"provider_id": service.app.provider_id})
            return redirect(there + query)
        form.add_error(
            "email",
            _("No organisation signs in here with this address. Use your password instead."),
        )
    mine = Organisation.objects.filter(members__account=user.pk)
    open_to = Q(organisation=None) | Q(organisation__in=mine)
    found = SignInService.objects.select_related("app").filter(open_to).order_by("app__name")
    words = {"form": form, "services": found, "query": query}
    return render(request, "oidc/find.html", words, status=422 if form.errors else 200)


class ServiceForm(forms.Form):
    """A site whose people sign in here."""

    name = forms.CharField(label=_("Name"), max_length=40, help_text=_("As it is called there."))
    url = forms.URLField(
        label=_("Issuer"),
        assume_scheme="https",
        help_text=_("Its address; what it can do is read from there."),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=191)
    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    organisation = OrganisationField(
        Organisation.objects.order_by("name"),
        label=_("Organisation"),
        required=False,
        empty_label=_("None: its people come to work"),
    )
    role = forms.ChoiceField(
        label=_("Role of its people"),
        choices=[(role, ROLE_NAMES[role]) for role in Member.Role if role != Member.Role.OWNER],
        initial=Member.Role.VIEWER,
    )
    domains = forms.CharField(
        label=_("Believed about addresses at"),
        help_text=_("Domains, with spaces between. Nobody with another address comes in by it."),
    )


@operator_page(Duty.ADMIN)
@freshly_proven
def services(request: HttpRequest, account: Account) -> HttpResponse:
    """Who may sign in from elsewhere, and which sites take our word for who somebody is."""
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(account, form):
        messages.success(request, say("Added. Its people can sign in from now on."))
        return redirect("sign-in-services")
    words = {
        "form": form,
        "site_form": SiteForm(),
        "services": [
            (found, _role(found), _callback(request, found))
            for found in SignInService.objects.select_related("app", "organisation").order_by("pk")
        ],
        "sites": Client.objects.order_by("created_at"),
    }
    return render(request, "oidc/services.html", words, status=422 if form.errors else 200)


def _added(account: Account, form: forms.Form) -> bool:
    given = form.cleaned_data
    issuer = Issuer(given["url"], given["client_id"], given["client_secret"])
    try:
        add_service(
            account,
            given["name"],
            issuer,
            domains=given["domains"].replace(",", " ").split(),
            organisation=given["organisation"],
            role=given["role"],
        )
    except Refused as refused:
        form.add_error("domains" if refused.refusal.code == "no_domain" else "url", str(refused))
        return False
    return True


def _role(service: SignInService) -> str | Promise:
    return ROLE_NAMES[Member.Role(service.role)] if service.role else ""


def _callback(request: HttpRequest, service: SignInService) -> str:
    path = reverse(f"{PROVIDER}_callback", kwargs={"provider_id": service.app.provider_id})
    return request.build_absolute_uri(path)


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def drop_service(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Let nobody sign in from there any more."""
    remove_service(account, get_object_or_404(SignInService, app__provider_id=ref))
    messages.success(request, say("Removed. Nobody signs in from there any more."))
    return redirect("sign-in-services")


class SiteForm(forms.Form):
    """A portal's own site, whose visitors are known by their account here."""

    name = forms.CharField(label=_("Name"), max_length=100)
    uris = forms.CharField(
        label=_("Where its people are sent back to"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One address a line, exactly as the site sends it."),
    )


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def add_site(request: HttpRequest, account: Account) -> HttpResponse:
    """Make a site known, and show its secret once."""
    form = SiteForm(request.POST)
    if form.is_valid():
        try:
            client, secret = add_client(
                account, form.cleaned_data["name"], form.cleaned_data["uris"].splitlines()
            )
        except Refused as refused:
            form.add_error("uris", str(refused))
        else:
            return render(request, "oidc/site.html", {"client": client, "secret": secret})
    return render(request, "oidc/site_form.html", {"form": form}, status=422)


@csrf_exempt
def no_devices(_request: HttpRequest) -> HttpResponse:
    """Say, as RFC 8628 has it, that devices without a browser are not served."""
    return JsonResponse({"error": "unsupported_grant_type"}, status=400)


@require_POST
@operator_page(Duty.ADMIN)
@freshly_proven
def drop_site(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Let it know nobody any more."""
    remove_client(account, get_object_or_404(Client, pk=ref))
    messages.success(request, say("Removed. It knows nobody any more."))
    return redirect("sign-in-services")
