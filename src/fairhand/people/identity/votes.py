"""Two operators look at a check, neither seeing what the other said; two that agree decide."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal, Refused, require
from fairhand.people import consents
from fairhand.people.audit import note
from fairhand.people.duties import has_duty
from fairhand.people.identity.outcome import DECIDED, reject, verify
from fairhand.people.identity.proofs import CONSENT, CONSENT_ENDED, is_agreed
from fairhand.people.identity.said import VOTED_FOR
from fairhand.people.identity.sameness import likely, may_be_one
from fairhand.people.models import Account, Duty, IdentityCheck, IdentityState, IdentityVote

VERIFIED, REJECTED = "verified", "rejected"
AGREE = 2
MAX_WORDS = 1000
OWN = Refusal("own_check", _("Nobody decides about themselves."), status=403)
VOTED = Refusal("voted_before", _("You have said what you think of this check already."))
NO_VERDICT = Refusal("no_verdict", _("Say whether it is proven or not."), status=422)
NO_REASON = Refusal(
    "no_reason", _("Choose the reason: the person reads it and tries again."), status=422
)
NO_WORDS = Refusal(
    "no_words",
    _("Write to the person in 1 to %(most)s letters what was wrong and what helps."),
    {"most": MAX_WORDS},
    422,
)


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody makes of a check: verified, or rejected with a reason of the list and words."""

    verdict: str
    reason: str = ""
    words: str = ""


def vote(check: IdentityCheck, by: Account, said: Vote) -> Decision:
    """Say what one makes of a check; with the second that agrees it is decided, and told.

    Refused without the duty, about oneself, twice, without a reason for a rejection, and when
    somebody was first; then nothing is kept.
    """
    try:
        with transaction.atomic():
            held = IdentityCheck.objects.select_for_update(of=("self",))
            found = held.select_related("worker__account").get(pk=check.pk)
            consents.holds(found.worker.account, CONSENT)  # nor is it taken back before the vote
            require(may_vote(found, by))
            require(_wrong_with(said))
            _keep(found, by, said)
            require(_decided(found, by))
    except IntegrityError:
        return VOTED
    except Refused as error:
        return error.refusal
    check.refresh_from_db()
    return ALLOWED


def may_vote(check: IdentityCheck, by: Account) -> Decision:
    """Whether this operator can say something about a check now. One condition a line."""
    if not (answer := has_duty(by, Duty.IDENTITY)):
        return answer
    if check.worker_id == by.pk or may_be_one(check.worker_id, by.pk):
        return OWN
    if check.votes.filter(operator=by).exists():
        return VOTED
    if check.state != IdentityState.PENDING or check.provider != "manual":
        return DECIDED
    return ALLOWED if is_agreed(check) else CONSENT_ENDED


def queue() -> QuerySet[IdentityCheck]:
    """The checks that people have to look at, the oldest first."""
    waiting = IdentityCheck.objects.filter(state=IdentityState.PENDING, provider="manual")
    return waiting.order_by("sent_at", "pk")


def waiting_for(by: Account) -> QuerySet[IdentityCheck]:
    """Those of the queue that this operator has not looked at yet, nor is, nor may be."""
    others = queue().exclude(worker=by.pk).exclude(worker__in=likely(by.pk))
    return others.exclude(votes__operator=by)


def _keep(check: IdentityCheck, by: Account, said: Vote) -> None:
    rejected = said.verdict == REJECTED
    IdentityVote.objects.create(
        check_of=check,
        operator=by,
        verdict=said.verdict,
        reason=said.reason if rejected else "",
        words=said.words.strip() if rejected else "",
    )
    # Without the verdict: who reads the trail may have to vote next.
    note("identity.voted", actor=by, subject=check.ref, after={"state": check.state})


def _decided(check: IdentityCheck, by: Account) -> Decision:
    """Decide where two agree; else the next one is awaited."""
    votes = list(check.votes.order_by("pk"))
    verdicts = Counter(one.verdict for one in votes)
    if verdicts[VERIFIED] >= AGREE:
        return verify(check, by, why="two operators agree")
    if verdicts[REJECTED] >= AGREE:
        against = [one for one in votes if one.verdict == REJECTED]
        reason, words = _in_one(against)
        return reject(check, by, reason=reason, words=words)
    return ALLOWED


def _in_one(votes: Sequence[IdentityVote]) -> tuple[str, str]:
    """The reason that most gave, of equals the first; with it the words of those who gave it."""
    reason = Counter(one.reason for one in votes).most_common(1)[0][0]
    words = dict.fromkeys(one.words for one in votes if one.reason == reason)
    return reason, "\n".join(words)


def _wrong_with(said: Vote) -> Decision:
    if said.verdict not in {VERIFIED, REJECTED}:
        return NO_VERDICT
    if said.verdict == VERIFIED:
        return ALLOWED
    if said.reason not in VOTED_FOR:
        return NO_REASON
    return ALLOWED if 0 < len(said.words.strip()) <= MAX_WORDS else NO_WORDS
