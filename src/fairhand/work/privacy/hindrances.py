"""What keeps an account from being deleted now, and the way out of each. Money is never taken."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.pay.earnings import Purse, purses_of
from fairhand.pay.funding import deposit_balance
from fairhand.pay.models import Destination, ItemState, PayoutItem
from fairhand.people.models import (
    Account,
    Appeal,
    AppealState,
    Approval,
    ApprovalState,
    Member,
    Operator,
    PortalStaff,
    Worker,
)
from fairhand.projects.models import Batch, BatchState
from fairhand.work.models import Enrolment

CENT = 10_000  # micro-units: what is less cannot be paid out, and stays in the books
RUNNING = (BatchState.OPEN, BatchState.PAUSED, BatchState.CLOSED)  # not settled yet


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A reason why not now, and the page where it can be mended, if there is one."""

    refusal: Refusal
    link: str = ""
    label: str | Promise = ""


def hindrances(account: Account) -> list[Hindrance]:
    """Everything that has to end first; none: the account can be deleted."""
    found = [*_as_operator(account), *_as_member(account), *_as_staff(account), *_open(account)]
    worker = Worker.objects.filter(account=account).first()
    return [*_as_worker(worker), *found] if worker is not None else found


def _as_worker(worker: Worker) -> Iterator[Hindrance]:
    used = Enrolment.objects.filter(worker=worker).values_list("batch__currency", flat=True)
    has_destination = Destination.objects.filter(worker=worker).exists()
    for currency in sorted({"EUR", *used.distinct()}):
        for purse in purses_of(worker, currency):
            if purse.pending.micros > 0:
                yield _pending(purse.pending)
            if purse.payable.micros >= CENT:
                yield _payable(purse, has_destination=has_destination)
    on_the_way = PayoutItem.objects.filter(worker=worker, state=ItemState.PREPARED)
    if on_the_way.exists():
        words = _("A payout to you is on its way. Wait until the bank has confirmed it.")
        yield Hindrance(Refusal("payout_under_way", words), "/earnings", _("My earnings"))


def _pending(amount: Money) -> Hindrance:
    words = _(
        "%(amount)s that you earned are under review. Wait for it: what nobody has looked at within"
        " 21 days is accepted by itself."
    )
    return Hindrance(
        Refusal("money_pending", words, {"amount": amount}), "/earnings", _("My earnings")
    )


def _payable(purse: Purse, *, has_destination: bool) -> Hindrance:
    """What is owed, and how it gets to them: by the next payout, or by support where it is less."""
    amount = purse.payable
    if not has_destination:
        words = _("%(amount)s are still to be paid to you. Say first where you want to be paid.")
        link, label = "/earnings/destination", _("Where I am paid")
        return Hindrance(Refusal("money_payable", words, {"amount": amount}), link, label)
    if purse.minimum is not None and amount < purse.minimum:
        words = _(
            "%(amount)s are still to be paid to you, less than the %(least)s that payouts begin at."
            " Ask support for a last payout of all of it."
        )
        told = {"amount": amount, "least": purse.minimum}
        return Hindrance(Refusal("money_below_least", words, told))
    if purse.payday is not None:
        words = _("%(amount)s are still to be paid to you. They are paid on %(day)s.")
        day = date_format(purse.payday, "DATE_FORMAT")
        refusal = Refusal("money_payable", words, {"amount": amount, "day": day})
        return Hindrance(refusal, "/earnings", _("My earnings"))
    words = _("%(amount)s are still to be paid to you. They are paid with the next payout.")
    refusal = Refusal("money_payable", words, {"amount": amount})
    return Hindrance(refusal, "/earnings", _("My earnings"))


def _as_operator(account: Account) -> Iterator[Hindrance]:
    if Operator.objects.filter(account=account).exists():
        words = _("You run this installation. Have another operator take your duties first.")
        yield Hindrance(Refusal("is_operator", words))


def _as_member(account: Account) -> Iterator[Hindrance]:
    """Owners hand over first; whoever is alone winds up first what costs money."""
    mine = Member.objects.filter(account=account, role=Member.Role.OWNER)
    for member in mine.select_related("organisation"):
        organisation = member.organisation
        others = Member.objects.filter(organisation=organisation).exclude(account=account)
        if others.filter(role=Member.Role.OWNER).exists():
            continue
        told = {"organisation": organisation.name}
        link = f"/requester/team/{organisation.ref}"
        if others.exists():
            words = _("You are the only owner of %(organisation)s. Hand it over first.")
            yield Hindrance(Refusal("last_owner", words, told), link, _("Team"))
        elif Batch.objects.filter(project__organisation=organisation, state__in=RUNNING).exists():
            words = _(
                "Batches of %(organisation)s are running. End them, and wait for the reviews."
            )
            yield Hindrance(Refusal("batches_running", words, told), "/requester", _("Batches"))
        else:
            yield from _deposited(member)


def _deposited(member: Member) -> Iterator[Hindrance]:
    organisation = member.organisation
    used = Batch.objects.filter(project__organisation=organisation).values_list("currency")
    for currency in sorted({"EUR", *(found for (found,) in used.distinct())}):
        held = deposit_balance(organisation, currency)
        if held.micros >= CENT:
            words = _(
                "%(organisation)s has %(amount)s here. Ask support to pay it back, or invite"
                " somebody and hand it over."
            )
            told = {"organisation": organisation.name, "amount": held}
            yield Hindrance(Refusal("money_deposited", words, told))


def _as_staff(account: Account) -> Iterator[Hindrance]:
    manager = PortalStaff.Role.MANAGER
    mine = PortalStaff.objects.filter(account=account, role=manager, portal__closed_at=None)
    for staff in mine.select_related("portal"):
        others = PortalStaff.objects.filter(portal=staff.portal, role=manager)
        if not others.exclude(account=account).exists():
            words = _("You are the only manager of the portal %(portal)s. Hand it over first.")
            yield Hindrance(Refusal("last_manager", words, {"portal": staff.portal.name}))


def _open(account: Account) -> Iterator[Hindrance]:
    if Appeal.objects.filter(account=account, state=AppealState.OPEN).exists():
        words = _("An appeal of yours is open. Wait for what is decided, or take it back.")
        yield Hindrance(Refusal("appeal_open", words), "/appeals", _("Appeals"))
    waiting = Approval.objects.filter(state=ApprovalState.WAITING)
    about = waiting.filter(subject__contains=account.ref) | waiting.filter(asked_by=account)
    if about.exists():
        words = _("Operators are about to decide something that concerns you. Wait for it.")
        yield Hindrance(Refusal("approval_open", words))
