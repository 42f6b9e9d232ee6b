"""Indexes by which the list of contacts is read in its orders, for everybody or for one owner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LISTED = ("archived_at", "merged_into")


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0007_merging"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="contact", name="contact_by_activity"),
        migrations.AlterField(
            model_name="contact",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.OrderBy(models.F("last_activity_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                include=LISTED,
                name="contact_by_activity",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("last_activity_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                include=LISTED,
                name="contact_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("owner"),
                models.F("sort_name"),
                models.F("id"),
                name="contact_by_owner_name",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("last_activity_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("archived_at__isnull", False)),
                name="contact_archived_by_owner",
            ),
        ),
    ]
