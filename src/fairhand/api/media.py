"""The pictures of a project: one by one as bytes, or many by their addresses, by a job."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.db.models.functions import MD5
from django.http import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from ninja import Path
from pydantic import Field

from fairhand.api.auth import Request, project_of
from fairhand.api.paging import Cursor, Limit, bad_cursor, make_cursor, read_cursor
from fairhand.api.routing import operation
from fairhand.api.schemas import In, Out
from fairhand.kit.decision import Refusal, require
from fairhand.people.rights import Permission
from fairhand.projects import importing
from fairhand.projects.media import LONGEST_NAME, add, picture_named, remove, too_heavy
from fairhand.projects.models import Media, MediaImport

CUT_OFF = Refusal(
    "cut_off", _("The upload was cut off, and nothing of it was stored. Send it again."), status=400
)
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE_BODY = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp", "image/gif"), BINARY),
    }
}
Name = Annotated[str, Path(description="as tasks name it: `media:` and this")]


class MediaView(Out):
    """A picture as it was drawn anew and stored. `used`: a task shows it, so it stays."""

    name: str
    kind: str
    width: int
    height: int
    size: int
    used: bool
    made_at: datetime


class MediaPage(Out):
    items: list[MediaView]
    next: str | None


class Wanted(In):
    """A picture to be fetched: its name here, and where it is now."""

    name: str = Field(max_length=LONGEST_NAME)
    url: str = Field(description="an https address that anybody can reach", max_length=2000)


class ImportIn(In):
    urls: list[Wanted]


class Outcome(Out):
    """What came of one picture; `why` where it was not stored."""

    name: str
    outcome: Literal["waiting", "stored", "refused", "skipped"]
    why: str


class ImportView(Out):
    """An import. `dropped`: whoever asked for it may not add pictures any more."""

    ref: str
    state: Literal["waiting", "done", "dropped"]
    items: list[Outcome]
    made_at: datetime
    ended_at: datetime | None


@operation(
    "GET",
    "/projects/{ref}/media",
    MediaPage,
    scope="projects:read",
    permission=Permission.SEE,
    errors=(404,),
)
def list_media(request: Request, ref: str, limit: Limit = 100, cursor: Cursor = None) -> MediaPage:
    """The pictures of a project, the oldest first."""
    found = Media.objects.filter(project=project_of(request, ref))
    match read_cursor(cursor):
        case []:
            pass
        case [word] if (last := _worded(found).filter(word=word).first()) is not None:
            found = found.filter(pk__gt=last.pk)
        case _:
            raise bad_cursor()
    rows = list(found.order_by("pk")[: limit + 1])
    more = len(rows) > limit
    following = make_cursor(_worded(found).get(pk=rows[limit - 1].pk).word) if more else None
    items = [MediaView.model_validate(row) for row in rows[:limit]]
    return MediaPage.model_construct(items=items, next=following)


@operation(
    "PUT",
    "/projects/{ref}/media/{path:name}",
    MediaView,
    scope="projects:write",
    permission=Permission.DESIGN,
    errors=(400, 404, 409, 411, 413),
    extra=PICTURE_BODY,
)
def put_media(request: Request, ref: str, name: Name) -> MediaView:
    """Store a picture under this name. The same again changes nothing."""
    project = project_of(request, ref)
    return MediaView.model_validate(add(project, name, _body(request), request.auth.account))


@operation(
    "DELETE",
    "/projects/{ref}/media/{path:name}",
    MediaView,
    scope="projects:write",
    permission=Permission.DESIGN,
    errors=(404, 409),
)
def delete_media(request: Request, ref: str, name: Name) -> MediaView:
    """Take a picture out that no task shows, and say what it was."""
    found = picture_named(project_of(request, ref), name)
    said = MediaView.model_validate(found)
    require(remove(found))
    return said


@operation(
    "POST",
    "/projects/{ref}/media",
    ImportView,
    scope="projects:write",
    permission=Permission.DESIGN,
    status=202,
    errors=(404, 409),
)
def import_media(request: Request, ref: str, wanted: ImportIn) -> ImportView:
    """Have pictures fetched from other servers, in your name and with your rights at that time."""
    pairs = [(each.name, each.url) for each in wanted.urls]
    key = request.auth
    return _import(importing.ask(project_of(request, ref), pairs, key.account, key))


@operation(
    "GET",
    "/projects/{ref}/imports/{id}",
    ImportView,
    scope="projects:read",
    permission=Permission.SEE,
    errors=(404,),
)
def get_import(request: Request, ref: str, id: str) -> ImportView:  # noqa: A002 - its public name
    """How far an import is, and why a picture was not stored."""
    return _import(importing.import_of(project_of(request, ref), id))


def _worded(found: QuerySet[Media]) -> QuerySet[Any]:
    """With a word for each row that a cursor can say: its number would tell how many there are."""
    return found.annotate(word=MD5("name"))


def _import(found: MediaImport) -> ImportView:
    return ImportView.model_construct(
        ref=found.ref,
        state=found.state,
        items=[
            Outcome.model_construct(**{name: item[name] for name in Outcome.model_fields})
            for item in found.items
        ],
        made_at=found.made_at,
        ended_at=found.ended_at,
    )


def _body(request: Request) -> bytes:
    """The whole body; how long it is has to be said before any of it is read. Raises Refused."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        sentence = _("Say with Content-Length how long the file is.")
        Refusal("length_required", sentence, status=411).fail()
    if (why := too_heavy(int(length))) is not None:
        why.fail()
    try:
        data = request.read(int(length))
    except UnreadablePostError:
        CUT_OFF.fail()
    if len(data) != int(length):
        CUT_OFF.fail()
    return data
