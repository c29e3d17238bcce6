"""Keys for an organisation's programs: made, shown once, replaced, revoked."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from fairhand.people.access import NOT_FOUND, organisation_for, organisations_of, role_in
from fairhand.people.keys import SCOPES, issue_key, keys_of, revoke_key, rotate_key
from fairhand.people.models import Account, ApiKey, Organisation
from fairhand.people.rights import RIGHTS, Permission, scopes_of
from fairhand.web.access import requester_page
from fairhand.web.refusals import tell
from fairhand.web.requester.switcher import tabs
from fairhand.web.signin.reauth import freshly_proven

DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("0", _("until revoked"))]


class KeyForm(forms.Form):
    """What a key is for, what it may do, and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it, such as “nightly import”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple()
    )
    days = forms.ChoiceField(label=_("How long it works"), choices=DAYS, initial="90")

    def __init__(self, *args: Any, scopes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope, SCOPES[scope]) for scope in scopes]


@requester_page(Permission.KEYS)
def keys(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """One's own keys; who may change the team sees everybody's."""
    organisation = organisation_for(account, ref, Permission.KEYS)
    everybody = role_in(account, organisation) in RIGHTS[Permission.TEAM]
    now = timezone.now()
    words = {
        "organisation": organisation,
        "tabs": tabs("keys", organisations_of(account, Permission.KEYS), organisation),
        "everybody": everybody,
        "keys": [
            (
                key,
                [words for scope, words in SCOPES.items() if scope in key.scopes],
                _state(key, now),
            )
            for key in keys_of(organisation, None if everybody else account)
        ],
    }
    return render(request, "requester/keys.html", words)


@never_cache
@sensitive_variables("secret")
@requester_page(Permission.KEYS)
@freshly_proven
def new_key(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Make a key; its secret stands on this answer alone."""
    organisation = organisation_for(account, ref, Permission.KEYS)
    scopes = scopes_of(role_in(account, organisation))
    form = KeyForm(request.POST or None, scopes=scopes)
    if request.method == "POST" and form.is_valid():
        days = int(form.cleaned_data["days"])
        key, secret = issue_key(
            account,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            organisation=organisation,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        return _shown(request, organisation, key, secret)
    words = {"organisation": organisation, "form": form}
    return render(request, "requester/keys_new.html", words, status=422 if form.errors else 200)


@never_cache
@sensitive_variables("secret")
@require_POST
@requester_page(Permission.KEYS)
@freshly_proven
def rotate(request: HttpRequest, account: Account, ref: str, number: int) -> HttpResponse:
    """Replace a key by a new one, which is shown once; the old one works on for a day."""
    organisation = organisation_for(account, ref, Permission.KEYS)
    key, secret = rotate_key(_key(organisation, number), account)
    return _shown(request, organisation, key, secret)


@require_POST
@requester_page(Permission.KEYS)
def revoke(request: HttpRequest, account: Account, ref: str, number: int) -> HttpResponse:
    """End a key at once."""
    organisation = organisation_for(account, ref, Permission.KEYS)
    done = revoke_key(_key(organisation, number), account)
    tell(request, done, _("Revoked: the key opens nothing any more."))
    return redirect("keys", ref)


def _key(organisation: Organisation, number: int) -> ApiKey:
    """A key of this organisation. Raises Refused for any other."""
    found = ApiKey.objects.select_related("account", "organisation")
    key = found.filter(organisation=organisation, pk=number).first()
    if key is None:
        NOT_FOUND.fail()
    return key


def _state(key: ApiKey, now: Any) -> str:
    """One word of a closed list, which the page puts in the reader's language."""
    if key.expires_at is not None and key.expires_at <= now:
        return "ended"
    return "replaced" if key.replaced_by_id is not None else "works"


def _shown(
    request: HttpRequest, organisation: Organisation, key: ApiKey, secret: str
) -> HttpResponse:
    words = {"organisation": organisation, "key": key, "secret": secret}
    return render(request, "requester/keys_shown.html", words)
