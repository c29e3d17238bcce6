"""How a decision about a person is contested: in their words, before somebody who did not make it.

One lifecycle for every kind of decision. Whoever contests is answered within two weeks (Directive
(EU) 2024/2831, Article 11(2)); where nobody answers in time, the appeal lapses for the person. What
follows when a decision is undone is given by the caller, since people knows neither money nor work;
it runs in the same transaction, so that the outcome and its consequence are one.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused, require
from fairhand.kit.lifecycle import move, record
from fairhand.kit.pictures import Picture, pages_of
from fairhand.kit.vault import seal
from fairhand.people.audit import note
from fairhand.people.duties import has_duty, holders, may_operate
from fairhand.people.identity.sameness import may_be_one
from fairhand.people.models import APPEAL, Account, Appeal, AppealState, Duty, Proof
from fairhand.people.notices import tell
from fairhand.people.notices.words import in_language_of

DAYS = 14
MOST_PROOFS = 3
MAX_WORDS = 2000
SYSTEM = "system:appeals"
STUCK = "stuck"  # among the facts: why the clock could not undo what was decided
ENDED = {
    AppealState.UPHELD: "the decision was undone",
    AppealState.DISMISSED: "the decision stands",
    AppealState.LAPSED: "nobody answered in time",
}
LAPSED_WHY = "Nobody answered in time, so it was decided for you."
Undo = Callable[[Appeal, Account | str, str], Decision]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is contested: in words, who decides about it, and within how many days."""

    label: str | Promise
    duty: Duty
    days: int = DAYS


KINDS: dict[str, Kind] = {
    "standing": Kind(_("Being allowed to work here"), Duty.SUPPORT),
    "identity": Kind(_("Identity check"), Duty.IDENTITY),
    "restriction": Kind(_("Access to a batch"), Duty.QUALITY),
}
NO_WORDS = Refusal(
    "no_words",
    _("Say in 1 to %(most)s letters what should be looked at."),
    {"most": MAX_WORDS},
    422,
)
NO_REASON = Refusal(
    "no_reason",
    _("Say why in 1 to %(most)s letters: the person reads it, word for word."),
    {"most": MAX_WORDS},
    422,
)
TOO_MANY = Refusal(
    "too_many_files",
    _("Send %(most)s files at most: choose those that show it best."),
    {"most": MOST_PROOFS},
    422,
)
CONTESTED_BEFORE = Refusal(
    "contested_before", _("You have contested this before. See your appeal for the answer.")
)
NOT_YOUR_OWN = Refusal(
    "not_your_own", _("This is about you: another operator has to decide."), status=403
)
MADE_BY_YOU = Refusal(
    "made_by_you",
    _("You made the decision that is contested: another operator has to look at it."),
    status=403,
)
DECIDED = Refusal("decided_before", _("Somebody was first: this was decided before."))
TAKEN_BACK = Refusal("taken_back", _("The person took this appeal back."))
OVER = Refusal(
    "appeal_over", _("The time to answer is over: it is being decided for the person."), status=410
)
NOT_YOURS = Refusal("not_yours", _("Only whoever contested can take it back."), status=403)


def open_appeal(
    kind: str,
    subject: str,
    account: Account,
    *,
    facts: Mapping[str, Any],
    made_by: Sequence[str],
    words: str,
    proofs: Sequence[bytes] = (),
) -> Appeal:
    """Contest one decision: `subject` names it within its kind, `made_by` those who made it.

    `facts` are the decision as JSON values, kept as they are now. Each of `proofs` is a file, a
    picture or a PDF, which is drawn anew and sealed. Raises Refused without words, for a file that
    cannot be used, and for a decision that was contested before; then nothing is kept.
    """
    words = words.strip()
    if not 0 < len(words) <= MAX_WORDS:
        NO_WORDS.fail()
    if len(proofs) > MOST_PROOFS:
        TOO_MANY.fail()
    pictures = [picture for file in proofs for picture in pages_of(file)]
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                kind=kind,
                subject=subject,
                account=account,
                facts=dict(facts),
                made_by=list(made_by),
                words=words,
                deadline=timezone.now() + timedelta(days=KINDS[kind].days),
            )
            _keep(appeal, pictures)
            record(APPEAL.name, str(appeal.pk), "none", "open", actor=account.ref, why="contested")
            after = {"state": "open", "kind": kind}
            note("appeal.opened", actor=account, account=account, subject=appeal.ref, after=after)
            _tell_deciders(appeal)
    except IntegrityError:
        CONTESTED_BEFORE.fail()
    return appeal


