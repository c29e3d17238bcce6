from datetime import timedelta

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_audit_and_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="give_up_at",
            field=models.DateTimeField(db_default=Now() + timedelta(days=3)),
        ),
        migrations.AddField(
            model_name="mail",
            name="stop_url",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("read_at", None)), fields=["account"], name="notices_unread"
            ),
        ),
    ]
