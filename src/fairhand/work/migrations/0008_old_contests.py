from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("work", "0007_give_back_through"), ("people", "0013_workforce_rules")]

    operations = [run_file("work/old_contests")]