def decide(appeal: Appeal, by: Account, *, uphold: bool, why: str, undo: Undo) -> Decision:
    """Answer an appeal, with reasons in writing; upheld, `undo` runs in the same transaction."""
    if not (answer := may_decide(appeal, by)):
        return answer
    why = why.strip()
    if not 0 < len(why) <= MAX_WORDS:
        return NO_REASON
    state = AppealState.UPHELD if uphold else AppealState.DISMISSED
    try:
        with transaction.atomic():
            locked(appeal.account)
            if not _end(appeal, state, by, why):
                return DECIDED
            if uphold:
                require(undo(appeal, by, why))
    except Refused as error:
        appeal.refresh_from_db()
        return error.refusal
    return ALLOWED


@transaction.atomic
def withdraw(appeal: Appeal, account: Account) -> Decision:
    """Take an appeal back; the same decision can be contested again."""
    if appeal.account_id != account.pk:
        return NOT_YOURS
    if appeal.state != AppealState.OPEN:
        return DECIDED
    why, changes = "taken back", {"decided_at": timezone.now()}
    moved = move(APPEAL, appeal, AppealState.WITHDRAWN, actor=account.ref, why=why, changes=changes)
    if not moved:
        return DECIDED
    Proof.objects.filter(appeal=appeal).delete()
    after = {"state": AppealState.WITHDRAWN.value}
    note("appeal.withdrawn", actor=account, account=account, subject=appeal.ref, after=after)
    return ALLOWED


def lapse(undo: Undo) -> int:
    """Decide for the person where nobody answered in time; returns how many.

    Outcome and consequence are one transaction each. One whose consequence cannot be drawn is
    logged once and left to people, is tried again after all others, and keeps none of them waiting.
    May run at any time, twice.
    """
    late = Appeal.objects.filter(state=AppealState.OPEN, deadline__lte=timezone.now())
    stuck = models.ExpressionWrapper(
        models.Q(facts__has_key=STUCK), output_field=models.BooleanField()
    )
    done = 0
    for appeal in late.select_related("account").order_by(stuck, "deadline")[:500]:
        try:
            with transaction.atomic():
                locked(appeal.account)
                if _end(appeal, AppealState.LAPSED, SYSTEM, LAPSED_WHY):
                    require(undo(appeal, SYSTEM, LAPSED_WHY))
                    done += 1
        except Refused as error:
            if STUCK not in appeal.facts:
                logger.exception("appeal %s lapsed, and its decision cannot be undone", appeal.ref)
            facts = {**appeal.facts, STUCK: error.refusal.code}
            Appeal.objects.filter(pk=appeal.pk, state=AppealState.OPEN).update(facts=facts)
    return done


def settle(kind: str, subject: str, by: Account | str, why: str) -> bool:
    """Answer an open appeal whose decision was just undone by other means; False if there is none.

    Whoever decided may correct themselves: that needs nobody else's look.
    """
    appeal = Appeal.objects.filter(kind=kind, subject=subject, state=AppealState.OPEN).first()
    if appeal is None:
        return answered(kind, subject)
    return _end(appeal, AppealState.UPHELD, by, why)


def answered(kind: str, subject: str) -> bool:
    """Whether an appeal against this decision was decided for the person."""
    outcomes = (AppealState.UPHELD, AppealState.LAPSED)
    return Appeal.objects.filter(kind=kind, subject=subject, state__in=outcomes).exists()


