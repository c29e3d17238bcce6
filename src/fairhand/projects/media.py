"""Pictures that a project's tasks show: stored as we drew them, named as the requester names them.

A task shows one where a column of its images holds `media:NAME`. A name is a text and nothing else:
it is looked up among the project's pictures and never becomes part of a path.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit import files
from fairhand.kit.decision import ALLOWED, Decision, Problem, Refusal, UnusableInput
from fairhand.kit.pictures import MOST_BYTES, Picture, redraw
from fairhand.kit.stamps import shrunk
from fairhand.people.access import NOT_FOUND
from fairhand.people.models import Account
from fairhand.projects.interface import storable
from fairhand.projects.models import Media, MediaImport, Project

MARK = "media:"  # what a task's column begins with that shows a picture of its project
MOST_PICTURES = 100_000  # of a project
LONGEST_NAME = 200
SMALL_EDGE = 240  # pixels of a preview in a list
PNG = b"\x89PNG\r\n\x1a\n"

IN_USE = Refusal(
    "picture_in_use",
    _("Tasks show this picture, so it stays as it is. Give the new one another name."),
)
TOO_MANY = Refusal(
    "too_many_pictures",
    _("A project holds at most %(most)s pictures. Remove some, or make a second project."),
    {"most": MOST_PICTURES},
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture's bytes and their media type, ready to be sent."""

    data: bytes
    kind: str


def add(project: Project, name: str, data: bytes, by: Account) -> Media:
    """Draw a picture anew and keep it under this name; the same again changes nothing.

    Raises UnusableInput and Refused as `draw` and `keep` do.
    """
    check_name(name)
    return keep(project, name, draw(data), by)


def draw(data: bytes) -> Picture:
    """A picture as we keep it: a PNG stays one, everything else becomes a JPEG.

    Raises Refused for what is no picture, or too large.
    """
    return redraw(data, kind="image/png" if data.startswith(PNG) else "image/jpeg")


def keep(project: Project, name: str, drawn: Picture, by: Account) -> Media:
    """Keep a picture that was drawn anew. Whether `by` may do this, the caller has asked.

    Raises UnusableInput for a name that cannot be used, and Refused when it is that of another
    picture that tasks show already.
    """
    check_name(name)
    digest = files.put(drawn.data)
    facts = {
        "digest": digest,
        "kind": drawn.kind,
        "size": len(drawn.data),
        "width": drawn.width,
        "height": drawn.height,
        "made_by": by,
    }
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # one after the other
        found = Media.objects.filter(project=project, name=name).first()
        if found is None:
            if Media.objects.filter(project=project).count() >= MOST_PICTURES:
                TOO_MANY.fail()
            return Media.objects.create(project=project, name=name, **facts)
        if found.digest == digest:
            return found
        # In one step with the look: a task may begin to show it at this moment.
        if not Media.objects.filter(pk=found.pk, used=False).update(**facts):
            IN_USE.fail()
    found.refresh_from_db()
    return found


def remove(media: Media) -> Decision:
    """Take a picture out of its project, while no task shows it.

    Its file goes with the next sweep, unless another project has the same.
    """
    if Media.objects.filter(pk=media.pk, used=False).delete()[0]:
        return ALLOWED
    return IN_USE if Media.objects.filter(pk=media.pk).exists() else NOT_FOUND


def picture_named(project: Project, name: str) -> Media:
    """The picture of this name. Raises Refused when the project has none."""
    found = Media.objects.filter(project=project, name=name).first() if storable(name) else None
    if found is None:
        NOT_FOUND.fail()
    return found


def read(media: Media, *, small: bool = False) -> Shown:
    """A picture as it is stored, or small, for a list. Raises kit.files.Lost."""
    data = files.read(media.digest)
    if small:
        return Shown(shrunk(data, media.kind, SMALL_EDGE), "image/jpeg")
    return Shown(data, media.kind)


def named_in(value: object) -> str | None:
    """The name of the picture that a task's value shows, or None where it shows none of ours."""
    if isinstance(value, str) and value.startswith(MARK):
        return value.removeprefix(MARK)
    return None


def check_name(name: str) -> None:
    """Raises UnusableInput for a name that no picture can have."""
    if not 0 < len(name) <= LONGEST_NAME:
        sentence = _("A picture's name has 1 to 200 letters.")
    elif not storable(name) or not name.isprintable() or name != name.strip():
        sentence = _("A picture's name has no line breaks, and no blank at its ends.")
    else:
        return
    raise UnusableInput([Problem(sentence, field="name")])


def sweep() -> int:
    """Delete the files that no project refers to any more; returns how many."""
    return files.sweep(_in_use)


def _in_use(digests: Iterable[str]) -> set[str]:
    return set(Media.objects.filter(digest__in=list(digests)).values_list("digest", flat=True))


def latest_imports(project: Project, most: int = 5) -> list[MediaImport]:
    """What was asked to be fetched, newest first."""
    return list(MediaImport.objects.filter(project=project).order_by("-pk")[:most])


def too_heavy(found: int) -> Refusal | None:
    """Why a file of so many bytes is not taken, known before it is read; None when it may be."""
    if found <= MOST_BYTES:
        return None
    return Refusal(
        "picture_too_heavy",
        _("This file has %(found)s MB; at most %(most)s MB are taken. Make it smaller."),
        {"found": f"{found / 1_000_000:.1f}", "most": MOST_BYTES // 1_000_000},
        413,
    )
