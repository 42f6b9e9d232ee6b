"""The signed log: its tables, what waits to be sealed, and where each event came from."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from activity import guards

# Nothing is sealed yet, and what is repeated here is not part of what will be.
CHANNELS = """
ALTER TABLE activity_event DISABLE TRIGGER annals_guard;
UPDATE activity_event AS event SET channel = origin.channel
FROM activity_origin AS origin WHERE origin.id = event.origin_id;
ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard;
"""
WAITING = "INSERT INTO activity_pending (event_id) SELECT id FROM activity_event"


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0003_share_visits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActivityExport",
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
                ("query", models.TextField(blank=True)),
                (
                    "format",
                    models.CharField(choices=[("ndjson", "NDJSON"), ("csv", "CSV")], max_length=8),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("failed", "Failed"),
                            ("cancelled", "Stopped"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("size", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("checkpoint", models.TextField(blank=True)),
                ("file", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "db_table": "activity_export",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.SmallIntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                (
                    "place",
                    models.CharField(
                        choices=[("folder", "Folder"), ("mail", "Mail")], max_length=8
                    ),
                ),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "activity_anchor",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.SmallIntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "activity_checkpoint",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("number", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("origin", models.CharField(max_length=300, unique=True)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("opening", models.TextField(blank=True)),
            ],
            options={
                "db_table": "activity_epoch",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "epoch",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("epoch", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("event_id", models.BigIntegerField(unique=True)),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "activity_leaf",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LedgerCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("seal", "Seal"), ("verify", "Verify")], max_length=8
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ok", models.BooleanField()),
                ("epoch", models.SmallIntegerField()),
                ("size", models.BigIntegerField()),
                ("findings", models.JSONField(default=list)),
                ("total_findings", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "activity_check",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LedgerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.SmallIntegerField()),
                ("vkey", models.CharField(max_length=400)),
                ("from_size", models.BigIntegerField()),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "activity_key",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "epoch",
                        "level",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("epoch", models.SmallIntegerField()),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "activity_node",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "activity_pending",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "slot",
                        "verb",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("slot", models.DateTimeField()),
                ("verb", models.CharField(max_length=64)),
                ("count", models.BigIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
            ],
            options={
                "db_table": "activity_tally",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="activityevent",
            name="channel",
            field=models.CharField(default="system", max_length=16, verbose_name="source"),
        ),
        migrations.RunSQL(CHANNELS),
        migrations.RunSQL(WAITING),
        migrations.RunSQL(guards.PENDING),
        *(migrations.RunSQL(guards.seal_off(table)) for table in guards.LEDGER_TABLES),
        migrations.AddIndex(
            model_name="activityevent",
            index=models.Index(
                models.F("channel"),
                models.OrderBy(models.F("id"), descending=True),
                name="event_by_source",
            ),
        ),
        migrations.AddIndex(
            model_name="activityevent",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    "payload",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                    template="jsonb_to_tsvector('simple'::regconfig, %(expressions)s, '[\"string\"]'::jsonb)",
                ),
                name="event_by_words",
            ),
        ),
        migrations.AddField(
            model_name="activityexport",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="checkpoint",
            constraint=models.UniqueConstraint(fields=("epoch", "size"), name="checkpoint_once"),
        ),
        migrations.AddIndex(
            model_name="ledgercheck",
            index=models.Index(
                models.F("kind"),
                models.OrderBy(models.F("id"), descending=True),
                name="check_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerkey",
            constraint=models.UniqueConstraint(fields=("epoch", "vkey"), name="key_once"),
        ),
        migrations.AddIndex(
            model_name="activityexport",
            index=models.Index(
                models.F("made_by"),
                models.OrderBy(models.F("id"), descending=True),
                name="export_by_maker",
            ),
        ),
        migrations.AddIndex(
            model_name="activityexport",
            index=models.Index(
                models.F("touched_at"),
                condition=models.Q(("state__in", ("queued", "running"))),
                name="export_unfinished",
            ),
        ),
    ]
