"""What workers tell about themselves: told, withdrawn, and read in one place.

The trail notes that a field was told or withdrawn and never what it said, because it stays.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people import consents
from fairhand.people.audit import note
from fairhand.people.gates import changed_for
from fairhand.people.models import ProfileFact, Worker
from fairhand.people.profile.fields import FIELDS, UNKNOWN_FIELD, check, in_order

Words = tuple[str, str]  # the language in which they were read, and the SHA-256 of their text
CONSENT_FIRST = Refusal(
    "consent_first",
    _("This says something about your health. It is kept only if you agree to that."),
    status=422,
)


@transaction.atomic
def tell(worker: Worker, field: str, value: Any, *, agreed: Words | None = None) -> Decision:
    """Keep what a worker tells in this field, in place of what they told before.

    `value` is JSON of the field's kind (`fairhand.people.profile.fields.Kind`). Where the field
    rests on a consent, `agreed` are the words that were read and agreed to with it.
    """
    if (wrong := check(field, value)) is not None:
        return wrong
    purpose = FIELDS[field].consent
    if purpose and agreed is not None:
        language, digest = agreed
        if not (answer := consents.give(worker.account, purpose, language=language, digest=digest)):
            return answer
    if purpose and not consents.holds(worker.account, purpose):
        return CONSENT_FIRST
    told = in_order(field, value)
    if facts_of(worker).get(field) == told:
        return ALLOWED
    ProfileFact.objects.update_or_create(worker=worker, field=field, defaults={"value": told})
    _changed(worker, field, told=True)
    return ALLOWED


@transaction.atomic
def withdraw(worker: Worker, field: str) -> Decision:
    """Forget what a worker told in this field; forgetting twice is forgetting once."""
    if field not in FIELDS:
        return UNKNOWN_FIELD
    if purpose := FIELDS[field].consent:
        consents.withdraw(worker.account, purpose)  # the fact goes with what it rests on
    gone, _rows = ProfileFact.objects.filter(worker=worker, field=field).delete()
    if gone:
        _changed(worker, field, told=False)
    return ALLOWED


def facts_of(worker: Worker) -> dict[str, Any]:
    """All that a worker told, by field, in the order of the list: the one reader of profiles."""
    found = dict(ProfileFact.objects.filter(worker=worker).values_list("field", "value"))
    return {field: found[field] for field in FIELDS if field in found}


def _changed(worker: Worker, field: str, *, told: bool) -> None:
    account = worker.account
    note("profile.changed", actor=account, account=account, subject=field, after={"told": told})
    changed_for(worker)
