"""What a requester does with a batch: upload, open, pause, resume, close, accept, aggregate."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Decision, Problem, UnusableInput
from fairhand.people.models import Account
from fairhand.people.rights import Permission
from fairhand.projects.batches import batch_for
from fairhand.projects.models import Batch
from fairhand.web.access import requester_page
from fairhand.web.refusals import tell
from fairhand.web.requester.files import read_upload
from fairhand.web.requester.views import batch_page
from fairhand.work.exporting import Export, Format, What
from fairhand.work.opening import close_batch, open_batch, pause_batch, resume_batch
from fairhand.work.results import METHODS, compute_results
from fairhand.work.review import accept_all
from fairhand.work.uploading import upload_tasks

Verb = Callable[[Batch, str], Decision | bool]
ACTIONS: dict[str, tuple[Verb, str | Promise]] = {
    "open": (open_batch, _("Open: workers see it now.")),
    "pause": (pause_batch, _("Paused: nobody gets a new page.")),
    "resume": (resume_batch, _("Open again.")),
    "close": (
        lambda batch, actor: close_batch(batch, actor, "ended by the requester"),
        _("Closed. What is not spent comes back once the last page is in."),
    ),
}


@require_POST
@requester_page(Permission.LAUNCH)
def act(request: HttpRequest, account: Account, ref: str, action: str) -> HttpResponse:
    """Open, pause, resume or close; then the batch's page says what came of it."""
    found = batch_for(account, ref, Permission.LAUNCH)
    verb, done = ACTIONS[action]
    tell(request, verb(found, account.ref), done)
    return redirect("batch", ref)


@require_POST
@requester_page(Permission.REVIEW)
def accept(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Accept every page that awaits review."""
    pages = accept_all(batch_for(account, ref, Permission.REVIEW), actor=account.ref)
    words = ngettext("%(pages)s page accepted.", "%(pages)s pages accepted.", pages)
    tell(request, bool(pages), words % {"pages": pages})
    return redirect("batch", ref)


@require_POST
@requester_page(Permission.DESIGN)
def upload(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Add the tasks of a file to a draft: all of them, or none and the places that are wrong."""
    found = batch_for(account, ref, Permission.DESIGN)
    try:
        count = upload_tasks(found, read_upload(request.FILES.get("file"), found.interface))
    except UnusableInput as error:
        problems: list[Problem] = error.problems
        return batch_page(request, account, found, status=422, problems=problems)
    words = ngettext("%(count)s task added.", "%(count)s tasks added.", count)
    tell(request, True, words % {"count": count})
    return redirect("batch", ref)


@require_POST
@requester_page(Permission.REVIEW)
def compute(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Aggregate the answers of a batch into results."""
    found = batch_for(account, ref, Permission.REVIEW)
    asked = request.POST.get("method", "")
    count = compute_results(found, asked if asked in METHODS else METHODS[0])
    words = ngettext("%(count)s result computed.", "%(count)s results computed.", count)
    tell(request, True, words % {"count": count})
    return redirect("batch-results", ref)


@requester_page(Permission.EXPORT)
def download(
    _request: HttpRequest, account: Account, ref: str, what: What, form: Format
) -> HttpResponseBase:
    """Answers with their evidence or results with their votes, as one file."""
    export = Export(batch_for(account, ref, Permission.EXPORT), what, form)
    response = StreamingHttpResponse(export, content_type=export.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    return response
