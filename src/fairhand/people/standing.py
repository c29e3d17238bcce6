"""May somebody work here at all, and who is signed in as them?

This only records the facts and ends sessions and keys with them; what else follows, such as pages
that are held, is drawn by `fairhand.work.expulsion`. What was earned is never touched.
"""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.lifecycle import record
from fairhand.kit.models import History
from fairhand.people.access import is_excluded
from fairhand.people.audit import coming_from_nowhere, note
from fairhand.people.endings import end_access
from fairhand.people.models import Account, Invitation, Operator, Worker
from fairhand.people.notices import tell

KIND = "standing"
MAX_WORDS = 2000
CLOSED_BEFORE = Refusal("closed_before", _("This account was excluded before."))
NOT_CLOSED = Refusal("not_closed", _("This account is not excluded."))
IS_OPERATOR = Refusal(
    "is_operator", _("This is an operator. Take their duties first, then exclude them.")
)
NO_REASON = Refusal(
    "no_reason",
    _("Say why in 1 to %(most)s letters, so that others can follow it."),
    {"most": MAX_WORDS},
    422,
)
NO_WORDS = Refusal(
    "no_words",
    _("Say in 1 to %(most)s letters what should be looked at."),
    {"most": MAX_WORDS},
    422,
)
CONTESTED_BEFORE = Refusal(
    "contested_before", _("You have asked for this before. Somebody will look at it.")
)


def may_work(worker: Worker) -> bool:
    """Whether somebody's standing lets them work now; a suspension ends by the clock."""
    if worker.standing == Worker.Standing.SUSPENDED:
        return worker.suspended_until is None or worker.suspended_until <= timezone.now()
    return worker.standing == Worker.Standing.ACTIVE


def may_be_closed(account: Account) -> Decision:
    """Whether an account can be excluded. One condition a line."""
    if Operator.objects.filter(account=account).exists():
        return IS_OPERATOR
    return CLOSED_BEFORE if is_excluded(account) else ALLOWED


@transaction.atomic
def close_standing(account: Account, by: Account, why: str) -> Decision:
    """Exclude an account, with a reason that they read; all that lets it in ends, keys included.

    A worker can sign in again, to see what they earned and to contest this, and does nothing for
    an organisation; whoever is no worker cannot.
    """
    why = why.strip()
    if not 0 < len(why) <= MAX_WORDS:
        return NO_REASON
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not (answer := may_be_closed(account)):
        return answer
    closed = Worker.objects.filter(account=account).update(standing=Worker.Standing.EXPELLED)
    if not closed:
        Account.objects.filter(pk=account.pk).update(is_active=False)
    ended = end_access(account, keys=True)
    Invitation.objects.filter(invited_by=account, used_at=None, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    record(KIND, account.ref, "active", "closed", actor=by.ref, why=why)
    note(
        "standing.closed",
        actor=by,
        account=account,
        before={"standing": "active"},
        after={"standing": "closed", "why": why, **ended.facts()},
    )
    tell(account, "decision.expelled", link="/account/trail", reason=_sentence(why))
    return ALLOWED


@transaction.atomic
def reopen_standing(account: Account, by: Account, why: str) -> Decision:
    """Let an excluded account back, after somebody looked at it again."""
    why = why.strip()
    if not 0 < len(why) <= MAX_WORDS:
        return NO_REASON
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not is_excluded(account):
        return NOT_CLOSED
    Worker.objects.filter(account=account).update(standing=Worker.Standing.ACTIVE)
    Account.objects.filter(pk=account.pk).update(is_active=True)
    record(KIND, account.ref, "closed", "active", actor=by.ref, why=why)
    note(
        "standing.reopened",
        actor=by,
        account=account,
        before={"standing": "closed"},
        after={"standing": "active", "why": why},
    )
    return ALLOWED


@transaction.atomic
def contest_closing(account: Account, words: str) -> Decision:
    """Ask for a person to look at an exclusion again, once, in one's own words."""
    words = words.strip()
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not is_excluded(account):
        return NOT_CLOSED
    if not 0 < len(words) <= MAX_WORDS:
        return NO_WORDS
    if words_about(account):
        return CONTESTED_BEFORE
    record(KIND, account.ref, "closed", "contested", actor=account.ref, why=words)
    note("standing.contested", actor=account, account=account, after={"words": words})
    return ALLOWED


def reason_for(account: Account) -> str:
    """Why an account was excluded, as it was told; empty where it is not."""
    row = _rows(account).exclude(target="contested").last()
    return row.why if row is not None and row.target == "closed" else ""


def words_about(account: Account) -> str:
    """What somebody said against the exclusion that stands; empty where they said nothing."""
    row = _rows(account).last()
    return row.why if row is not None and row.target == "contested" else ""


def contested() -> int:
    """How many exclusions stand that somebody asked to have looked at."""
    said = History.objects.filter(kind=KIND, target="contested").values_list("subject")
    accounts = Account.objects.filter(ref__in=said)
    return sum(bool(words_about(account)) for account in accounts)


@transaction.atomic
def sign_out_everywhere(account: Account, by: Account) -> int:
    """Sign an account out everywhere, for whoever asked for that; returns how many ended."""
    ended = end_access(account)
    note("sessions.ended", actor=by, account=account, after=ended.facts())
    with coming_from_nowhere():
        tell(account, "security.signed_out", link="/account/trail")
    return ended.sessions


def _rows(account: Account) -> models.QuerySet[History]:
    return History.objects.filter(kind=KIND, subject=account.ref).order_by("id")


def _sentence(why: str) -> str:
    return why if why.endswith((".", "!", "?")) else f"{why}."
