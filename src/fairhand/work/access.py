"""When may a worker work on a batch, when do they lose it, and what are they told?

`enter` is asked when a batch is opened by a worker; from then on the enrolment is the entitlement,
and the hot path asks only whether it was halted. Losing access never touches what was earned.
"""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from fairhand.kit.decision import ALLOWED, Decision
from fairhand.kit.lifecycle import record
from fairhand.pay.earnings import channel_of, earning_account
from fairhand.pay.funding import batch_accounts
from fairhand.people.appeals import locked, settle
from fairhand.people.audit import note
from fairhand.people.endings import Ended, end_access
from fairhand.people.gates import Way, look_again_at, stamp_of, steps, still_open
from fairhand.people.models import Account, Member, Portal, Worker
from fairhand.people.notices import tell
from fairhand.people.portals import is_member
from fairhand.people.standing import may_work
from fairhand.projects.models import Batch, BatchState
from fairhand.quality.gold import RULE, VERSION, explain
from fairhand.work.models import Enrolment, Reservation, Restriction
from fairhand.work.refusals import refusal

NEVER_LOOKED_AT = -1  # the stamp of an enrolment whose worker is looked at before their next page


def way_to(batch: Batch, portal: Portal | None) -> Way:
    """What a worker who comes through this portal is asked before they work on this batch."""
    return Way(portal, batch.project.ref, tuple(batch.gates))


def access_to(worker: Worker, batch: Batch, portal: Portal | None = None) -> Decision:
    """May this worker work on this batch, coming through this portal? One condition a line."""
    if not may_work(worker):
        return refusal("suspended")
    if batch.state != BatchState.OPEN:
        return refusal(f"batch_{batch.state}")
    if (found := standing_restriction(worker, batch)) is not None:
        return refusal("restricted", restriction_numbers(found))
    if batch.reserved and not Reservation.objects.filter(batch=batch, worker=worker).exists():
        return refusal("not_reserved")
    return may_go_on(worker, batch, portal)


def may_go_on(worker: Worker, batch: Batch, portal: Portal | None) -> Decision:
    """May somebody who was let in before be shown a page, now that something changed?

    Whether the batch still gives out pages is the hot path's to say: held ones may be finished.
    """
    mine = Member.objects.filter(account=worker.account_id)
    if mine.filter(organisation__projects=batch.project_id).exists():
        return refusal("own_batch")
    if batch.portals and (portal is None or portal.ref not in batch.portals):
        return refusal("other_portal")
    if portal is not None and not is_member(worker, portal):
        return refusal("not_joined")
    if still_open(steps(worker, way_to(batch, portal))):
        return refusal("gates_open")
    return ALLOWED


@transaction.atomic
def enter(worker: Worker, batch: Batch, portal: Portal | None = None) -> Decision:
    """Enrol a worker who may work here; entering twice is entering once."""
    # Whoever is kept from work at this moment is waited for, so that nobody enters behind that.
    worker = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
    stamp = stamp_of(worker)  # before looking: what changes meanwhile is looked at again
    answer = access_to(worker, batch, portal)
    if not answer:
        return answer
    _enrol(worker, batch)
    return _let_in(worker, batch, portal, stamp)


@transaction.atomic
def look_again(worker: Worker, batch: Batch, portal: Portal | None) -> Decision:
    """Whether somebody enrolled may go on after something changed."""
    if not may_work(worker):
        return refusal("suspended")
    stamp = stamp_of(worker)
    answer = may_go_on(worker, batch, portal)
    return _let_in(worker, batch, portal, stamp) if answer else answer


def _let_in(worker: Worker, batch: Batch, portal: Portal | None, stamp: int) -> Decision:
    """Note what was looked at, so that the hot path need not look, and the way that was taken.

    Who comes through another portal than before works through that one from now on.
    """
    enrolment = Enrolment.objects.select_for_update().get(batch=batch, worker=worker)
    channel = channel_of(worker, portal, batch.currency, at_once=batch.review_hours == 0)
    if enrolment.held and enrolment.portal != channel.portal:
        return refusal("held_elsewhere")
    Enrolment.objects.filter(batch=batch, worker=worker).update(
        stamp=stamp,
        look_again_at=look_again_at(steps(worker, way_to(batch, portal))),
        portal=channel.portal,
        share_permille=channel.share_permille,
        share_account=channel.share_account,
        earning_account=channel.earning_account,
    )
    return ALLOWED


