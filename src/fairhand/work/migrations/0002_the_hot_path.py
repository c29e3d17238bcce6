from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0001_initial"),
        ("quality", "0001_initial"),
        ("pay", "0002_earn"),
        ("people", "0002_whoami"),
    ]

    operations = [run_file("work/storage"), run_file("work/turn")]
