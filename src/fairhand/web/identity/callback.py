"""Where a vendor tells what it found: signed, small, and answered alike whatever it is about."""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refusal, Refused
from fairhand.people.identity.providers import LONGEST, hear
from fairhand.people.providers.identity.webhook import HEADER
from fairhand.web.access import public

TOO_LONG = Refusal(
    "too_large",
    "This message is longer than any that is agreed.",
    status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
NOT_JSON = Refusal("not_json", "Send application/json.", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


@csrf_exempt  # whoever tells is known by the signature
@require_POST
@public
def callback(request: HttpRequest) -> JsonResponse:
    """Hear a vendor. What is signed is acknowledged, so that it is not told for ever."""
    try:
        hear(request.headers.get(HEADER, ""), _body(request))
    except Refused as error:
        told = {"error": error.refusal.code, "message": str(error.refusal)}
        return JsonResponse(told, status=error.refusal.status)
    return JsonResponse({"received": True})


def _body(request: HttpRequest) -> bytes:
    if request.content_type != "application/json":
        NOT_JSON.fail()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LONGEST:
        TOO_LONG.fail()
    return request.body
