"""How does a worker ask for a person to look at a restriction, and who is waiting for one?

The decision itself stays as it was recorded; what the worker says is one more row of its history.
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.lifecycle import record
from fairhand.kit.models import History
from fairhand.people.models import Worker
from fairhand.work.models import Restriction

KIND = "restriction"
CONTESTED = "contested"
MAX_WORDS = 2000
NO_WORDS = Refusal(
    "no_words",
    _("Say in 1 to %(most)s letters what should be looked at."),
    {"most": MAX_WORDS},
    status=422,
)
NOT_RESTRICTED = Refusal("not_restricted", _("You are not restricted in this batch (any more)."))
CONTESTED_BEFORE = Refusal(
    "contested_before", _("You have asked for this before. Somebody will look at it.")
)


def contest(restriction: Restriction, worker: Worker, words: str) -> Decision:
    """Ask for a person to look at a standing restriction, once, in the worker's own words."""
    words = words.strip()
    if restriction.worker_id != worker.pk or restriction.lifted_at is not None:
        return NOT_RESTRICTED
    if not 0 < len(words) <= MAX_WORDS:
        return NO_WORDS
    if words_of([restriction]):
        return CONTESTED_BEFORE
    record(KIND, _subject(restriction), "standing", CONTESTED, actor=worker.account.ref, why=words)
    return ALLOWED


def words_of(restrictions: Sequence[Restriction]) -> dict[int, str]:
    """What workers said about these restrictions, by the restriction's number.

    Only what was said since the restriction was made counts: an earlier one had words of its own.
    """
    by_subject = {_subject(restriction): restriction for restriction in restrictions}
    rows = History.objects.filter(kind=KIND, target=CONTESTED, subject__in=by_subject)
    return {
        by_subject[row.subject].pk: row.why
        for row in rows.order_by("id")
        if row.at >= by_subject[row.subject].made_at
    }


def _subject(restriction: Restriction) -> str:
    return f"{restriction.batch.ref}/{restriction.worker.ref}"
