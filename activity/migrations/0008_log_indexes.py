"""Indexes by which a page of the log asks for each kind from each source by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0007_export_progress"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="activityevent",
            name="event_by_actor",
        ),
        migrations.RemoveIndex(
            model_name="activityevent",
            name="event_by_source",
        ),
        migrations.AddIndex(
            model_name="activityevent",
            index=models.Index(
                models.F("verb"),
                models.F("channel"),
                models.OrderBy(models.F("id"), descending=True),
                name="event_by_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="activityevent",
            index=models.Index(
                models.F("actor_id"),
                models.F("verb"),
                models.F("channel"),
                models.OrderBy(models.F("id"), descending=True),
                name="event_by_actor_kind",
            ),
        ),
    ]
