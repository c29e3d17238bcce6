"""What a kind of notice is: whom it concerns, how it reaches them, what to do about it."""

import re
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
