"""Indexes of the archive that tell by themselves which contacts a list shows."""

from django.db import migrations, models

ACTIVITY = (
    models.OrderBy(models.F("last_activity_at"), descending=True),
    models.OrderBy(models.F("id"), descending=True),
)
ARCHIVED = models.Q(("archived_at__isnull", False))
LISTED = ("archived_at", "merged_into")


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0011_duplicates"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="contact", name="contact_archived"),
        migrations.RemoveIndex(model_name="contact", name="contact_archived_by_owner"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                *ACTIVITY, condition=ARCHIVED, include=LISTED, name="contact_archived"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("owner"),
                *ACTIVITY,
                condition=ARCHIVED,
                include=LISTED,
                name="contact_archived_by_owner",
            ),
        ),
    ]