def _enrol(worker: Worker, batch: Batch) -> None:
    accounts = batch_accounts(batch.ref, batch.currency)
    with transaction.atomic():
        earning = earning_account(worker, batch.currency, at_once=batch.review_hours == 0)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                insert into work_enrolment (batch_id, worker_id, cursor, gold_cursor,
                                            escrow_account, earning_account, fee_account)
                -- Where there is gold everybody starts somewhere else, so that few see the same
                -- tasks side by side.
                select %(batch)s, %(worker)s,
                       floor(random() * n.ordinary)::int - 1, floor(random() * n.gold)::int - 1,
                       %(escrow)s, %(earning)s, %(fee)s
                  from (select case when %(mixed)s then %(tasks)s - count(*) else 0 end as ordinary,
                               count(*) as gold
                          from work_bundle where batch_id = %(batch)s and gold) n
                on conflict do nothing
                """,
                {
                    "batch": batch.pk,
                    "worker": worker.pk,
                    "mixed": batch.gold_permille > 0 and not batch.reserved,
                    "tasks": batch.tasks,
                    "escrow": accounts.escrow,
                    "earning": earning,
                    "fee": accounts.fee,
                },
            )


def standing_restriction(worker: Worker, batch: Batch) -> Restriction | None:
    """The restriction that keeps this worker out of this batch, if any."""
    return Restriction.objects.filter(batch=batch, worker=worker, lifted_at=None).first()


def restriction_numbers(restriction: Restriction) -> dict[str, Any]:
    """The numbers of the sentence that the worker reads."""
    inputs = restriction.inputs
    return {
        "right": inputs["right"],
        "seen": inputs["seen"],
        "bar": f"{inputs['bar'] * 100:g}",
    }


def restrict_halted(worker: Worker, batch: Batch) -> Restriction:
    """Record the decision that the hot path took when it halted this enrolment; once.

    The inputs are all that the decision was made from, so that it can be made again. Where it was
    lifted a moment ago, the lifted one is returned and nothing is decided anew.
    """
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update().get(batch=batch, worker=worker)
        made = Restriction.objects.filter(batch=batch, worker=worker).order_by("-pk")
        latest = made.first()
        if latest is not None and (latest.lifted_at is None or not enrolment.halted):
            return latest
        assert batch.bar_permille is not None
        restriction = Restriction.objects.create(
            batch=batch,
            worker=worker,
            reason="gold_accuracy",
            rule=RULE,
            rule_version=VERSION,
            inputs=explain(enrolment.gold_right, enrolment.gold_seen, batch.bar_permille / 1000),
        )
        record(
            "restriction",
            f"{batch.ref}/{worker.ref}",
            "none",
            "standing",
            actor=f"system:{RULE}",
            why=f"{enrolment.gold_right} of {enrolment.gold_seen} gold answers right",
        )
        _tell_restricted(restriction)
    return restriction


def _tell_restricted(restriction: Restriction) -> None:
    """Say it to the worker as the task page says it, where they may not be any more."""
    account, batch = restriction.worker.account, restriction.batch
    with override(account.language):
        reason = str(refusal("restricted", restriction_numbers(restriction)))
    link = f"/work/{batch.ref}"
    tell(account, "decision.restricted", link=link, batch=batch.name, reason=reason)


@transaction.atomic
def revoke(account: Account, *, keys: bool = True) -> Ended:
    """End all access of somebody at once: browsers, tokens, keys, and the pages that they hold.

    Media is shown to whoever holds its page only, so it ends with the page. What was earned is
    never touched. A turn that goes on at this moment is waited for, and its page is given back; one
    that waits for this to end finds that it has to be looked at again, and hears that it is over.
    """
    ended = end_access(account, keys=keys)
    Enrolment.objects.filter(worker=account.pk).update(stamp=NEVER_LOOKED_AT)
    with connection.cursor() as cursor:
        cursor.execute("select work_give_back_all(%s)", [account.pk])
    return ended


@transaction.atomic
def lift(restriction: Restriction, actor: Account | str, why: str) -> bool:
    """Let a worker go on; False if somebody lifted it before. An open appeal is answered by it."""
    worker, batch = restriction.worker, restriction.batch
    locked(worker.account)
    person = actor if isinstance(actor, Account) else None
    changed = Restriction.objects.filter(pk=restriction.pk, lifted_at=None).update(
        lifted_at=timezone.now(), lifted_by=person, lifted_why=why
    )
    if changed != 1:
        return False
    # Counting starts anew: the same answers must not restrict again at once.
    Enrolment.objects.filter(batch=batch, worker=worker).update(
        halted=False, gold_seen=0, gold_right=0, exhausted_at=-1
    )
    ref = actor if isinstance(actor, str) else actor.ref
    record("restriction", f"{batch.ref}/{worker.ref}", "standing", "lifted", actor=ref, why=why)
    note(
        "restriction.lifted",
        actor=actor,
        account=worker.account,
        subject=batch.ref,
        before={"restricted": True},
        after={"restricted": False, "why": why},
    )
    if not settle("restriction", str(restriction.pk), actor, why):
        link, name = f"/work/{batch.ref}", batch.name
        tell(worker.account, "decision.restriction_lifted", link=link, batch=name, reason=why)
    return True
