from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("kit", "0002_append_only_history")]

    operations = [run_file("ledger/ledger")]
