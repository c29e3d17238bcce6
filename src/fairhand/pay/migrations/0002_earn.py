from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("pay", "0001_initial"), ("ledger", "0002_rules_of_the_ledger")]

    operations = [run_file("pay/earn")]
