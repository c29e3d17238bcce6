from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0005_channels_and_stamps"),
        ("people", "0013_workforce_rules"),
        ("pay", "0004_shares"),
    ]

    operations = [run_file("work/turn"), run_file("work/give_back")]
