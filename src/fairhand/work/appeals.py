"""Which decisions about somebody can be contested, and what follows when one is undone.

The lifecycle is `fairhand.people.appeals`; here is, for each kind, how its decisions are found and
read, and the verb that undoes one. Every verb bears that the decision was undone before: then there
is nothing left to do, and the answer still stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people import appeals, identity
from fairhand.people.access import NOT_FOUND
from fairhand.people.decisions import decisions_about, standing_of, suspension_of
from fairhand.people.models import Account, Appeal, IdentityCheck, IdentityState
from fairhand.people.standing import lift_suspension, reopen_standing
from fairhand.quality.gold import RULE
from fairhand.work.access import lift
from fairhand.work.models import Restriction

UNDONE = Refusal("undone_before", _("This decision was undone already."))


@dataclass(frozen=True, slots=True)
class Contestable:
    """A decision about somebody, which its `kind` and `subject` name.

    `facts` are what it says and what it was made from, as JSON values; `made_by` references of
    people, or `system:<rule>`. `stands` is false once it was undone.
    """

    kind: str
    subject: str
    facts: Mapping[str, Any]
    made_by: tuple[str, ...]
    made_at: datetime | None
    stands: bool = True


def decisions(account: Account) -> list[Contestable]:
    """All that was decided about somebody and can be contested, the newest first."""
    found = [one for kind in KINDS.values() for one in kind.read(account)]
    dated = [one for one in found if one.made_at is not None]
    return sorted(dated, key=lambda one: str(one.made_at), reverse=True)


def decision(account: Account, kind: str, subject: str) -> Contestable | None:
    """One of these; None where it never was, or is somebody else's."""
    found = KINDS[kind].read(account) if kind in KINDS else []
    return next((one for one in found if one.subject == subject), None)


def contest(
    account: Account, kind: str, subject: str, words: str, proofs: Sequence[bytes] = ()
) -> Appeal:
    """Contest a decision about oneself. Raises Refused, as `people.appeals.open_appeal` does."""
    found = decision(account, kind, subject)
    if found is None:
        NOT_FOUND.fail()
    if not found.stands:
        UNDONE.fail()
    return appeals.open_appeal(
        kind,
        subject,
        account,
        facts=found.facts,
        made_by=found.made_by,
        words=words,
        proofs=proofs,
    )


def answer(appeal: Appeal, by: Account, *, uphold: bool, why: str) -> Decision:
    """Decide an appeal, with all that follows."""
    return appeals.decide(appeal, by, uphold=uphold, why=why, undo=undo)


def lapse() -> int:
    """Decide for the person what nobody answered in time; returns how many."""
    return appeals.lapse(undo)


def undo(appeal: Appeal, by: Account | str, why: str) -> Decision:
    """Undo the decision that an appeal is about."""
    return KINDS[appeal.kind].undo(appeal, by, why)


def open_against(restrictions: Sequence[Restriction]) -> set[int]:
    """The numbers of those restrictions that are contested and wait for an answer."""
    numbers = {str(one.pk) for one in restrictions}
    found = Appeal.objects.filter(kind="restriction", subject__in=numbers, state="open")
    return {int(subject) for subject in found.values_list("subject", flat=True)}


def _standings(account: Account) -> list[Contestable]:
    return [
        Contestable(
            "standing",
            str(one.number),
            {
                "state": str(one.state),
                "why": one.why,
                "until": one.until.isoformat() if one.until else "",
            },
            one.makers,
            one.since,
            not one.undone,
        )
        for one in decisions_about(account)
    ]


def _let_work(appeal: Appeal, by: Account | str, why: str) -> Decision:
    suspension = suspension_of(appeal.account)
    if suspension is not None and str(suspension.number) == appeal.subject:
        return lift_suspension(appeal.account, by, why)
    if str(standing_of(appeal.account).number) != appeal.subject:
        return ALLOWED  # over by the clock, undone before, or another decision stands now
    return reopen_standing(appeal.account, by, why)


def _checks(account: Account) -> list[Contestable]:
    rejected = IdentityCheck.objects.filter(worker__account=account, state=IdentityState.REJECTED)
    return [
        Contestable(
            "identity",
            check.ref,
            identity.facts_of(check),
            tuple(identity.deciders(check)) or (f"system:{check.provider}",),
            check.decided_at,
        )
        for check in rejected
    ]


def _confirm(appeal: Appeal, by: Account | str, _why: str) -> Decision:
    rejected = IdentityCheck.objects.filter(ref=appeal.subject, state=IdentityState.REJECTED)
    return identity.overturn(appeal.subject, by) if rejected.exists() else ALLOWED


def _restrictions(account: Account) -> list[Contestable]:
    found = Restriction.objects.select_related("batch").filter(worker__account=account)
    return [
        Contestable(
            "restriction",
            str(one.pk),
            {"batch": one.batch.ref, "name": one.batch.name, **one.inputs},
            (f"system:{RULE}",),
            one.made_at,
            one.lifted_at is None,
        )
        for one in found
    ]


def _let_on(appeal: Appeal, by: Account | str, why: str) -> Decision:
    found = Restriction.objects.select_related("batch", "worker__account")
    lift(found.get(pk=int(appeal.subject)), by, why)
    return ALLOWED


@dataclass(frozen=True, slots=True)
class Handled:
    """How the decisions of one kind are found, and how one is undone."""

    read: Callable[[Account], list[Contestable]]
    undo: appeals.Undo


KINDS: dict[str, Handled] = {
    "standing": Handled(_standings, _let_work),
    "identity": Handled(_checks, _confirm),
    "restriction": Handled(_restrictions, _let_on),
}
