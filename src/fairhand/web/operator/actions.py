"""Which verb stands behind each kind of approval, how much is large, and how a page puts it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.money import Money
from fairhand.pay.alone import moved_alone
from fairhand.pay.funding import deposit
from fairhand.pay.payouts import prepare_run
from fairhand.people.approvals import Verb, others_for
from fairhand.people.duties import NAMES, duties_of
from fairhand.people.models import Account, Approval, Duty, Organisation, Portal
from fairhand.people.operators import set_duties
from fairhand.web.templatetags.figures import money, number
from fairhand.work.standing import expel

UNIT = 1_000_000  # micro-units
NOBODY_ELSE = _(
    "No other operator has the duty that this takes. Have an administrator give it to a second "
    "person, or make one with `fairhand account EMAIL --duty %(duty)s`."
)
NO_ACCOUNT = Refusal(
    "no_account", _("There is no account with this address. Its person signs up first.")
)
CHANGED = Refusal(
    "changed_meanwhile", _("The duties were changed meanwhile. Refuse this; ask for it anew.")
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An approval in words: what would be done, and where to look first."""

    what: str
    link: str = ""


def alone_up_to(currency: str = "EUR") -> Money:
    """What one operator may pay out or book without a second one."""
    return Money(settings.TWO_PEOPLE_ABOVE * UNIT, currency)


def left_alone(by: Account, currency: str = "EUR") -> Money:
    """What of that is left to this operator today."""
    left = alone_up_to(currency).micros - moved_alone(by, currency).micros
    return Money(max(0, left), currency)


def _pay(approval: Approval, by: Account) -> Decision:
    asked = approval.params
    at_most = Money(asked["micros"], asked["currency"])
    portal = Portal.objects.get(ref=asked["portal"]) if "portal" in asked else None
    rail, currency = asked["rail"], asked["currency"]
    prepare_run(by, rail=rail, currency=currency, portal=portal, at_most=at_most)
    return ALLOWED


def _book(approval: Approval, by: Account) -> Decision:
    asked = approval.params
    organisation = Organisation.objects.get(ref=asked["organisation"])
    amount = Money(asked["micros"], asked["currency"])
    if deposit(organisation, amount, source=approval.subject, by=by):
        return ALLOWED
    return Refusal(
        "booked_before", _("This reference was booked before; nothing was booked again.")
    )


def _expel(approval: Approval, by: Account) -> Decision:
    return expel(Account.objects.get(ref=approval.subject), by, approval.asked_why)


def _give(approval: Approval, by: Account) -> Decision:
    asked = approval.params
    account = Account.objects.get(ref=approval.subject)
    if not account.is_active:
        return NO_ACCOUNT
    if sorted(duties_of(account)) != asked["had"]:
        return CHANGED
    return set_duties(account, map(Duty, asked["duties"]), by)


VERBS: dict[str, Verb] = {
    "payout": _pay,
    "deposit": _book,
    "expulsion": _expel,
    "duties": _give,
}


def in_words(approval: Approval) -> Shown:
    """What an approval would do, in the reader's language."""
    asked = approval.params
    if approval.kind == "expulsion":
        return Shown(
            say("Exclude %(who)s") % {"who": asked["email"]},
            f"/operator/accounts/{approval.subject}",
        )
    if approval.kind == "duties":
        names = ", ".join(str(NAMES[Duty(duty)]) for duty in asked["duties"]) or say("none")
        who = {"who": asked["email"], "duties": names}
        return Shown(say("Let %(who)s have these duties: %(duties)s") % who, "/operator/operators")
    amount = money(Money(asked["micros"], asked["currency"]))
    if approval.kind == "deposit":
        words = {"amount": amount, "organisation": asked["name"], "reference": asked["reference"]}
        sentence = say("Book %(amount)s for %(organisation)s, reference %(reference)s")
        return Shown(sentence % words, "/operator/deposits")
    sentence = ngettext(
        "Pay %(count)s worker, %(amount)s at most",
        "Pay %(count)s workers, %(amount)s at most",
        asked["people"],
    )
    words = {"count": number(asked["people"]), "amount": amount}
    if "portal" not in asked:
        return Shown(sentence % words, "/operator/payouts")
    of_portal = {"what": sentence % words, "portal": asked["name"]}
    link = f"/operator/payouts?portal={asked['portal']}"
    return Shown(say("%(what)s, of the portal %(portal)s") % of_portal, link)


def asked_for(kind: str, by: Account, duty: str) -> str:
    """What is said to whoever asked: who can decide now, or that there is nobody yet."""
    others = others_for(kind, by)
    if not others:
        return say("Asked. ") + str(NOBODY_ELSE) % {"duty": duty}
    names = ", ".join(other.name or other.email for other in others[:5])
    return say("Asked. It is done once one of these approves: %(names)s.") % {"names": names}
