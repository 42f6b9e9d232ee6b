"""The guards that keep the record of users, their roles and their passkeys complete."""

from django.db import migrations

from activity import user_guards


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0004_ledger"),
        ("accounts", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunSQL(user_guards.GUARDS)]
