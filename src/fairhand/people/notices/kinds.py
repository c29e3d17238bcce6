"""The closed table of what people are told: a title, a sentence, and how it reaches them.

What concerns somebody's security, and what was decided about them, always reaches them by mail:
nobody can turn that off, not even whoever has taken over their account.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Preference

AT_ONCE, DAILY, NEVER = Preference.Mail.AT_ONCE, Preference.Mail.DAILY, Preference.Mail.NEVER
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Group(models.TextChoices):
    """What a notice is about; the name stands before the dot of each kind."""

    SECURITY = "security", _("Security")
    DECISION = "decision", _("Decisions about you")
    MONEY = "money", _("Money")
    WORK = "work", _("Work")
    TEAM = "team", _("Organisations")


class Whom(models.TextChoices):
    """Whom a kind can concern at all; others are not asked how they wish to be told of it."""

    EVERYBODY = "everybody"
    WORKERS = "workers"
    REQUESTERS = "requesters"
    OPERATORS = "operators"


FIXED = (Group.SECURITY, Group.DECISION)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about it, and on which page; the words name its address."""

    words: str | Promise
    path: str = "/account"


PASSWORD = Advice(
    _("Was this you? Then there is nothing to do. If not: change your password at %(address)s.")
)
FACTORS = Advice(
    _(
        "Was this you? Then there is nothing to do. If not: remove what you do not know at "
        "%(address)s, make new recovery codes there, and change your password."
    ),
    "/account/second/",
)
RECOVERY = Advice(
    _(
        "Was this you? Make new recovery codes before you need one: %(address)s. If not: make new "
        "ones there now, remove what you do not know, and change your password."
    ),
    "/account/second/",
)
BROWSER = Advice(
    _(
        "Was this you? Then there is nothing to do. If not: sign that browser out at %(address)s, "
        "and change your password."
    ),
    "/account/browsers",
)
KEEP = Advice(
    _("Was this you? Then there is nothing to do. If not, or to keep it: %(address)s"),
    "/account/privacy",
)
GUESSING = Advice(
    _(
        "Nobody came in by this. A passkey or an app for codes keeps out whoever guesses right: "
        "%(address)s"
    ),
    "/account/second/",
)


@dataclass(frozen=True)
class Kind:
    """One kind of notice. `about` names it in the list of wishes; mail and push are the default."""

    name: str
    about: str | Promise
    title: str | Promise
    sentence: str | Promise
    mail: Preference.Mail = AT_ONCE
    push: bool = True
    whom: Whom = Whom.EVERYBODY
    does: Advice | None = None

    @property
    def advice(self) -> Advice | None:
        """What to do about it; all that concerns security says so."""
        return self.does or (PASSWORD if self.group == Group.SECURITY else None)

    @property
    def group(self) -> Group:
        return Group(self.name.split(".")[0])

    @property
    def fixed(self) -> bool:
        """Whether it always comes by mail, whatever the person wishes."""
        return self.group in FIXED

    @cached_property
    def needs(self) -> frozenset[str]:
        """The parameters that its words name."""
        words = f"{self.title} {self.sentence}"
        return frozenset(PLACEHOLDER.findall(words))


