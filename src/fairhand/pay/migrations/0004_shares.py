from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("pay", "0003_portal_terms")]

    operations = [run_file("pay/earn")]
