"""Every table and column of the database is on the list of what is kept about people, or nobody's."""

import re

import pytest
from django.apps import apps
from django.db import connection, models

from fairhand.people.models import Account, Worker
from fairhand.people.privacy.held import UNSAID, Fate, Held
from fairhand.work.privacy.tables import HELD, NOBODYS, OF_ONE

PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|ip|agent|holder|iban|born|birth_date|password|account|worker|actor|user"
    r"|fingerprint)(_|$)"
)
# Columns of tables that are about nobody, whose names sound as if they were.
NAMES_NOBODY = {
    ("people_portal", "support"): "an address for everybody",
    ("procrastinate_jobs", "worker_id"): "a process",
    ("procrastinate_workers", "id"): "a process",
}
MODELS = {one._meta.label: one for one in apps.get_models(include_auto_created=True)}


def columns(model: type[models.Model]) -> set[str]:
    return {each.name for each in model._meta.concrete_fields}


def tables() -> dict[str, set[str]]:
    """What the database itself says there is; partitions are parts of their tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.table_name, c.column_name from information_schema.columns c"
            "  join pg_class p on p.oid = (quote_ident(c.table_name))::regclass"
            " where c.table_schema = 'public' and p.relkind in ('r', 'p')"
            "   and not p.relispartition"
        )
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def listed() -> set[str]:
    return {held.model._meta.db_table for held in HELD}


@pytest.mark.django_db
def test_every_table_is_on_the_list_or_about_nobody() -> None:
    there = set(tables())
    assert there - listed() - NOBODYS.keys() == set(), "say in the table what these keep"
    assert (listed() | NOBODYS.keys()) - there == set(), "these are no more"
    assert listed() & NOBODYS.keys() == set()


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.name)
def test_every_column_is_shown_hidden_for_a_reason_or_leads_to_the_person(held: Held) -> None:
    said = {*held.shown, *held.hidden, *held.by}
    there = columns(MODELS[held.label])
    assert said - there == set(), "there are no such columns"
    assert held.emptied.keys() <= there
    if not held.rest:
        assert there - said - UNSAID == set(), "say what becomes of these"
    assert not set(held.shown) & held.hidden.keys()


def test_every_column_that_leads_to_a_person_is_followed() -> None:
    followed = {(held.label, column) for held in HELD for column in held.by}
    found = {
        (label, field.name)
        for label, model in MODELS.items()
        for field in model._meta.concrete_fields
        if field.related_model in {Account, Worker}
    }
    assert found - followed == set(), "say in the table what leads to a person here"


@pytest.mark.django_db
def test_what_is_nobodys_has_no_column_that_sounds_like_somebody() -> None:
    found = {
        (table, column)
        for table, names in tables().items()
        if table in NOBODYS
        for column in names
        if PERSONAL.search(column)
    }
    assert found - NAMES_NOBODY.keys() == set()


def test_every_line_says_what_why_and_how_long_and_has_a_name_of_its_own() -> None:
    names = [held.name for held in HELD]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)
    for held in HELD:
        assert str(held.what).endswith(".")
        assert str(held.why).endswith(".")
        assert str(held.period.words).endswith(".")
        if held.fate == Fate.EMPTIED:
            assert held.emptied or held.wipe
        if held.fate == Fate.KEPT:
            assert held.period.law, f"{held.name} is kept: by which law?"
    assert set(OF_ONE) <= {held.label for held in HELD}
