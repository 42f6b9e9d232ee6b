"""What somebody is told of what others do."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0014_seen"),
        ("contacts", "0017_mentions_and_follows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("mention", "Mentioned you"),
                            ("follow", "You follow this contact"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("run", models.UUIDField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="activity.activityevent",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "activity_notification",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        "user",
                        models.F("at").desc(),
                        models.F("id").desc(),
                        name="notification_by_time",
                    ),
                    models.Index(
                        "user",
                        models.F("at").desc(),
                        models.F("id").desc(),
                        condition=models.Q(("read_at__isnull", True)),
                        name="notification_unread",
                    ),
                    models.Index(fields=["contact", "user"], name="notification_by_contact"),
                    models.Index(fields=["at"], name="notification_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "event"), name="notification_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("run__isnull", False)),
                        fields=("user", "run"),
                        name="notification_once_a_run",
                    ),
                ],
            },
        ),
    ]
