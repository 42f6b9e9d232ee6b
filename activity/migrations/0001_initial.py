"""The log of events, and the guards that keep it complete and append-only."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import uuid_utils.compat
from django.db import migrations, models

from activity import guards

CONTACT = [
    "id",
    "version",
    "honorific",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "organisation",
    "job_title",
    "emails",
    "phones",
    "website",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "tags",
    "owner_id",
    "notes",
    "archived_at",
    "created_at",
]
COMMENT = [
    "id",
    "version",
    "contact_id",
    "author_id",
    "body",
    "created_at",
    "edited_at",
    "deleted_at",
    "deleted_by_id",
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [("contacts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ActivityOrigin",
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
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("channel", models.CharField(max_length=16, verbose_name="source")),
                (
                    "route",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="page, task or command"
                    ),
                ),
                ("actor_type", models.CharField(max_length=16)),
                ("actor_id", models.UUIDField(null=True)),
                ("parent", models.UUIDField(null=True)),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                (
                    "user_agent",
                    models.CharField(blank=True, max_length=400, verbose_name="browser"),
                ),
            ],
            options={
                "verbose_name": "origin",
                "verbose_name_plural": "origins",
                "db_table": "activity_origin",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ActivityEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "uid",
                    models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, unique=True),
                ),
                ("verb", models.CharField(max_length=64, verbose_name="what")),
                ("version", models.SmallIntegerField(default=1)),
                ("occurred_at", models.DateTimeField(verbose_name="when")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=models.Func(
                            function="clock_timestamp", output_field=models.DateTimeField()
                        )
                    ),
                ),
                ("actor_type", models.CharField(max_length=16)),
                ("actor_id", models.UUIDField(null=True)),
                ("object_type", models.CharField(max_length=32)),
                ("object_id", models.UUIDField(null=True)),
                ("contact_id", models.UUIDField(null=True)),
                ("origin_id", models.UUIDField()),
                ("payload", models.JSONField(null=True)),
                ("salt", models.BinaryField(null=True)),
                ("commitment", models.BinaryField()),
                ("erased_by", models.BigIntegerField(null=True)),
                ("dedup_key", models.CharField(max_length=200, null=True, unique=True)),
                (
                    "xid",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(function="pg_current_xact_id"), models.TextField()
                            ),
                            models.BigIntegerField(),
                        )
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "db_table": "activity_event",
                "ordering": ("-id",),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        models.F("contact_id"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="event_by_contact",
                    ),
                    models.Index(models.F("object_id"), models.F("xid"), name="event_by_object"),
                    models.Index(
                        models.F("actor_id"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="event_by_actor",
                    ),
                    models.Index(
                        models.F("verb"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="event_by_verb",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["recorded_at"], name="event_by_time"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("erased_by__isnull", True),
                                ("payload__isnull", False),
                                ("salt__isnull", False),
                            ),
                            models.Q(
                                ("erased_by__isnull", False),
                                ("payload__isnull", True),
                                ("salt__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="event_payload_or_erasure",
                    )
                ],
            },
        ),
        migrations.RunSQL(guards.FUNCTIONS),
        migrations.RunSQL(guards.LOG),
        migrations.RunSQL(
            guards.track("contacts_contact", "contacts_historicalcontact", "contact", "id", CONTACT)
        ),
        migrations.RunSQL(
            guards.track(
                "contacts_comment", "contacts_historicalcomment", "comment", "contact_id", COMMENT
            )
        ),
    ]
