from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [run_file("people/whoami")]
