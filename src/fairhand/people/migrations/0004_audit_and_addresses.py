from django.db import migrations

from fairhand.kit.sql import run_file

# Operators had every duty before there were any; addresses were given by who made the accounts.
DUTIES = """
update people_operator set duties = array['support', 'identity', 'finance', 'quality', 'admin']
 where duties = '{}'
"""
ADDRESSES = """
insert into account_emailaddress (email, verified, "primary", user_id)
select a.email, true, true, a.id from people_account a
 where not exists (select from account_emailaddress e where e.user_id = a.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_accounts_in_full"),
        ("kit", "0004_cache"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        run_file("people/audit"),
        migrations.RunSQL(DUTIES, migrations.RunSQL.noop),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
    ]
