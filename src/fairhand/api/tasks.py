"""Tasks in, answers and results out: the operations whose bodies may be larger than memory.

An upload goes to a file on disk first. Only when all of it is there does a transaction begin: so no
lock waits for a slow line, an upload that was cut off is noticed, and its digest is known before
anything is tried, which an idempotency key needs.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Annotated, Any, BinaryIO, Literal

from django.http import HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from ninja import Query

from fairhand.api.auth import Request, batch_of
from fairhand.api.idempotent import answered
from fairhand.api.limits import hold_costly
from fairhand.api.paging import Cursor, Limit, following, place_of
from fairhand.api.routing import operation
from fairhand.api.schemas import (
    AnswerPage,
    AnswerView,
    ResultPage,
    ResultView,
    TaskPage,
    TaskView,
    Uploaded,
)
from fairhand.kit.decision import Refusal
from fairhand.people.rights import Permission
from fairhand.projects.interface import parse
from fairhand.projects.models import Batch
from fairhand.projects.reading import Kind, read_tasks
from fairhand.work import exporting, uploading
from fairhand.work.exporting import Export

MAX_UPLOAD = 2_000_000_000  # bytes; larger files come in parts, as a batch takes several
PIECE = 256 * 1024
KINDS: dict[str, Kind] = {"text/csv": "csv", "application/x-ndjson": "jsonl"}
CUT_OFF = Refusal(
    "cut_off", _("The upload was cut off, and nothing of it was stored. Send it again."), status=400
)
ROWS_HEADER = "Fairhand-Rows"
Format = Annotated[
    Literal["json", "jsonl", "csv", "parquet"],
    Query(alias="format", description="json: a page of the list; the others: all of it as a file"),
]
BODY = {"schema": {"type": "string"}}
UPLOAD_BODY = {"requestBody": {"required": True, "content": dict.fromkeys(KINDS, BODY)}}
FILES: dict[str, Any] = {
    "responses": {
        200: {
            "content": {
                "application/x-ndjson": BODY,
                "text/csv": BODY,
                "application/vnd.apache.parquet": {
                    "schema": {"type": "string", "format": "binary"}
                },
            },
            "headers": {
                ROWS_HEADER: {
                    "schema": {"type": "integer"},
                    "description": "records of a file, to see that none is missing",
                }
            },
        }
    }
}


@operation(
    "GET",
    "/batches/{ref}/tasks",
    TaskPage,
    scope="projects:read",
    permission=Permission.SEE,
    errors=(404,),
)
def list_tasks(request: Request, ref: str, limit: Limit = 100, cursor: Cursor = None) -> TaskPage:
    """The tasks of a batch in the order of upload, with known answers."""
    batch = batch_of(request, ref)
    records = exporting.tasks_after(batch, place_of(cursor).position, limit + 1)
    return TaskPage.model_construct(
        items=[TaskView.model_construct(**record) for record in records[:limit]],
        next=following(records, limit, "position"),
    )


@operation(
    "POST",
    "/batches/{ref}/tasks",
    Uploaded,
    scope="projects:write",
    permission=Permission.DESIGN,
    status=201,
    responds=True,
    errors=(404, 409, 411, 415),
    extra=UPLOAD_BODY,
)
def upload_tasks(request: Request, ref: str) -> HttpResponse:
    """Add tasks to a draft, from CSV or JSON lines: all of the file or nothing of it."""
    batch = batch_of(request, ref)
    kind = KINDS.get(request.content_type or "")
    if kind is None:
        sentence = _("Send text/csv or application/x-ndjson, in UTF-8.")
        Refusal("unknown_type", sentence, status=415).fail()
    with _whole_body(request) as (stream, digest):

        def store() -> Uploaded:
            fields = [field.name for field in parse(batch.interface).fields]
            stored = uploading.upload_tasks(batch, read_tasks(stream, kind, fields))
            now = Batch.objects.values_list("tasks", flat=True).get(pk=batch.pk)
            return Uploaded.model_construct(uploaded=stored, tasks=now)

        return answered(request, 201, store, digest)


@operation(
    "GET",
    "/batches/{ref}/results",
    ResultPage,
    scope="results:read",
    permission=Permission.EXPORT,
    errors=(404,),
    extra=FILES,
)
def list_results(
    request: Request, ref: str, form: Format = "json", limit: Limit = 100, cursor: Cursor = None
) -> ResultPage | StreamingHttpResponse:
    """The crowd's answer to each task, with confidence, votes and method."""
    batch = batch_of(request, ref)
    if form != "json":
        return _file(request, Export(batch, "results", form))
    records = exporting.results_after(batch, place_of(cursor).position, limit + 1)
    return ResultPage.model_construct(
        items=[ResultView.model_construct(**record) for record in records[:limit]],
        next=following(records, limit, "position"),
    )


@operation(
    "GET",
    "/batches/{ref}/answers",
    AnswerPage,
    scope="results:read",
    permission=Permission.EXPORT,
    errors=(404,),
    extra=FILES,
)
def list_answers(
    request: Request, ref: str, form: Format = "json", limit: Limit = 100, cursor: Cursor = None
) -> AnswerPage | StreamingHttpResponse:
    """Every answer with its evidence: who, when, how long, and whether gold was right."""
    batch = batch_of(request, ref)
    if form != "json":
        return _file(request, Export(batch, "answers", form))
    records = exporting.answers_after(batch, place_of(cursor), limit + 1)
    return AnswerPage.model_construct(
        items=[AnswerView.model_construct(**record) for record in records[:limit]],
        next=following(records, limit, "position", "worker"),
    )


def _file(request: Request, export: Export) -> StreamingHttpResponse:
    """An export as a download; Django closes it when the response ends, however it ends."""
    hold_costly(request.auth)
    sent = StreamingHttpResponse(export, content_type=export.content_type)
    sent.headers["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    sent.headers["Cache-Control"] = "no-store"
    sent.headers[ROWS_HEADER] = str(export.rows)
    return sent


@contextmanager
def _whole_body(request: Request) -> Iterator[tuple[BinaryIO, bytes]]:
    """The request's body as a file, and its SHA-256. Raises Refused if it is not whole."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        sentence = _("Say with Content-Length how long the file is.")
        Refusal("length_required", sentence, status=411).fail()
    if int(length) > MAX_UPLOAD:
        sentence = _(
            "A file has at most two thousand million bytes; send the rest in further files."
        )
        Refusal("too_large", sentence, status=413).fail()
    digest = hashlib.sha256()
    with TemporaryFile() as file:
        try:
            while piece := request.read(PIECE):
                digest.update(piece)
                file.write(piece)
        except UnreadablePostError:
            CUT_OFF.fail()
        if file.tell() != int(length):
            CUT_OFF.fail()
        file.seek(0)
        yield file, digest.digest()
