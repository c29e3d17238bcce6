"""Deleting an account: asked for, two weeks to change one's mind, then done at once and for good.

What becomes of each table's rows is said in the table of what is kept (`tables.py`); here is only
the order in which things happen. What is kept names an account that nobody can sign in to.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused
from fairhand.kit.lifecycle import move
from fairhand.people.audit import note
from fairhand.people.identity.checks import take_back
from fairhand.people.membership import end_membership
from fairhand.people.models import (
    DELETION,
    Account,
    Deletion,
    DeletionState,
    Member,
    Organisation,
    Worker,
)
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of
from fairhand.people.privacy.held import Person, person_of
from fairhand.people.privacy.periods import SECOND_THOUGHTS
from fairhand.people.privacy.tables import gone_address
from fairhand.people.standing import close_own, reopen_own
from fairhand.work.access import revoke
from fairhand.work.privacy.hindrances import hindrances
from fairhand.work.privacy.tables import HELD

SYSTEM = "system:privacy"
PAGE = "/account/privacy"
ASKED_BEFORE = Refusal("deletion_asked_before", _("Your account is being deleted already."))
NOT_ASKED = Refusal("deletion_not_asked", _("Your account is not being deleted."))


def waiting(account: Account) -> Deletion | None:
    """The deletion that somebody asked for and can still cancel."""
    return Deletion.objects.filter(account=account, state=DeletionState.WAITING).first()


@transaction.atomic
def ask(account: Account) -> Decision:
    """Have an account deleted in two weeks; until then nobody works with it, and it is signed out.

    Refused with the first of what hinders it; `hindrances` lists all.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if waiting(account) is not None:
        return ASKED_BEFORE
    for hindrance in hindrances(account):
        return hindrance.refusal
    due = timezone.now() + SECOND_THOUGHTS
    closed = bool(close_own(account))
    deletion = Deletion.objects.create(account=account, due_at=due, closed=closed)
    after = {"deletion": deletion.ref, "due": due.date().isoformat()}
    note("account.deletion_asked", actor=account, account=account, after=after)
    revoke(account)
    tell(account, "security.deletion_asked", link=PAGE, day=due.date().isoformat())
    return ALLOWED


@transaction.atomic
def cancel(account: Account) -> Decision:
    """Keep the account after all; a worker works as before."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    deletion = waiting(account)
    changes = {"ended_at": timezone.now()}
    if deletion is None or not move(
        DELETION, deletion, DeletionState.CANCELLED, actor=account.ref, why="kept", changes=changes
    ):
        return NOT_ASKED
    if deletion.closed:
        reopen_own(account)
    before = {"deletion": deletion.ref}
    note("account.deletion_cancelled", actor=account, account=account, before=before)
    tell(account, "security.deletion_cancelled", link=PAGE)
    return ALLOWED


def finish_due(now: datetime) -> int:
    """Delete the accounts whose two weeks are over; returns how many."""
    due = Deletion.objects.filter(state=DeletionState.WAITING, due_at__lte=now).order_by("due_at")
    return sum(finish(number) for number in list(due.values_list("pk", flat=True)[:200]))


@transaction.atomic
def finish(number: int) -> bool:
    """Delete one account now; False where somebody was first, or something hinders it.

    What hinders it is told to its owner, once, and looked at again with the next run.
    """
    deletion = Deletion.objects.select_for_update().filter(pk=number, state="waiting").first()
    if deletion is None:
        return False
    account = Account.objects.select_for_update().get(pk=deletion.account_id)
    if any(hindrances(account)):
        _tell_why_not(deletion, account)
        return False
    _delete(account)
    changes = {"ended_at": timezone.now()}
    why = "two weeks passed"
    move(DELETION, deletion, DeletionState.DONE, actor=SYSTEM, why=why, changes=changes)
    note("account.deleted", actor=SYSTEM, account=account, after={"deletion": deletion.ref})
    return True


def _tell_why_not(deletion: Deletion, account: Account) -> None:
    if deletion.told_at is not None:
        return
    with in_language_of(account):
        why = str(hindrances(account)[0].refusal)
    tell(account, "security.deletion_waits", link=PAGE, reason=why)
    Deletion.objects.filter(pk=deletion.pk).update(told_at=timezone.now())


def _delete(account: Account) -> None:
    """Let everything meet its fate, in the order of the table."""
    person = person_of(account)
    revoke(account)
    worker = Worker.objects.filter(account=account).first()
    if worker is not None:
        take_back(worker, account)
    _leave_organisations(person)
    for held in HELD:
        held.end(person)


def _leave_organisations(person: Person) -> None:
    """Leave as anybody does, but without leaving a name behind in what others are told."""
    account = Account.objects.get(pk=person.account.pk)
    account.name, account.email = "", gone_address(person)
    for organisation in Organisation.objects.filter(members__account=account):
        try:
            left = bool(end_membership(account, organisation, account))
        except Refused:
            left = False  # whoever was excluded has no right to leave, either
        if not left:
            # Nobody else is in it, and nothing is owed to it or by it: hindrances saw to that.
            Member.objects.filter(organisation=organisation, account=account).delete()
