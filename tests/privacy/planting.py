"""Somebody of whom every table holds something: a marker in every column that has room for one."""

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

from fairhand.kit import vault
from fairhand.pay.models import PayoutRun
from fairhand.people.agreements import publish
from fairhand.people.models import (
    Account,
    AgreementText,
    AgreementVersion,
    IdentityCheck,
    Organisation,
    Portal,
    Worker,
)
from fairhand.people.privacy.held import Held
from fairhand.projects.models import Batch
from fairhand.work.privacy.tables import HELD
from tests.world import World

LONG_ENOUGH = 8  # characters of a marker
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# Told by the verbs themselves, not by rows that are made up.
BY_VERBS = {"account", "worker", "money-balances", "money-transfers"}
PLAIN: dict[type[Any], Any] = {
    models.DateTimeField: timezone.now,
    models.DateField: lambda: timezone.now().date(),
    models.BooleanField: False,
    models.BinaryField: b"",
    ArrayField: list,
}
FIRST = ("identity-checks", "addresses", "accounts-elsewhere")  # others' rows point at theirs
_count = itertools.count(1000)


@dataclass
class Planted:
    """Whose rows they are, and which marker stands in which column of which line."""

    account: Account
    tag: str
    markers: dict[tuple[str, str], str] = field(default_factory=dict)
    things: dict[type[models.Model], Any] = field(default_factory=dict)

    def marker(self, held: Held, column: str) -> str:
        """A new word that stands nowhere else."""
        word = f"{self.tag}{next(_count)}"
        self.markers[held.name, column] = word
        return word

    def of(self, name: str) -> dict[str, str]:
        """The markers of one line, by column."""
        return {column: word for (line, column), word in self.markers.items() if line == name}


def plant(world: World, worker: Worker, other: Account, tag: str, *, operator: bool) -> Planted:
    """A row in every table about this worker; `other` has a smaller number than they."""
    account = worker.account
    planted = Planted(account, tag)
    _about_themselves(planted, worker)
    _around(planted, world, worker)
    special = _special(planted, other)
    for held in sorted(HELD, key=lambda each: each.name not in FIRST):
        if held.rest or held.name in BY_VERBS or (held.name == "duties" and not operator):
            continue
        given = special.get(held.name, dict)()
        row = held.model._default_manager.create(**given, **_values(planted, held, given))
        planted.things.setdefault(held.model, row)
    return planted


def _about_themselves(planted: Planted, worker: Worker) -> None:
    account, held = planted.account, HELD[0]
    assert held.name == "account"
    account.name = planted.marker(held, "name")
    account.email = f"{planted.marker(held, 'email').lower()}@example.org"
    planted.markers["account", "email"] = account.email
    account.phone = f"+39041{next(_count)}"
    planted.markers["account", "phone"] = account.phone
    account.save()
    EmailAddress.objects.filter(user=account).delete()
    planted.markers["worker", "ref"] = worker.ref
    planted.things |= {Account: account, Worker: worker}


def _around(planted: Planted, world: World, worker: Worker) -> None:
    """What rows point at that are not about the person."""
    tag = planted.tag.lower()
    texts = {"en": ("Terms", "Be kind.")}
    organisation = Organisation.objects.create(name="Owls")
    version = AgreementVersion.objects.first() or publish("terms", "", texts, world.olga)
    app = SocialApp.objects.create(provider="openid_connect", provider_id=tag, name="Elsewhere")
    planted.things |= {
        Organisation: organisation,
        AgreementVersion: version,
        Portal: Portal.objects.create(slug=tag, name="Wide", host=f"{tag}.example"),
        Batch: world.batch(3),
        SocialApp: app,
        Client: Client.objects.create(name="Site", id=f"site-{tag}"),
        PayoutRun: PayoutRun.objects.create(
            rail="sepa",
            currency="EUR",
            state="done",
            execution_date=timezone.now().date(),
            total_micros=7,
            clearing_account=1,
            created_by=world.olga,
            created_at=timezone.now(),
        ),
    }
    del worker


