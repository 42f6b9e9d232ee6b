"""Whom comments mention, and who follows which contact."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def key() -> models.BigAutoField:
    """Return the primary key of a table."""
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def belonging_to(model: str, **kwargs: object) -> models.ForeignKey:
    """Return a column by which rows go together with one of that model."""
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=model, **kwargs)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0016_files_of_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", key()),
                ("label", models.CharField(max_length=254)),
                (
                    "comment",
                    belonging_to("contacts.comment", related_name="mentions", db_index=False),
                ),
                ("user", belonging_to(settings.AUTH_USER_MODEL, related_name="+")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("comment", "label"), name="mention_once_by_each_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", key()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("contact", belonging_to("contacts.contact", related_name="+", db_index=False)),
                ("user", belonging_to(settings.AUTH_USER_MODEL, related_name="+")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("contact", "user"), name="follow_once")
                ],
            },
        ),
    ]
