"""Where somebody goes on to after a small page: back to what led there, if that is ours."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

NEXT = "next"
WANTED_YES = "for"  # in a link to difficult content: which of it the work behind the link shows
DECLINED = "no"  # in a link back to the steps: the consent that was not given
STEPS = "/start"


def wanted(request: HttpRequest) -> str:
    """The page that a link asks to be led back to: a path of this site, or ""."""
    address = request.POST.get(NEXT) or request.GET.get(NEXT, "")
    # A scheme-relative address and a backslash lead elsewhere, too; Django knows all such ways.
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else ""


def declining(request: HttpRequest, purpose: str) -> str:
    """Where "not now" leads whoever came from their steps: back there, with the no; else ""."""
    parts = urlsplit(wanted(request))
    if parts.path != STEPS:
        return ""
    said = [(name, value) for name, value in parse_qsl(parts.query) if name != DECLINED]
    return f"{STEPS}?{urlencode([*said, (DECLINED, purpose)])}"


def onward(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Go to the page that was asked for, else to the one with this name."""
    address = wanted(request)
    return HttpResponseRedirect(address) if address else redirect(otherwise)