def _special(planted: Planted, other: Account) -> dict[str, Callable[[], dict[str, Any]]]:
    """What cannot be any word, by line."""
    account, things, marked = planted.account, planted.things, planted.markers
    ref = account.ref

    def sealed() -> dict[str, Any]:
        word = marked["pictures", "sealed"] = f"{planted.tag}{next(_count)}"
        key, box = vault.seal(b"\x89PNG" + word.encode())
        return {"key": key, "sealed": box, "check_of": things[IdentityCheck], "appeal": None}

    def signed() -> dict[str, Any]:
        text = AgreementText.objects.get(version=things[AgreementVersion], language="en")
        return {"digest": text.digest, "language": "en"}

    def arrived() -> dict[str, Any]:
        marked["first-arrivals", "subject"] = things[SocialAccount].uid
        return {"subject": things[SocialAccount].uid, "organisation_ref": "org_x"}

    def money() -> dict[str, Any]:
        marked["money-accounts", "code"] = f"payable:{things[Worker].ref}:ZQD"
        return {"code": marked["money-accounts", "code"], "currency": "ZQD"}

    def invited() -> dict[str, Any]:
        marked["invitations-to-you", "email"] = account.email
        return {"email": account.email, "used_by": None, "invited_by": other}

    return {
        "pictures": sealed,
        "signatures": signed,
        "first-arrivals": arrived,
        "money-accounts": money,
        "invitations-to-you": invited,
        "invitations-by-you": lambda: {"used_by": other},
        "identity-checks-seen": lambda: {"operator": other},
        "identity-checks": lambda: {"state": "rejected"},
        "appeals": lambda: {"kind": "standing", "state": "dismissed"},
        "likeness": lambda: {"first": other, "second": account, "state": "different"},
        "browsers": lambda: {"pending": None},
        "exports": lambda: {"state": "gone", "key": None, "asked_at": LONG_AGO},
        "deletions": lambda: {"state": "cancelled"},
        "payouts": lambda: {"state": "paid"},
        "trail": lambda: {"actor": ref, "account": ref},
        "history": lambda: {"actor": ref, "subject": ref},
        "repeated-writes": lambda: {"owner": ref},
        "answers": lambda: {"position": 9_000 + next(_count)},
        "pages": lambda: {"state": "accepted", "no": 9_000},
        "portals-run": lambda: {"role": "support"},
        "organisations": lambda: {"role": "viewer"},
        "keys": lambda: {"organisation": None},
    }


def _values(planted: Planted, held: Held, given: Collection[str]) -> dict[str, Any]:
    found = {}
    for column in held.model._meta.concrete_fields:
        if column.name in given or isinstance(column, models.AutoField):
            continue
        found[column.name] = _value(planted, held, column)
    return found


def _value(planted: Planted, held: Held, column: Any) -> Any:
    if column.is_relation:
        thing = planted.things.get(column.related_model)
        assert thing is not None or column.null, f"{held.name}.{column.name} points at nothing"
        return thing
    if column.choices:
        return column.default if column.has_default() else column.choices[-1][0]
    word = _word(planted, held, column)
    return _plain(column) if word is None else word


def _word(planted: Planted, held: Held, column: Any) -> Any:
    """A marker in the form that the column takes; None where it takes none."""
    if isinstance(column, models.JSONField):
        return {"word": planted.marker(held, column.name)}
    if isinstance(column, models.GenericIPAddressField):
        number = next(_count)
        word = planted.markers[held.name, column.name] = f"198.18.{number // 250}.{number % 250}"
        return word
    if isinstance(column, models.EmailField):
        word = f"{planted.tag.lower()}{next(_count)}@example.net"
        planted.markers[held.name, column.name] = word
        return word
    if isinstance(column, models.CharField | models.TextField):
        room = column.max_length is None or column.max_length >= LONG_ENOUGH
        return planted.marker(held, column.name) if room else "x"
    return None


def _plain(column: Any) -> Any:
    for kind, value in PLAIN.items():
        if isinstance(column, kind):
            return value() if callable(value) else value
    return 7


def everything() -> dict[str, str]:
    """All rows of all tables as text: where a word still stands."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"select coalesce(string_agg(t::text, chr(10)), '') from \"{table}\" t")
            found[table] = cursor.fetchone()[0]
    return found
