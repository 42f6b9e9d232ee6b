"""The guards of what belongs to a contact: mails, files and pins; no event is born without content."""

from django.db import migrations

from activity import belonging_guards, guards


class Migration(migrations.Migration):
    """Put up the guards; whoever serves meanwhile writes the events that they ask for."""

    dependencies = [
        ("activity", "0018_clock_set_back"),
        ("contacts", "0023_lists_of_the_administration"),
    ]

    operations = [migrations.RunSQL(guards.FUNCTIONS + belonging_guards.GUARDS)]
