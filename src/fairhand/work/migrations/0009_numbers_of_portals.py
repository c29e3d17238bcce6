from django.db import migrations, models

# The installation's own site is 0 also where it is set up.
OWN_SITE = """
update {table} set portal = 0
 where portal in (select id from people_portal where host = '')
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0008_old_contests"), ("people", "0014_privacy")]

    operations = [
        *(
            migrations.RunSQL(OWN_SITE.format(table=table), migrations.RunSQL.noop)
            for table in ("work_enrolment", "work_assignment")
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                fields=["portal"],
                condition=~models.Q(portal=0),
                name="assignments_of_portals",
            ),
        ),
    ]
