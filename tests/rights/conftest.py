"""An organisation with a member of each role, another one with the same things, and a fingerprint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.db import connection, transaction
from django.test import Client

from fairhand.people.keys import issue_key
from fairhand.people.membership import invite
from fairhand.people.models import Account, ApiKey, Invitation, Member, Organisation
from fairhand.people.rights import RIGHTS, Permission, scopes_of
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.models import Batch, Media, MediaImport, Project
from fairhand.work.uploading import TaskRow, upload_tasks
from tests.web.conftest import BACKEND
from tests.world import INTERFACE, World

# Everything that somebody without a right must leave as it is. A key's last use is no change.
STATE = {
    "projects_project": "t",
    "projects_batch": "t",
    "projects_task": "t",
    "projects_media": "t",
    "projects_mediaimport": "t",
    "work_result": "t",
    "ledger_transfer": "t",
    "kit_history": "t",
    "people_member": "t",
    "people_invitation": "t",
    "people_organisation": "t",
    "people_apikey": "(t.id, t.name, t.scopes, t.expires_at, t.account_id, t.replaced_by_id)",
    "people_event": "t",
    "people_account": "(t.id, t.email, t.name, t.is_active)",
    "people_operator": "t",
    "people_worker": "t",
}


def fingerprint() -> tuple[str, ...]:
    """The content of all tables that count, in one query."""
    parts = (
        f"(select coalesce(md5(string_agg({row}::text, ',' order by {row}::text)), '') from {n} t)"
        for n, row in STATE.items()
    )
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(parts))
        return tuple(cursor.fetchone() or ())


@dataclass
class Side:
    """An organisation and one of each thing that belongs to one."""

    organisation: Organisation
    project: Project
    batch: Batch
    invitation: Invitation
    key: ApiKey
    member: Account
    media: Media
    media_import: MediaImport


@dataclass
class Cast:
    """Who asks, by a name; and what there is: ours, another's, and what was and is no more."""

    world: World
    ours: Side
    others: Side
    gone: Side
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)


def make_side(owner: Account, organisation: Organisation, name: str) -> Side:
    project = make_project(owner, organisation, name="P", interface=INTERFACE, instructions=[])
    batch = make_batch(owner, project, Terms(name="B", price_micros=50_000))
    upload_tasks(batch, [TaskRow(i + 2, {"text": f"{i}"}, f"k{i}", None) for i in range(3)])
    batch.refresh_from_db()
    member = Account.objects.create_user(f"{name}@example.net", "a long password of theirs")
    Member.objects.create(organisation=organisation, account=member, role="viewer")
    invitation, _ = invite(owner, organisation, "viewer")
    key, _ = issue_key(owner, name="k", scopes=["projects:read"], organisation=organisation)
    media = Media.objects.create(
        project=project, name="p.png", digest="0" * 64, size=1, width=1, height=1, made_by=owner
    )
    media_import = MediaImport.objects.create(project=project, items=[], made_by=owner)
    return Side(organisation, project, batch, invitation, key, member, media, media_import)


def _end(side: Side) -> None:
    """What was there and is no more; its references are kept."""
    with connection.cursor() as cursor:
        cursor.execute("delete from projects_task where batch_id = %s", [side.batch.pk])
        cursor.execute("delete from work_bundle where batch_id = %s", [side.batch.pk])
        cursor.execute("delete from projects_batch where id = %s", [side.batch.pk])
        cursor.execute("delete from projects_media where id = %s", [side.media.pk])
        cursor.execute("delete from projects_mediaimport where id = %s", [side.media_import.pk])
        cursor.execute("delete from projects_project where id = %s", [side.project.pk])
        cursor.execute("delete from people_invitation where id = %s", [side.invitation.pk])
        cursor.execute("delete from people_apikey where id = %s", [side.key.pk])
        cursor.execute("delete from people_member where account_id = %s", [side.member.pk])


@pytest.fixture
def cast(world: World) -> Cast:
    third = Organisation.objects.create(name="Gone")
    Member.objects.create(organisation=third, account=world.oscar, role="owner")
    made = Cast(
        world,
        make_side(world.rita, world.organisation, "viola"),
        make_side(world.oscar, world.other_organisation, "vito"),
        make_side(world.oscar, third, "vera"),
    )
    _end(made.gone)
    Member.objects.filter(organisation=third).delete()
    third.delete()
    for role in Member.Role.values:
        account = Account.objects.create_user(f"{role}@example.net", "a long password", name=role)
        Member.objects.create(organisation=world.organisation, account=account, role=role)
        made.accounts[role] = account
        if role in RIGHTS[Permission.KEYS]:
            made.keys[role], _ = issue_key(
                account, name=role, scopes=scopes_of(role), organisation=world.organisation
            )
    made.accounts |= {"worker": world.ada.account, "operator": world.olga, "stranger": world.oscar}
    for name, account in made.accounts.items():
        made.clients[name] = Client(headers={"accept-language": "en"})
        made.clients[name].force_login(account, backend=BACKEND)
    made.clients["nobody"] = Client(headers={"accept-language": "en"})
    return made


@contextmanager
def undone() -> Iterator[None]:
    """Take back what happens inside, so that one question does not change the next one's answer."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
