"""Who may be the same person: traces that two accounts share, for a human to look at.

Only a keyed digest of a trace is kept. A shared trace opens a case and does nothing else: families
share bank accounts, cafés share computers. What follows from a case is another decision.
"""

import hashlib
import hmac

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.lifecycle import move, record
from fairhand.people.audit import note
from fairhand.people.duties import has_duty
from fairhand.people.models import SAME, Account, Duty, SameCase, SameState, Signal

SYSTEM = "system:sameness"
MAX_WORDS = 2000
CROWDED = 6  # accounts with one device: a café, a library, a family; it says nothing any more
MOST_PAIRS = 20  # that one trace opens at a time
# What a shared trace is worth, for whoever looks; the strongest first.
KINDS: dict[str, str | Promise] = {
    "document": _("The same document: strong, since a document belongs to one person."),
    "payout": _("The same account to be paid to: families and friends may share one."),
    "device": _("The same device: weak, since families, flats and cafés share them."),
}
NO_REASON = Refusal(
    "no_reason",
    _("Say why in 1 to %(most)s letters, so that others can follow it."),
    {"most": MAX_WORDS},
    422,
)
ABOUT_YOU = Refusal(
    "about_you", _("This is about an account of yours: another operator decides."), status=403
)
DECIDED = Refusal("decided_before", _("Somebody was first: this was decided before."))


def trace(kind: str, value: str) -> str:
    """The keyed digest of a trace: equal for equal values, and telling nothing without the key."""
    told = f"{kind}:{value}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), b"sameness", hashlib.sha256).digest()
    return hmac.new(key, told, hashlib.sha256).hexdigest()


def observe(account: Account, kind: str, value: str) -> None:
    """Keep the digest of a trace, and open or widen a case with each account that shares it.

    `kind` is one of KINDS; `value` is told in one spelling by the caller. Twice is once.
    """
    observe_digest(account, kind, trace(kind, value))


@transaction.atomic
def observe_digest(account: Account, kind: str, digest: str) -> None:
    """The same for a trace of which only what `trace` made of it was kept."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of trace")
    if Signal.objects.filter(account=account, kind=kind, digest=digest).exists():
        return
    _one_at_a_time(digest)
    Signal.objects.get_or_create(account=account, kind=kind, digest=digest)
    alike = Signal.objects.filter(kind=kind, digest=digest).exclude(account=account)
    others = list(alike.order_by("pk").values_list("account", flat=True)[:MOST_PAIRS])
    if kind == "device" and len(others) + 1 >= CROWDED:
        return
    for other in others:
        _shared(kind, *sorted((account.pk, other)))


def decide(case: SameCase, by: Account, *, same: bool, why: str) -> Decision:
    """Write down whether two accounts are one person's; nothing follows from it by itself."""
    why = why.strip()
    if not (answer := has_duty(by, Duty.IDENTITY)):
        return answer
    if by.pk in {case.first_id, case.second_id}:
        return ABOUT_YOU
    if not 0 < len(why) <= MAX_WORDS:
        return NO_REASON
    if case.state != SameState.OPEN:
        return DECIDED
    state = SameState.SAME if same else SameState.DIFFERENT
    changes = {"decided_by": by, "decided_why": why, "decided_at": timezone.now()}
    with transaction.atomic():
        if not move(SAME, case, state, actor=by.ref, why="a person looked", changes=changes):
            return DECIDED
        note("sameness.decided", actor=by, subject=case.ref, after={"state": state, "why": why})
    return ALLOWED


def may_be_one(first: int, second: int) -> bool:
    """Whether the accounts of these numbers are one person's, or nobody has decided that yet."""
    return second in likely(first)


def likely(account: int) -> set[int]:
    """The numbers of the accounts that may be the same person's as this one."""
    cases = SameCase.objects.exclude(state=SameState.DIFFERENT)
    pairs = cases.filter(Q(first=account) | Q(second=account)).values_list("first", "second")
    return {one for pair in pairs for one in pair} - {account}


def cases_of(account: Account) -> list[SameCase]:
    """The cases that an account is in, the newest first."""
    mine = SameCase.objects.filter(Q(first=account) | Q(second=account))
    return list(mine.select_related("first", "second").order_by("-pk"))


def waiting() -> int:
    """How many cases nobody has decided."""
    return SameCase.objects.filter(state=SameState.OPEN).count()


def _shared(kind: str, first: int, second: int) -> None:
    """Open a case for a pair, or widen the one that is there."""
    case, new = SameCase.objects.select_for_update().get_or_create(
        first_id=first, second_id=second, defaults={"kinds": [kind]}
    )
    if new:
        state = SameState.OPEN
        record(SAME.name, str(case.pk), "none", state, actor=SYSTEM, why=f"share a {kind}")
    elif kind in case.kinds:
        return
    else:
        kinds = [*case.kinds, kind]
        if case.state == SameState.DIFFERENT:
            why = f"share a {kind}, too"
            move(SAME, case, SameState.OPEN, actor=SYSTEM, why=why, changes={"kinds": kinds})
        else:
            SameCase.objects.filter(pk=case.pk).update(kinds=kinds)
    note("sameness.seen", actor=SYSTEM, subject=case.ref, after={"kind": kind})


def _one_at_a_time(digest: str) -> None:
    """Two that show the same at one moment would not see each other: the second one waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])
