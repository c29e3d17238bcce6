"""Making accounts, workers, organisations and operators."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, require
from fairhand.people.audit import note
from fairhand.people.endings import end_access
from fairhand.people.models import Account, Duty, Member, Operator, Organisation, Worker
from fairhand.people.operators import set_duties

NOT_OPEN = Refusal(
    "sign_up_closed", _("Only the operator of this installation lets people in."), status=403
)
SETUP = "system:setup"  # whoever sets an installation up, at its command line


@transaction.atomic
def make_worker(
    email: str, *, name: str = "", password: str | None = None, language: str = "en"
) -> Worker:
    """Make an account that works. Raises IntegrityError when the address is taken."""
    account = Account.objects.create_user(email, password, name=name, language=language)
    return Worker.objects.create(account=account)


@transaction.atomic
def begin_to_work(account: Account) -> Decision:
    """Let an account that is here already work, too, where anybody may sign up to do so."""
    if not settings.OPEN_SIGNUP:
        return NOT_OPEN
    if Worker.objects.get_or_create(account=account)[1]:
        note("work.begun", actor=account, account=account)
    return ALLOWED


@transaction.atomic
def make_organisation(name: str, owner: Account, by: Account | str = SETUP) -> Organisation:
    """Make an organisation with its owner."""
    organisation = Organisation.objects.create(name=name)
    Member.objects.create(organisation=organisation, account=owner, role=Member.Role.OWNER)
    facts = {"name": name, "owner": owner.ref}
    note("organisation.made", actor=by, account=owner, organisation=organisation, after=facts)
    return organisation


@transaction.atomic
def change_password(account: Account, password: str, by: Account | str | None = None) -> None:
    """Store another password and end everything that was let in by the old one.

    The address of the hot path knows sessions by their row alone, so the rows have to go: a digest
    of the password inside them, as Django compares it, is not looked at there. A browser that
    changes its own password gets a new session from Django right after this.
    """
    account.set_password(password)
    account.save()
    ended = end_access(account)
    note("password.changed", actor=by or account, account=account, after=ended.facts())


@transaction.atomic
def make_operator(
    account: Account, duties: Iterable[Duty] = tuple(Duty), by: Account | str = SETUP
) -> Operator:
    """Let an account run the installation, with these duties and no others.

    Raises Refused where that would leave no administrator.
    """
    require(set_duties(account, duties, by))
    return Operator.objects.get(account=account)
