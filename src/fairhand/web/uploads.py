"""How much a form may send, told before any of it is read."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.web.refusals import refused

MAX_FORM = 200_000_000  # bytes, on the disk while they are read; the API takes ten times as many
TOO_LARGE = Refusal(
    "too_large",
    _("A form takes files of up to 200 MB. Split the file, or upload it through the API."),
    status=413,
)


class UploadLimitMiddleware:
    """Stands before the check for forged forms, which reads the whole form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length: str = request.META.get("CONTENT_LENGTH") or "0"
        if request.path_info.startswith("/api/") or not length.isdecimal():
            return self.get_response(request)  # the API has a limit of its own
        return refused(request, TOO_LARGE) if int(length) > MAX_FORM else self.get_response(request)
