"""What is forgotten when, by which law, and by which job: one table, which docs/privacy.md prints.

The job `retention` runs its own lines once a day; the others stand here with the job that they
belong to, so that the table is whole.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fairhand.kit import idempotency
from fairhand.kit.remembered import forget_what_passed
from fairhand.pay.models import PayoutItem, PayoutRun, RunState
from fairhand.people import mail
from fairhand.people.expired import forget_what_expired
from fairhand.people.identity.proofs import purge
from fairhand.people.notices.reading import forget_notices
from fairhand.people.privacy import forgetting, periods
from fairhand.people.privacy.periods import before_years
from fairhand.work.privacy.archive import forget_archives
from fairhand.work.privacy.deletion import finish_due

log = logging.getLogger(__name__)
OWN = "retention"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is forgotten. `verb` takes the time that it is; returns how many rows went."""

    what: str
    after: str
    law: str
    job: str
    verb: Callable[[datetime], int]


def payout_names(now: datetime) -> int:
    """Names and account numbers in payouts of eight full years ago, and the banks' files."""
    past = before_years(periods.VOUCHER_YEARS, now)
    ended = Q(run__created_at__lt=past, run__state__in=(RunState.DONE, RunState.CANCELLED))
    named = ~Q(holder="", address="")
    numbers = PayoutItem.objects.filter(ended & named).values_list("pk", flat=True)
    gone = PayoutItem.objects.filter(
        pk__in=list(numbers[: forgetting.AT_ONCE * forgetting.MOST])
    ).update(holder="", address="")
    runs = PayoutRun.objects.filter(
        created_at__lt=past, state__in=(RunState.DONE, RunState.CANCELLED)
    )
    runs.exclude(file=b"").update(file=b"")
    return gone


def _always(verb: Callable[[], object]) -> Callable[[datetime], int]:
    """A verb of another job, which looks at the clock itself; None counts as nothing."""
    return lambda _now: int(verb() or 0)  # type: ignore[call-overload]


TIMETABLE: tuple[Line, ...] = (
    Line(
        "accounts whose owners asked for it",
        "14 days after asking, once nothing is owed or open",
        "Art. 17 GDPR",
        "privacy",
        finish_due,
    ),
    Line("archives of somebody's data", "7 days", periods.NO_LONGER, "privacy", forget_archives),
    Line(
        "pictures shown for an identity check",
        "`FAIRHAND_IDENTITY_KEPT_DAYS` after the decision; at once when it was taken back",
        periods.NO_LONGER,
        "keep_identity",
        _always(purge),
    ),
    Line(
        "pictures shown for an appeal",
        "90 days after the decision",
        periods.NO_LONGER,
        OWN,
        forgetting.evidence,
    ),
    Line(
        "appeals",
        "end of the third year after the decision",
        periods.CLAIMS,
        OWN,
        forgetting.appeals,
    ),
    Line(
        "identity checks that count no more",
        "end of the third year after they ended",
        periods.CLAIMS,
        OWN,
        forgetting.checks,
    ),
    Line(
        "withdrawn consents",
        "end of the third year after they were withdrawn",
        periods.CONSENTS,
        OWN,
        forgetting.consents,
    ),
    Line(
        "signatures",
        "end of the third year after the account was deleted",
        periods.CLAIMS,
        OWN,
        forgetting.signatures,
    ),
    Line(
        "traces of whoever was excluded",
        "end of the third year after the account was deleted",
        periods.SAFETY,
        OWN,
        forgetting.traces,
    ),
    Line(
        "names and account numbers in payouts, and the banks' files",
        "end of the eighth year after the payout",
        periods.VOUCHERS,
        OWN,
        payout_names,
    ),
    Line(
        "addresses and browsers in the audit trail",
        "400 days",
        periods.NO_LONGER,
        OWN,
        forgetting.origins,
    ),
    Line("audit trail and history", "end of the tenth year", periods.BOOKS, OWN, forgetting.trail),
    Line(
        "devices",
        "400 days after they were last seen",
        periods.NO_LONGER,
        OWN,
        forgetting.devices,
    ),
    Line(
        "invitations",
        "90 days after they were used, withdrawn or over",
        periods.NO_LONGER,
        OWN,
        forgetting.invitations,
    ),
    Line("ended background jobs", "30 days", periods.NO_LONGER, OWN, forgetting.jobs),
    Line("mails", "90 days", periods.NO_LONGER, "forget_told", _always(mail.forget_mails)),
    Line("notices", "400 days", periods.NO_LONGER, "forget_told", _always(forget_notices)),
    Line(
        "sessions, links and tokens",
        "once they are over",
        periods.NO_LONGER,
        "forget_expired",
        _always(forget_what_expired),
    ),
    Line(
        "counted attempts",
        "once they are over",
        periods.NO_LONGER,
        "forget_expired",
        _always(forget_what_passed),
    ),
    Line(
        "answers to repeated writes",
        "3 days",
        periods.NO_LONGER,
        "forget_keys",
        _always(idempotency.forget),
    ),
)


def run(now: datetime) -> dict[str, int]:
    """Forget what is due now; returns how many rows of each. One that fails stops no other."""
    gone, failed = {}, []
    for line in TIMETABLE:
        if line.job != OWN:
            continue
        try:
            gone[line.what] = line.verb(now)
        except Exception as error:
            log.exception("retention: %s", line.what)
            failed.append(error)
    if failed:
        raise failed[0]
    return gone
