"""Guards that find events by what they are about, and not by their verb."""

from django.db import migrations

from activity import guards
from activity.row_guards import require

NOUNS = ("contact", "comment", "message", "invitation", "share")


def check(noun: str) -> str:
    """Return the function that looks for the events of a row of that noun."""
    contact_column = "id" if noun == "contact" else "contact_id"
    return require(f"contacts_historical{noun}", noun, contact_column)


class Migration(migrations.Migration):
    dependencies = [("activity", "0012_smaller_log")]

    operations = [
        migrations.RunSQL(guards.FUNCTIONS),
        *(migrations.RunSQL(check(noun)) for noun in NOUNS),
    ]
