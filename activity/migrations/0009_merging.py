"""The guard of contacts, with what says that one was merged into another."""

from importlib import import_module

from django.db import migrations

from activity import guards

CONTACT = [
    *import_module("activity.migrations.0002_outreach").CONTACT,
    "merged_into",
    "merged_at",
    "merged_ids",
]


class Migration(migrations.Migration):
    dependencies = [("activity", "0008_log_indexes"), ("contacts", "0007_merging")]

    operations = [
        migrations.RunSQL(
            guards.track("contacts_contact", "contacts_historicalcontact", "contact", "id", CONTACT)
        ),
    ]
