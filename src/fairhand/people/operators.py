"""Giving operators their duties and taking them: an installation always keeps an administrator."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.audit import note
from fairhand.people.duties import NAMES
from fairhand.people.models import Account, Duty, Operator
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of

LAST_ADMIN = Refusal(
    "last_admin",
    _("This is the last administrator. Give somebody else the duty first, then take it here."),
)


@transaction.atomic
def set_duties(account: Account, duties: Iterable[Duty], by: Account | str) -> Decision:
    """Let an account have exactly these duties; without any it is no operator any more.

    Refused where the installation would be left without an administrator.
    """
    wanted = sorted(set(map(Duty, duties)))
    # All operators' rows at once: two administrators who dismiss one another wait here.
    locked = Operator.objects.select_for_update(of=("self",)).select_related("account")
    rows = {row.account_id: row for row in locked.order_by("pk")}
    row = rows.get(account.pk)
    before = sorted(row.duties) if row is not None else []
    if before == wanted and (row is not None) == bool(wanted):
        return ALLOWED
    admins = {pk for pk, one in rows.items() if Duty.ADMIN in one.duties and one.account.is_active}
    if admins == {account.pk} and Duty.ADMIN not in wanted:
        return LAST_ADMIN
    if wanted:
        Operator.objects.update_or_create(account=account, defaults={"duties": wanted})
    else:
        Operator.objects.filter(account=account).delete()
    note(
        "duties.changed",
        actor=by,
        account=account,
        before={"duties": before},
        after={"duties": list(wanted)},
    )
    if not isinstance(by, str):
        with in_language_of(account):
            names = ", ".join(str(NAMES[duty]) for duty in wanted) or str(_("none"))
        tell(account, "decision.duties_changed", link="/account/trail", duties=names)
    return ALLOWED
