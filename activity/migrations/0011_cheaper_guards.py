"""Guards whose text names its tables, so that the database plans it once."""

from importlib import import_module

from django.db import migrations

from activity import guards

INITIAL, OUTREACH, SHARES, IMPORTS = (
    import_module(f"activity.migrations.{name}")
    for name in ("0001_initial", "0002_outreach", "0003_share_visits", "0010_external_ids")
)
TRACKED = {
    "contact": IMPORTS.CONTACT,
    "comment": INITIAL.COMMENT,
    "message": OUTREACH.MESSAGE,
    "invitation": OUTREACH.INVITATION,
    "share": SHARES.SHARE,
}


def track(noun: str, columns: list[str]) -> str:
    """Return the SQL that guards the tracked table of that noun."""
    contact_column = "id" if noun == "contact" else "contact_id"
    tables = f"contacts_{noun}", f"contacts_historical{noun}"
    return guards.track(*tables, noun, contact_column, columns)


class Migration(migrations.Migration):
    dependencies = [("activity", "0010_external_ids")]

    operations = [
        migrations.RunSQL(guards.FUNCTIONS),
        *(migrations.RunSQL(track(noun, columns)) for noun, columns in TRACKED.items()),
        migrations.RunSQL("DROP FUNCTION IF EXISTS annals_require_event()"),
    ]
