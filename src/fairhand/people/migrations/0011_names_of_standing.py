from django.db import migrations


class Migration(migrations.Migration):
    """Whom people excluded is expelled; closed is from now on who closed their account themselves.

    A suspension needs an end from now on; there was no way to suspend anybody before.
    """

    dependencies = [("people", "0010_welcomes")]

    operations = [
        migrations.RunSQL(
            """update people_worker set standing = case standing when 'closed' then 'expelled'
                 else 'active' end where standing <> 'active'"""
        )
    ]
