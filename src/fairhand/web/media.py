"""How a stored picture is sent: as one of two types that we drew, kept by nobody on its way."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairhand.people.models import Worker
from fairhand.projects.media import Shown
from fairhand.web.access import worker_page
from fairhand.web.host import portal_of
from fairhand.work.media import picture_for

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Whatever a browser made of it if it were opened by itself: it may do nothing.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def sent(shown: Shown) -> HttpResponse:
    """The answer that carries a picture."""
    return HttpResponse(shown.data, content_type=shown.kind, headers=HEADERS)


@require_safe
@worker_page
def held_picture(
    request: HttpRequest, worker: Worker, ref: str, page: int, item: int, view: int
) -> HttpResponse:
    """A picture of a page that this worker holds, for as long as they do."""
    return sent(picture_for(worker, ref, page, item, view, portal_of(request)))
