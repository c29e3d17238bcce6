"""Who may look at a task's picture: the worker who holds its page now, and nobody else.

Nothing is signed and nothing lasts: every look asks anew whether the page is held, its time is not
over, and what its worker was let in for still holds. So a picture ends with the claim, however the
claim ends. Where somebody promised to keep quiet, their reference lies across it.
"""

from django.db.models.functions import Now

from fairhand.kit.decision import require
from fairhand.kit.stamps import stamped
from fairhand.people.access import NOT_FOUND
from fairhand.people.gates import stamp_of
from fairhand.people.models import Agreement, Portal, Worker
from fairhand.people.portals import number_of
from fairhand.people.standing import may_work
from fairhand.projects.interface import parse
from fairhand.projects.media import Shown, named_in, picture_named, read
from fairhand.projects.models import Batch, Media, Task
from fairhand.work.access import may_go_on, way_to
from fairhand.work.models import Assignment, AssignmentState, Enrolment
from fairhand.work.refusals import refusal


def picture_for(
    worker: Worker, batch_ref: str, page: int, item: int, view: int, portal: Portal | None
) -> Shown:
    """The picture that a view shows of an item, for the worker who holds this page.

    page, item: as the turn that handed the page out named them; view: its place among the
    interface's views, from 0; portal: the one that the worker comes through. Raises Refused, with
    one and the same sentence for a page that is not held and for what never was.
    """
    if not may_work(worker):
        refusal("suspended").fail()
    held = (
        Assignment.objects.select_related("batch__project")
        .filter(worker=worker, batch__ref=batch_ref, no=page)
        .filter(state=AssignmentState.OPEN, deadline__gt=Now())
        .first()
    )
    if held is None or item >= len(held.tasks):
        NOT_FOUND.fail()
    _look(worker, held.batch, portal)
    found = _shown(held.batch, held.tasks[item], view)
    shown = read(found)
    if not _is_secret(held.batch, portal):
        return shown
    return Shown(stamped(shown.data, shown.kind, worker.ref), shown.kind)


def _look(worker: Worker, batch: Batch, portal: Portal | None) -> None:
    """Like `look_again`, but a look changes nothing. Raises Refused."""
    enrolment = (
        Enrolment.objects.filter(batch=batch, worker=worker, halted=False)
        .annotate(now=Now())
        .first()
    )
    if enrolment is None or enrolment.portal != number_of(portal):
        NOT_FOUND.fail()
    late = enrolment.look_again_at is not None and enrolment.look_again_at <= enrolment.now
    if late or enrolment.stamp != stamp_of(worker):
        require(may_go_on(worker, batch, portal))


def _shown(batch: Batch, position: int, view: int) -> Media:
    views = parse(batch.interface).views
    if view >= len(views) or views[view].kind != "image":
        NOT_FOUND.fail()
    task = Task.objects.get(batch=batch, position=position)
    name = named_in(task.data.get(views[view].source))
    if name is None:
        NOT_FOUND.fail()
    return picture_named(batch.project, name)


def _is_secret(batch: Batch, portal: Portal | None) -> bool:
    """Whether a promise to keep quiet is asked of who works on this, by anybody on their way."""
    scopes = way_to(batch, portal).scopes
    promised = Agreement.objects.filter(kind=Agreement.Kind.NDA, scope__in=scopes, ended_at=None)
    return promised.exists()
