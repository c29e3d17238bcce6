"""What is asked for twice at once, or of somebody who has less than others."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from fairhand.people.keys import issue_key
from fairhand.people.models import Account, DataExport, Notice
from fairhand.work.privacy import archive, deletion
from tests.world import World


def test_an_archive_that_another_made_meanwhile_is_made_and_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, packed = world.ada.account, archive.packed
    assert archive.ask(account)
    export = DataExport.objects.get(account=account)

    def while_another_does_it(of: Account) -> bytes:
        monkeypatch.setattr(archive, "packed", packed)
        assert archive.make(export.pk)
        return packed(of)

    monkeypatch.setattr(archive, "packed", while_another_does_it)
    assert not archive.make(export.pk)
    assert Notice.objects.filter(account=account, kind="security.data_ready").count() == 1
    assert archive.fetch(account, export.ref).startswith(b"PK")


def test_a_key_of_ones_own_belongs_to_no_organisation_in_the_archive(world: World) -> None:
    issue_key(world.ada.account, name="mine", scopes=["work"])
    with zipfile.ZipFile(io.BytesIO(archive.packed(world.ada.account))) as file:
        (key,) = json.loads(file.read("data/keys.json"))["rows"]
    assert (key["name"], key["organisation"]) == ("mine", None)


def test_who_is_no_worker_changes_their_mind_as_well(world: World) -> None:
    assert deletion.ask(world.rita)
    assert deletion.cancel(world.rita)
    assert deletion.waiting(world.rita) is None
    assert deletion.finish_due(timezone.now() + timedelta(days=15)) == 0
    assert Account.objects.get(pk=world.rita.pk).is_active
