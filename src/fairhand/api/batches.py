"""Batches: making them, their life, and how far they are."""

from typing import Annotated, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Query

from fairhand.api.auth import Request, batch_of, organisation_of, project_of
from fairhand.api.limits import hold_costly
from fairhand.api.paging import Cursor, Limit, newest_first
from fairhand.api.routing import operation
from fairhand.api.schemas import (
    AcceptedPages,
    BatchDetail,
    BatchIn,
    BatchPage,
    BatchView,
    Computed,
    Money,
    ProgressView,
    ResultsIn,
)
from fairhand.kit import money
from fairhand.kit.decision import Refusal, require
from fairhand.people.rights import Permission
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch
from fairhand.work import opening, results, review
from fairhand.work.costs import cost_of
from fairhand.work.progress import progress_of

OfProject = Annotated[str | None, Query(description="only those of this project", max_length=24)]
PROGRESS = tuple(ProgressView.model_fields)
TERMS = (
    *("ref", "name", "state", "tasks", "overlap", "page_size", "gold_permille", "bar_permille"),
    *("confidence_permille", "review_hours", "deadline_seconds", "reserved", "expected_seconds"),
    *("gates", "portals", "created_at", "opened_at", "closed_at"),
)


@operation(
    "GET", "/batches", BatchPage, scope="projects:read", permission=Permission.SEE, errors=(404,)
)
def list_batches(
    request: Request, project: OfProject = None, limit: Limit = 100, cursor: Cursor = None
) -> BatchPage:
    """The organisation's batches, newest first."""
    batches = Batch.objects.select_related("project").filter(
        project__organisation=organisation_of(request)
    )
    if project is not None:
        batches = batches.filter(project=project_of(request, project))
    rows, following = newest_first(batches, cursor, limit)
    items = [BatchView.model_construct(**_terms(row)) for row in rows]
    return BatchPage.model_construct(items=items, next=following)


@operation(
    "POST",
    "/batches",
    BatchDetail,
    scope="projects:write",
    permission=Permission.DESIGN,
    status=201,
    errors=(404,),
)
def create_batch(request: Request, terms: BatchIn) -> BatchDetail:
    """Make a draft of a batch: pay and rules. Then upload its tasks and open it."""
    project = project_of(request, terms.project)
    wanted = Terms(**terms.model_dump(exclude={"project"}))
    batch = make_batch(request.auth.account, project, wanted)
    batch.refresh_from_db()  # the database wrote the time
    return _detail(batch)


@operation(
    "GET",
    "/batches/{ref}",
    BatchDetail,
    scope="projects:read",
    permission=Permission.SEE,
    errors=(404,),
)
def get_batch(request: Request, ref: str) -> BatchDetail:
    """A batch with its progress and its money."""
    return _detail(batch_of(request, ref))


@operation(
    "POST",
    "/batches/{ref}/open",
    BatchDetail,
    scope="projects:write",
    permission=Permission.LAUNCH,
    errors=(402, 404, 409),
)
def open_batch(request: Request, ref: str) -> BatchDetail:
    """Reserve all of the batch's money and let workers in. 402 says how much is missing."""
    batch = batch_of(request, ref)
    require(opening.open_batch(batch, request.auth.account.ref))
    return _detail(batch_of(request, ref))


@operation(
    "POST",
    "/batches/{ref}/pause",
    BatchDetail,
    scope="projects:write",
    permission=Permission.LAUNCH,
    errors=(404, 409),
)
def pause_batch(request: Request, ref: str) -> BatchDetail:
    """Hand out no more pages; those that are held can still be handed in."""
    batch = batch_of(request, ref)
    done = opening.pause_batch(batch, request.auth.account.ref)
    return _moved(request, batch, done=done, needed=_("Only an open batch can be paused."))


@operation(
    "POST",
    "/batches/{ref}/resume",
    BatchDetail,
    scope="projects:write",
    permission=Permission.LAUNCH,
    errors=(404, 409),
)
def resume_batch(request: Request, ref: str) -> BatchDetail:
    """Hand out pages again."""
    batch = batch_of(request, ref)
    done = opening.resume_batch(batch, request.auth.account.ref)
    return _moved(request, batch, done=done, needed=_("Only a paused batch can be resumed."))


@operation(
    "POST",
    "/batches/{ref}/close",
    BatchDetail,
    scope="projects:write",
    permission=Permission.LAUNCH,
    errors=(404, 409),
)
def close_batch(request: Request, ref: str) -> BatchDetail:
    """End a batch. What is not spent comes back when no page is held or under review."""
    batch = batch_of(request, ref)
    done = opening.close_batch(batch, request.auth.account.ref, "closed by the requester")
    needed = _("Only an open or paused batch can be closed.")
    return _moved(request, batch, done=done, needed=needed)


@operation(
    "POST",
    "/batches/{ref}/accept",
    AcceptedPages,
    scope="projects:write",
    permission=Permission.REVIEW,
    errors=(404,),
)
def accept_pages(request: Request, ref: str) -> AcceptedPages:
    """Accept every page that awaits review, which makes its pay payable."""
    batch = batch_of(request, ref)
    accepted = review.accept_all(batch, actor=request.auth.account.ref)
    return AcceptedPages.model_construct(accepted=accepted)


@operation(
    "POST",
    "/batches/{ref}/results",
    Computed,
    scope="projects:write",
    permission=Permission.REVIEW,
    errors=(404,),
)
def compute_results(request: Request, ref: str, how: ResultsIn) -> Computed:
    """Find the crowd's answer to each task, with confidence. Computing again replaces results."""
    hold_costly(request.auth)
    batch = batch_of(request, ref)
    found = results.compute_results(batch, how.method)
    return Computed.model_construct(results=found, method=how.method)


def _moved(request: Request, batch: Batch, *, done: bool, needed: str | Promise) -> BatchDetail:
    if not done:
        Refusal("wrong_state", needed).fail()
    return _detail(batch_of(request, batch.ref))


def _terms(batch: Batch) -> dict[str, Any]:
    return {
        **{name: getattr(batch, name) for name in TERMS},
        "project": batch.project.ref,
        "price": Money.of(money.Money(batch.price_micros, batch.currency)),
        "fee": Money.of(money.Money(batch.fee_micros, batch.currency)),
    }


def _detail(batch: Batch) -> BatchDetail:
    progress = progress_of(batch)
    return BatchDetail.model_construct(
        **_terms(batch),
        progress=ProgressView.model_construct(
            **{name: getattr(progress, name) for name in PROGRESS}
        ),
        cost=Money.of(cost_of(batch, progress)),
        paid=Money.of(progress.paid),
        fees=Money.of(progress.fees),
        escrow=Money.of(progress.escrow),
    )
