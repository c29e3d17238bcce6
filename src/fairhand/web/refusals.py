"""How a page says no: calmly, with the sentence of the refusal and a way on."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Decision, Refusal, Refused, UnusableInput
from fairhand.people.access import NOT_FOUND

TITLES: dict[int, str | Promise] = {
    HTTPStatus.BAD_REQUEST: _("This cannot be used"),
    HTTPStatus.UNAUTHORIZED: _("Sign in first"),
    HTTPStatus.PAYMENT_REQUIRED: _("There is not enough money"),
    HTTPStatus.FORBIDDEN: _("This is not open to you"),
    HTTPStatus.NOT_FOUND: _("There is nothing here"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("This address takes no visits"),
    HTTPStatus.GONE: _("This is over"),
    HTTPStatus.UNPROCESSABLE_ENTITY: _("This cannot be used"),
}
NO_VISITS = Refusal(
    "no_visits",
    _("It only takes what a form sends. Nothing was changed."),
    status=HTTPStatus.METHOD_NOT_ALLOWED,
)
NO_ZERO = Refusal(
    "zero_character",
    _("What was sent holds the character with the number zero. Remove it, then try again."),
    status=HTTPStatus.BAD_REQUEST,
)
# Where it goes on for whoever was refused with this code; all others go to the start page.
WAYS_ON: dict[str, tuple[str, str | Promise]] = {
    "suspended": ("appeals", _("Look at it, or contest it")),
}
SOMEBODY_WAS_FIRST = _("Somebody was first: this is how it stands now.")


class RefusalMiddleware:
    """Turn what verbs refuse into pages, so that no view has to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info and not _is_program(request):
            return refused(request, NOT_FOUND)  # no database can even look for it
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or _is_program(request):
            return response
        page = refused(request, NO_VISITS)
        page["Allow"] = response["Allow"]
        return page

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _named: Any
    ) -> HttpResponse | None:
        """Refuse the character with the number zero: no text has it, and no database keeps it.

        By now the check for forged forms has read the form, and a forged one is gone.
        """
        if _is_program(request) or not _holds_zero(request):
            return None
        return refused(request, NO_ZERO)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if _is_program(request):
            return None
        if isinstance(error, Refused):
            return refused(request, error.refusal)
        if isinstance(error, UnusableInput):
            return unusable(request, error)
        return None


def _holds_zero(request: HttpRequest) -> bool:
    try:
        given = [request.GET, request.POST]
    except UnreadablePostError:
        return False  # whoever sent it is gone
    return any(
        "\0" in name or any("\0" in value for value in values)
        for told in given
        for name, values in told.lists()
    )


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal, with its own status."""
    words = {"title": TITLES.get(refusal.status, _("Not now")), "text": str(refusal)}
    if refusal.code in WAYS_ON:
        page, label = WAYS_ON[refusal.code]
        words |= {"action_url": reverse(page), "action_label": str(label)}
    return render(request, "error.html", words, status=refusal.status)


def unusable(request: HttpRequest, error: UnusableInput) -> HttpResponse:
    """The page of input that could not be used, naming each place."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    words = {"title": TITLES[status], "problems": error.problems}
    return render(request, "unusable.html", words, status=status)


def tell(
    request: HttpRequest,
    answer: Decision | bool,
    done: str | Promise,
    *,
    otherwise: str | Promise = SOMEBODY_WAS_FIRST,
) -> bool:
    """Say on the next page what came of a verb; returns whether it was done."""
    if answer:
        messages.success(request, str(done))
    elif isinstance(answer, Refusal):
        messages.error(request, str(answer))
    else:
        messages.warning(request, str(otherwise))
    return bool(answer)


def _is_program(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
