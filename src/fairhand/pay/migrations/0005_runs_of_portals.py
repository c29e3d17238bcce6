import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pay", "0004_shares"),
        ("people", "0013_workforce_rules"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="payoutrun",
            name="one_prepared_run_a_rail",
        ),
        migrations.AddField(
            model_name="payoutrun",
            name="portal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payout_runs",
                to="people.portal",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "prepared")),
                fields=("rail", "currency", "portal"),
                name="one_prepared_run_a_portal",
                nulls_distinct=False,
            ),
        ),
    ]
