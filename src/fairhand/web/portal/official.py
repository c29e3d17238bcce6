"""Is this link real? For people a page, for programs a signed list."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from fairhand.people.official import official_portals, signed_list, verdict_on
from fairhand.web.access import public
from fairhand.web.portal.brand import about_of
from fairhand.web.portal.joining import address_of


class LinkForm(forms.Form):
    """A link that somebody got."""

    link = forms.CharField(
        label=_("The link"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        help_text=_("Paste it as you got it. We look at how it is written and do not open it."),
    )


@public
@require_safe
def official(request: HttpRequest) -> HttpResponse:
    """The official portals, and whether a link leads to one of them."""
    form = LinkForm(request.GET) if "link" in request.GET else LinkForm()
    asked = form.is_bound and form.is_valid()
    words = {
        "form": form,
        "verdict": verdict_on(form.cleaned_data["link"]) if asked else None,
        "portals": [
            (each, about_of(each), address_of(request, each)) for each in official_portals()
        ],
        "site": settings.BASE_URL,
    }
    return render(request, "portal/official.html", words)


@public
@require_safe
def signed(_request: HttpRequest) -> JsonResponse:
    """The list as a JSON Web Signature, by the newest key of /.well-known/jwks.json."""
    response = JsonResponse(signed_list())
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"  # it is for everybody, whose page it may help
    return response
