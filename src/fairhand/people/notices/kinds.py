"""The closed table of what people are told: a title, a sentence, and how it reaches them.

What concerns somebody's security, and what was decided about them, always reaches them by mail:
nobody can turn that off, not even whoever has taken over their account.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.notices.grave import DECISION, SECURITY
from fairhand.people.notices.shapes import (
    AT_ONCE,
    DAILY,
    FIXED,
    NEVER,
    PLACEHOLDER,
    Advice,
    Group,
    Kind,
    Whom,
)

__all__ = [
    "AT_ONCE",
    "DAILY",
    "FIXED",
    "KINDS",
    "NAMES",
    "NEVER",
    "PLACEHOLDER",
    "Advice",
    "Group",
    "Kind",
    "Whom",
]

MONEY = (
    Kind(
        "money.paid",
        _("A payout to you was sent"),
        _("%(amount)s are on their way to you"),
        _("A payout was given to the bank. It arrives within a few working days."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "money.bounced",
        _("A payout to you came back"),
        _("A payout came back"),
        _("%(amount)s could not be paid: %(reason)s The money stays yours."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "money.share_changed",
        _("A portal of yours keeps another share of the price"),
        _("%(portal)s keeps another share"),
        _(
            "From your next page on %(portal)s keeps %(after)s per cent of the price; until now it "
            "was %(before)s. Each batch says what you get before you begin."
        ),
        push=False,
        whom=Whom.WORKERS,
    ),
    Kind(
        "money.deposited",
        _("Money arrived for your organisation"),
        _("%(amount)s arrived for %(organisation)s"),
        _("The money can be spent on batches from now on."),
        push=False,
        whom=Whom.REQUESTERS,
    ),
    Kind(
        "money.approval_wanted",
        _("An action with money waits for a second person"),
        _("Something waits for your approval"),
        _("%(person)s asks for a second person: %(what)s"),
        whom=Whom.OPERATORS,
    ),
)
WORK = (
    Kind(
        "work.appeal_opened",
        _("Somebody contests a decision and you can answer"),
        _("A decision is contested"),
        _("%(what)s: somebody contests a decision. Look at it and answer in time."),
        whom=Whom.OPERATORS,
    ),
    Kind(
        "work.accepted",
        _("Work of yours was accepted"),
        _("Your work was accepted"),
        _("%(amount)s for “%(batch)s” are payable now."),
        mail=DAILY,
        push=False,
        whom=Whom.WORKERS,
    ),
    Kind(
        "work.portal_closed",
        _("A portal of yours was closed"),
        _("%(portal)s is closed"),
        _(
            "Pages that you held there were given back. What you earned stays yours and is paid: "
            "sign in at the installation's own site to see it."
        ),
        push=False,
        whom=Whom.WORKERS,
    ),
    Kind(
        "work.finished",
        _("A batch of yours is finished"),
        _("“%(batch)s” is finished"),
        _("All answers are in, and the results are ready to be read."),
        whom=Whom.REQUESTERS,
    ),
)
TEAM = (
    Kind(
        "team.invited",
        _("You are invited to an organisation"),
        _("You are invited to %(organisation)s"),
        _(
            "%(person)s invites you to work in %(organisation)s, with the role: %(role)s. The link "
            "works once, for seven days, and takes an account with this address."
        ),
    ),
    Kind(
        "team.joined",
        _("Somebody joined your organisation"),
        _("%(person)s joined %(organisation)s"),
        _("Their role is: %(role)s."),
        mail=DAILY,
        push=False,
        whom=Whom.REQUESTERS,
    ),
    Kind(
        "team.role_changed",
        _("Your role in an organisation changed"),
        _("Your role in %(organisation)s changed"),
        _("Your role is now: %(role)s. It holds from this moment."),
        whom=Whom.REQUESTERS,
    ),
    Kind(
        "team.ended",
        _("You are no longer in an organisation"),
        _("You are no longer in %(organisation)s"),
        _("Your rights there have ended, and your keys for it no longer work."),
        whom=Whom.REQUESTERS,
    ),
    Kind(
        "team.left",
        _("Somebody left your organisation"),
        _("%(person)s left %(organisation)s"),
        _("All their rights and keys there have ended."),
        mail=DAILY,
        push=False,
        whom=Whom.REQUESTERS,
    ),
    Kind(
        "team.transferred",
        _("An organisation has another owner"),
        _("%(organisation)s has another owner"),
        _("%(person)s owns %(organisation)s from now on."),
        whom=Whom.REQUESTERS,
    ),
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (*SECURITY, *DECISION, *MONEY, *WORK, *TEAM)
}
# Roles and duties are given by their names in the code and read in the reader's language.
NAMES: Mapping[str, str | Promise] = {
    "owner": _("owner"),
    "manager": _("manager"),
    "designer": _("designer"),
    "reviewer": _("reviewer"),
    "billing": _("billing"),
    "viewer": _("viewer"),
}
