"""A line of the table of what is kept about people, and whom it is asked about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.models import Account, Worker
from fairhand.people.privacy.periods import Period


@dataclass(frozen=True)
class Person:
    """Somebody whose data are looked for: the account, and all that names them elsewhere."""

    account: Account
    worker: Worker | None
    emails: frozenset[str]
    subjects: frozenset[str]  # how other sites name them

    @property
    def pseudonym(self) -> str:
        """The worker's number, or something that no row has."""
        return self.worker.ref if self.worker is not None else "wrk_nobody"

    @property
    def expelled(self) -> bool:
        """Whether people excluded them from work, which outlasts their account for a while."""
        return self.worker is not None and self.worker.standing == Worker.Standing.EXPELLED


def person_of(account: Account) -> Person:
    """Everything by which somebody's rows are found."""
    emails = EmailAddress.objects.filter(user=account).values_list("email", flat=True)
    uids = SocialAccount.objects.filter(user=account).values_list("uid", flat=True)
    return Person(
        account,
        Worker.objects.filter(account=account).first(),
        frozenset({account.email, *emails}),
        frozenset(uids),
    )


class Part(models.TextChoices):
    """What a line is about, as the page groups it."""

    YOU = "you", _("Who you are")
    ACCESS = "access", _("How you get in")
    TOLD = "told", _("What you are told")
    WORK = "work", _("Your work")
    MONEY = "money", _("Your money")
    BOUND = "bound", _("What you agreed to, and what was decided about you")
    TEAM = "team", _("Organisations and portals")
    TRAIL = "trail", _("What happened")


class Fate(models.TextChoices):
    """What becomes of it when the account is deleted."""

    DELETED = "deleted", _("deleted")
    EMPTIED = "emptied", _("made anonymous")
    KEPT = "kept", _("kept")


Find = Callable[[Person], QuerySet[Any]]
Show = Callable[[Any, Person], dict[str, Any]]
Files = Callable[[Any], tuple[str, bytes]]
Wipe = Callable[[Person], int]


@dataclass(frozen=True)
class Held:
    """What one table keeps about a person, or one side of it.

    `by` are the columns that point at the person, `find` looks elsewhere too. Each column of the
    table is either `shown` in the archive, `hidden` with a reason, or one of `by`; `rest` is the
    reason for all others, where the row is not about the person who only made it. What is `spared`
    outlasts the account of somebody whom people excluded from work.
    """

    label: str
    name: str
    what: str | Promise
    why: str | Promise
    part: Part
    fate: Fate
    period: Period
    by: tuple[str, ...] = ()
    find: Find | None = None
    shown: tuple[str, ...] = ()
    hidden: Mapping[str, str | Promise] = field(default_factory=dict)
    rest: str | Promise = ""
    show: Show | None = None
    files: Files | None = None
    emptied: Mapping[str, Any] = field(default_factory=dict)
    wipe: Wipe | None = None
    spared: bool = False

    @cached_property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    def rows(self, person: Person) -> QuerySet[Any]:
        """This table's rows about one person."""
        if self.find is not None:
            return self.find(person)
        wanted = Q(pk__in=[])
        for column in self.by:
            whom = self.model._meta.get_field(column).related_model  # noqa: SLF001 - Django's public
            one = person.worker if whom is Worker else person.account
            if one is not None:
                wanted |= Q(**{column: one.pk})
        return self.model._default_manager.filter(wanted)  # noqa: SLF001 - Django's public spelling

    def end(self, person: Person) -> int:
        """Let it meet its fate; returns how many rows that were."""
        if self.fate == Fate.KEPT or (self.spared and person.expelled):
            return 0
        if self.wipe is not None:
            return self.wipe(person)
        if self.fate == Fate.DELETED:
            return int(self.rows(person).delete()[0])
        values = {
            name: value(person) if callable(value) else value
            for name, value in self.emptied.items()
        }
        return int(self.rows(person).update(**values))


SECRET = _("Whoever has it gets in, so nobody is given it.")
INNER = _("A number of ours, which says nothing about you.")
OTHERS = _("It is about somebody else.")
MADE = _("It is not about you: you only made it.")
UNSAID = frozenset({"id"})  # a row's own number needs no reason of its own
