"""Where somebody goes on to after a small page: back to what led there, if that is ours."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

NEXT = "next"


def wanted(request: HttpRequest) -> str:
    """The page that a link asks to be led back to: a path of this site, or ""."""
    address = request.POST.get(NEXT) or request.GET.get(NEXT, "")
    # A scheme-relative address and a backslash lead elsewhere, too; Django knows all such ways.
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else ""


def onward(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Go to the page that was asked for, else to the one with this name."""
    address = wanted(request)
    return HttpResponseRedirect(address) if address else redirect(otherwise)
