from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("kit", "0004_cache")]

    operations = [run_file("kit/counting")]
