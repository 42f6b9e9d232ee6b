"""Bulk actions, and the contacts they left out."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_outreach"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("action", models.CharField(max_length=16, verbose_name="action")),
                ("parameters", models.JSONField(default=dict)),
                (
                    "contact_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("query", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Not started"),
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="draft",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("acted", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0, verbose_name="skipped")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("problem", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulk_runs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk action",
                "verbose_name_plural": "bulk actions",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BulkSkip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact_id", models.UUIDField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("already", "There was nothing to change"),
                            ("archived", "Archived"),
                            ("opted_out", "Asked not to be contacted"),
                            ("no_address", "No email address"),
                            ("invited", "Invited already, no answer yet"),
                            ("has_access", "Accepted an invitation already"),
                            ("often", "This address was invited often enough for one day"),
                            ("most_tags", "Would have too many tags"),
                            ("deleted", "Deleted"),
                            ("error", "Could not be done"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="contacts.bulkrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact left out",
                "verbose_name_plural": "contacts left out",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(
                models.F("touched_at"),
                condition=models.Q(("state__in", ("draft", "queued", "running"))),
                name="bulk_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkskip",
            constraint=models.UniqueConstraint(
                fields=("run", "contact_id"), name="bulk_skip_once_a_contact"
            ),
        ),
    ]
