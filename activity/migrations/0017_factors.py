"""The guards of whatever people prove themselves with: passkeys, apps, codes, and services."""

from django.db import migrations

from activity import user_guards


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0016_notification_by_time"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [migrations.RunSQL(user_guards.GUARDS + user_guards.SERVICES)]