def may_decide(appeal: Appeal, by: Account) -> Decision:
    """Whether this operator may answer: has the duty, did not decide before, is not concerned.

    Once the time is over nobody answers any more, but where the clock could not undo the decision.
    """
    duty = KINDS[appeal.kind].duty
    if not (answer := may_operate(by)) or not (answer := has_duty(by, duty)):
        return answer
    if appeal.account_id == by.pk or may_be_one(appeal.account_id, by.pk):
        return NOT_YOUR_OWN
    if by.ref in appeal.made_by:
        return MADE_BY_YOU
    if appeal.state == AppealState.WITHDRAWN:
        return TAKEN_BACK
    if appeal.state != AppealState.OPEN:
        return DECIDED
    return OVER if is_late(appeal) and STUCK not in appeal.facts else ALLOWED


def deciders(appeal: Appeal) -> list[Account]:
    """Who could answer this appeal; none: a second operator is needed."""
    return [
        one
        for one in holders(KINDS[appeal.kind].duty)
        if one.pk != appeal.account_id
        and one.ref not in appeal.made_by
        and not may_be_one(appeal.account_id, one.pk)
    ]


def waiting(kinds: Sequence[str]) -> models.QuerySet[Appeal]:
    """The open appeals of these kinds, the most urgent first."""
    found = Appeal.objects.select_related("account").filter(state=AppealState.OPEN, kind__in=kinds)
    return found.order_by("deadline", "pk")


def is_late(appeal: Appeal, now: datetime | None = None) -> bool:
    """Whether the time to answer is over."""
    return appeal.deadline <= (now or timezone.now())


def locked(account: Account) -> Account:
    """The account, held until the transaction ends: what is decided about one person waits here."""
    return Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def _keep(appeal: Appeal, pictures: Sequence[Picture]) -> None:
    for n, picture in enumerate(pictures, 1):
        key, sealed = seal(picture.data)
        Proof.objects.create(
            account=appeal.account,
            appeal=appeal,
            kind="other",
            page=n,
            key=key,
            sealed=sealed,
            width=picture.width,
            height=picture.height,
        )


def _end(appeal: Appeal, state: AppealState, by: Account | str, why: str) -> bool:
    """Write the outcome down, with the trail and the notice; False if somebody was first.

    The words stay in the appeal's own row, which retention empties; history is never rewritten.
    """
    person = by if isinstance(by, Account) else None
    changes = {"decided_by": person, "decided_why": why, "decided_at": timezone.now()}
    actor = by if isinstance(by, str) else by.ref
    if not move(APPEAL, appeal, state, actor=actor, why=ENDED[state], changes=changes):
        return False
    action = "appeal.lapsed" if state == AppealState.LAPSED else "appeal.decided"
    after = {"state": state.value, "why": why}
    note(action, actor=by, account=appeal.account, subject=appeal.ref, after=after)
    link = f"/appeals/{appeal.ref}"
    what = _spoken(appeal, appeal.account)
    if state == AppealState.LAPSED:
        tell(appeal.account, "decision.appeal_lapsed", link=link, what=what)
    elif state == AppealState.UPHELD:
        tell(appeal.account, "decision.appeal_upheld", link=link, what=what, reason=why)
    else:
        tell(appeal.account, "decision.appeal_dismissed", link=link, what=what, reason=why)
    return True


def _tell_deciders(appeal: Appeal) -> None:
    """Tell who could answer, once a decision: whoever takes an appeal back may contest again."""
    same = Appeal.objects.filter(kind=appeal.kind, subject=appeal.subject)
    if same.exclude(pk=appeal.pk).exists():
        return
    link = f"/operator/appeals/{appeal.ref}"
    for one in deciders(appeal):
        tell(one, "work.appeal_opened", link=link, what=_spoken(appeal, one))


def _spoken(appeal: Appeal, reader: Account) -> str:
    with in_language_of(reader):
        return str(KINDS[appeal.kind].label)
