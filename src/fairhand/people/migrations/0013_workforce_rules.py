from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("people", "0012_workforce"), ("kit", "0002_append_only_history")]

    operations = [
        migrations.RunSQL(
            "insert into people_rules (id, stamp) values (1, 1) on conflict do nothing"
        ),
        run_file("people/whoami"),
        run_file("people/agreements"),
    ]
