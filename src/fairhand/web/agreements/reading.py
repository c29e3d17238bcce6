"""Who may read which agreement, and what is still to be signed here."""

from fairhand.kit.decision import Refusal
from fairhand.people.access import worker_of
from fairhand.people.agreements import PROJECT, in_force
from fairhand.people.models import Account, Agreement, Portal, Signature
from fairhand.people.portals import is_member
from fairhand.projects.models import Batch
from fairhand.work.access import access_to
from fairhand.work.models import Enrolment

MOST = 50  # batches of a project that are looked at
STEPS = frozenset({"gates_open", "not_joined"})


def may_read(account: Account, agreement: Agreement, portal: Portal | None) -> bool:
    """Whether somebody may read an agreement: it is asked of them here, or they signed it."""
    if Signature.objects.filter(account=account, version__agreement=agreement).exists():
        return True
    if agreement.ended_at is not None:
        return False
    if not agreement.scope:
        return True
    if agreement.scope.startswith(PROJECT):
        return _works_for(account, agreement.scope, portal)
    return _comes_through(account, agreement.scope)


def to_sign(account: Account, portal: Portal | None) -> list[Agreement]:
    """What the site and this portal ask of a worker, and they have not signed as it stands now."""
    if worker_of(account) is None:
        return []
    through = [portal.ref] if portal is not None and may_join(account, portal) else []
    found = in_force(["", *through])
    return [one for one in found if not _signed_as_it_stands(account, one)]


def may_join(account: Account, portal: Portal) -> bool:
    """Whether a portal's agreements concern somebody: everybody may join, or they did."""
    worker = worker_of(account)
    return portal.open or (worker is not None and is_member(worker, portal))


def _comes_through(account: Account, ref: str) -> bool:
    portal = Portal.objects.filter(ref=ref, closed_at=None).first()
    return portal is not None and may_join(account, portal)


def _works_for(account: Account, project: str, portal: Portal | None) -> bool:
    """Whether a worker works on a project, or could after their steps."""
    worker = worker_of(account)
    if worker is None:
        return False
    if Enrolment.objects.filter(worker=worker, batch__project__ref=project).exists():
        return True
    batches = Batch.objects.filter(project__ref=project, state="open").select_related("project")
    for batch in batches[:MOST]:
        answer = access_to(worker, batch, portal)
        if not isinstance(answer, Refusal) or answer.code in STEPS:
            return True
    return False


def _signed_as_it_stands(account: Account, agreement: Agreement) -> bool:
    newest = agreement.versions.order_by("-number").first()
    return newest is None or Signature.objects.filter(account=account, version=newest).exists()
