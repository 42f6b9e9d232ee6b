"""The guard of contacts, with the ids that they have elsewhere."""

from importlib import import_module

from django.db import migrations

from activity import guards

CONTACT = [*import_module("activity.migrations.0009_merging").CONTACT, "external_ids"]


class Migration(migrations.Migration):
    dependencies = [("activity", "0009_merging"), ("contacts", "0009_import_in_full")]

    operations = [
        migrations.RunSQL(
            guards.track("contacts_contact", "contacts_historicalcontact", "contact", "id", CONTACT)
        ),
    ]
