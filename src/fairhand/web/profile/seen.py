"""Which device is this? Noted once a day, from the mark that signing in leaves in a browser."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from fairhand.people.devices import seen
from fairhand.people.models import Account
from fairhand.web.origin import agent_of
from fairhand.web.signin.known import mark_of

SEEN = "device_seen"  # in the session: the day on which its device was noted last


class DeviceMiddleware:
    """Keep a worker's list of devices, outside the pages that are asked for all the time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # The hot path looks sessions up by itself and never touches this one.
        if request.session.accessed:
            _note(request)
        return response


def _note(request: HttpRequest) -> None:
    today = timezone.localdate().isoformat()
    if request.session.get(SEEN) == today or not (mark := mark_of(request)):
        return
    account = request.user
    if isinstance(account, Account):
        seen(account, mark, agent_of(request))
        request.session[SEEN] = today
