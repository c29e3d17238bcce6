"""Who may do what for an organisation or for the installation. One condition a line."""

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.models import Account, Member, Operator, Organisation, Worker

READERS = {Member.Role.OWNER, Member.Role.MANAGER, Member.Role.VIEWER}
WRITERS = {Member.Role.OWNER, Member.Role.MANAGER}

# A stranger and somebody who asks for what never existed hear the same.
NOT_FOUND = Refusal("not_found", _("There is no such thing, or it is not yours."), status=404)
VIEWER_ONLY = Refusal(
    "viewer_only",
    _("You may look at this organisation but not change it: ask its owner."),
    status=403,
)
NOT_A_WORKER = Refusal("not_a_worker", _("This page is for workers."), status=403)
NOT_AN_OPERATOR = Refusal("not_an_operator", _("This page is for operators."), status=403)


def may_read(account: Account, organisation: Organisation) -> Decision:
    role = _role(account, organisation)
    return ALLOWED if role in READERS else NOT_FOUND


def may_write(account: Account, organisation: Organisation) -> Decision:
    role = _role(account, organisation)
    if role not in READERS:
        return NOT_FOUND
    return ALLOWED if role in WRITERS else VIEWER_ONLY


def organisations_of(account: Account) -> list[Organisation]:
    return list(Organisation.objects.filter(members__account=account).order_by("name"))


def worker_of(account: Account) -> Worker | None:
    return Worker.objects.filter(account=account).first()


def is_operator(account: Account) -> bool:
    return Operator.objects.filter(account=account).exists()


def _role(account: Account, organisation: Organisation) -> str | None:
    return (
        Member.objects.filter(account=account, organisation=organisation)
        .values_list("role", flat=True)
        .first()
    )
