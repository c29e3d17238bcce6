from django.db import migrations

from fairhand.kit.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("kit", "0003_what_it_was_made_as")]

    operations = [run_file("kit/cache")]
