"""The guard of shares, with the visits of their links."""

from importlib import import_module

from django.db import migrations

from activity import guards

SHARE = [*import_module("activity.migrations.0002_outreach").SHARE, "visits"]


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_outreach"), ("contacts", "0004_share_visits")]

    operations = [
        migrations.RunSQL(
            guards.track("contacts_share", "contacts_historicalshare", "share", "contact_id", SHARE)
        ),
    ]
