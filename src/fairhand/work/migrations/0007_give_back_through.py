from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("work", "0006_looking_again")]

    operations = [run_file("work/give_back_through")]
