"""Forgetting: of people without a contact only by an erasure of their own; clients in time."""

from django.db import migrations, models
from django.db.models import Q

from activity import guards


class Migration(migrations.Migration):
    dependencies = [("activity", "0005_users")]

    operations = [
        migrations.RunSQL(guards.FUNCTIONS),
        migrations.AddIndex(
            model_name="activityorigin",
            index=models.Index(
                fields=["started_at"],
                name="origin_traceable",
                condition=Q(address__isnull=False) | ~Q(user_agent=""),
            ),
        ),
    ]
