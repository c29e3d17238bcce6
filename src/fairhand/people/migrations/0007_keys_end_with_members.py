from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_outbox"),
    ]

    operations = [
        run_file("people/membership"),
    ]
