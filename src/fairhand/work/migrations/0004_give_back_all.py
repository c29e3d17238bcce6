from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("work", "0003_find_one_enrolment")]

    operations = [run_file("work/give_back")]
