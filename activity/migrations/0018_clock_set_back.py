"""Events that are recorded no earlier than their transaction, whatever becomes of the clock."""

from django.db import migrations

from activity import guards


class Migration(migrations.Migration):
    dependencies = [("activity", "0017_factors")]

    operations = [migrations.RunSQL(guards.FUNCTIONS)]