SECURITY = (
    Kind(
        "security.password_changed",
        _("Your password was changed"),
        _("Your password was changed"),
        _("Your account has a new password. All other browsers were signed out."),
    ),
    Kind(
        "security.email_changed",
        _("Your e-mail address was changed"),
        _("Your e-mail address was changed"),
        _("Your account now belongs to the address %(address)s."),
    ),
    Kind(
        "security.phone_changed",
        _("Your phone number was changed"),
        _("Your phone number was changed"),
        _("Your account has another phone number, or none any more."),
    ),
    Kind(
        "security.second_factor_added",
        _("A second factor was added"),
        _("A second factor was added"),
        _("Signing in to your account now also takes: %(factor)s."),
        does=FACTORS,
    ),
    Kind(
        "security.second_factor_removed",
        _("A second factor was removed"),
        _("A second factor was removed"),
        _("Signing in to your account no longer takes: %(factor)s."),
        does=FACTORS,
    ),
    Kind(
        "security.recovery_codes_made",
        _("New recovery codes were made"),
        _("New recovery codes were made"),
        _("Your account has new recovery codes. The old ones no longer work."),
        does=FACTORS,
    ),
    Kind(
        "security.recovery_code_used",
        _("A recovery code was used"),
        _("A recovery code was used"),
        _("Somebody signed in to your account with one of your recovery codes."),
        does=RECOVERY,
    ),
    Kind(
        "security.new_browser",
        _("A browser signed in that you had not used before"),
        _("A new browser signed in"),
        _("Somebody signed in to your account from a browser that was not used before."),
        does=BROWSER,
    ),
    Kind(
        "security.guessing",
        _("Somebody tried many times to sign in"),
        _("Somebody tries to sign in to your account"),
        _("There were many wrong passwords or codes. You can still sign in yourself."),
        does=GUESSING,
    ),
    Kind(
        "security.signed_out",
        _("All your browsers were signed out"),
        _("You were signed out everywhere"),
        _("All browsers and devices of your account were signed out."),
    ),
    Kind(
        "security.key_made",
        _("An API key was made in your name"),
        _("An API key was made"),
        _("The key “%(name)s” acts in your name from now on."),
    ),
    Kind(
        "security.key_revoked",
        _("An API key of yours ended"),
        _("An API key ended"),
        _("The key “%(name)s” no longer works."),
    ),
    Kind(
        "security.sign_in_linked",
        _("Another way to sign in was connected"),
        _("Another way to sign in was connected"),
        _("Your account can now be entered through %(provider)s."),
    ),
    Kind(
        "security.sign_in_unlinked",
        _("A way to sign in was disconnected"),
        _("A way to sign in was disconnected"),
        _("Your account can no longer be entered through %(provider)s."),
    ),
    Kind(
        "security.destination_changed",
        _("The account that you are paid to was changed"),
        _("You are paid to another account now"),
        _("Your earnings will be sent to the account ending in %(ending)s."),
    ),
    Kind(
        "security.device_added",
        _("A device asked to be told what concerns you"),
        _("A device gets your notices now"),
        _("What you are told here also appears on this device: %(device)s."),
        push=False,
    ),
    Kind(
        "security.data_ready",
        _("The archive of your data is ready"),
        _("Your data can be downloaded"),
        _("The archive of all your data is ready. Only you can download it, for seven days."),
    ),
    Kind(
        "security.deletion_asked",
        _("Your account is to be deleted"),
        _("Your account will be deleted"),
        _(
            "It is deleted on %(day)s. Until then you can sign in and keep it. It was signed out"
            " everywhere."
        ),
        does=KEEP,
    ),
    Kind(
        "security.deletion_cancelled",
        _("Your account is not deleted after all"),
        _("Your account stays"),
        _("It is not deleted: everything is as it was."),
    ),
    Kind(
        "security.deletion_waits",
        _("Your account cannot be deleted yet"),
        _("Your account cannot be deleted yet"),
        _("%(reason)s It is deleted once that has ended."),
        does=KEEP,
    ),
)
DECISION = (
    Kind(
        "decision.restricted",
        _("You lost access to a batch"),
        _("You cannot go on with “%(batch)s”"),
        _("%(reason)s What you earned stays yours. You can have a person look at it."),
    ),
    Kind(
        "decision.restriction_lifted",
        _("You have access to a batch again"),
        _("You can go on with “%(batch)s”"),
        _("A person looked at it and lifted the restriction: %(reason)s"),
    ),
    Kind(
        "decision.expelled",
        _("Your account was closed for work"),
        _("You get no more work here"),
        _(
            "The reason that was given: %(reason)s What you earned stays yours and is paid. "
            "You can contest this."
        ),
    ),
    Kind(
        "decision.suspended",
        _("Your account was suspended from work"),
        _("You get no work until %(until)s"),
        _(
            "The reason that was given: %(reason)s What you earned stays yours and is paid. "
            "You can contest this: somebody else looks at it."
        ),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.suspension_ended",
        _("Your suspension is over"),
        _("You can work again"),
        _("The time of your suspension is over. Everything is as it was before."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.let_back",
        _("A decision against you was undone"),
        _("You can work again"),
        _("A person looked at it again: %(reason)s"),
    ),
    Kind(
        "decision.appeal_upheld",
        _("You contested something and were right"),
        _("Your appeal was decided for you"),
        _("%(what)s: the decision is undone. What was said about it: %(reason)s"),
    ),
    Kind(
        "decision.appeal_dismissed",
        _("You contested something and it stays"),
        _("Your appeal was not successful"),
        _("%(what)s: the decision stays. What was said about it: %(reason)s"),
    ),
    Kind(
        "decision.appeal_lapsed",
        _("You contested something and nobody answered in time"),
        _("Your appeal was decided for you"),
        _("%(what)s: nobody answered in time, so the decision is undone."),
    ),
    Kind(
        "decision.identity_verified",
        _("Your identity is proven"),
        _("Your identity is proven"),
        _("People or a service looked at what you showed. It counts until %(day)s."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_rejected",
        _("Your identity could not be proven"),
        _("Your identity could not be proven"),
        _("%(reason)s You can try again, or contest this. What you earned stays yours."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_ends",
        _("The proof of your identity ends soon"),
        _("Show your document again before %(day)s"),
        _("The proof of your identity ends then. Renew it before, and your work goes on."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.identity_expired",
        _("The proof of your identity ended"),
        _("Show your document again"),
        _("The proof of your identity has ended. Work that asks for it waits until you renew it."),
        whom=Whom.WORKERS,
    ),
    Kind(
        "decision.duties_changed",
        _("Your duties as an operator changed"),
        _("Your duties as an operator changed"),
        _("Your duties are now: %(duties)s."),
    ),
    Kind(
        "decision.approval_decided",
        _("Somebody decided what you had asked for"),
        _("Your request was decided"),
        _("%(what)s: %(outcome)s"),
    ),
)
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
