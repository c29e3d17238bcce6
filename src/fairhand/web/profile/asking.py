"""Is a date of birth asked for? Only where a gate that somebody stands before needs it."""

from django.db.models import Q

from fairhand.people.gates import GATES, birth_date_of
from fairhand.people.models import Portal, Worker
from fairhand.projects.models import Batch, BatchState

AGE = "age:"


def asks_age(worker: Worker, portal: Portal | None) -> bool:
    """Whether work that a worker could come to asks for an age that they have not shown.

    Looked at are the portal of the request, those that they joined, and the batches that are open.
    """
    members = Q(members__worker=worker, members__left_at=None)
    here = Q(pk=portal.pk) if portal is not None else Q(pk__in=[])
    portals = Portal.objects.filter(members | here, closed_at=None).values_list("gates", flat=True)
    batches = Batch.objects.filter(state=BatchState.OPEN).exclude(gates=[])
    listed = [*portals, *batches.values_list("gates", flat=True).distinct()]
    asked = {spec for gates in listed for spec in gates if spec.startswith(AGE)}
    return any(not GATES["age"].ask(worker, spec.removeprefix(AGE)).met for spec in asked)


def shown_by_document(worker: Worker, facts: dict[str, object]) -> bool:
    """Whether a checked document says when somebody was born, so that nothing is asked."""
    return "birth_date" not in facts and birth_date_of(worker) is not None
