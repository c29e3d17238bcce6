"""Write down at the first migration what an installation was made as.

A live one must never count as a demonstration, so the row is there before anybody can come in.
"""

import os

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KINDS = {"demo": "demo", "replay": "replay"}


def note(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    installation = apps.get_model("kit", "Installation")
    kind = KINDS.get(os.environ.get("FAIRHAND_KIND", ""), "live")
    installation.objects.get_or_create(pk=1, defaults={"kind": kind})


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_append_only_history")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
