"""Files of comments, in a table that nothing which leaves the house knows; images among files."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models

import contacts.models.stored_file


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0015_addresses_at_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="image_type",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.CreateModel(
            name="CommentFile",
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
                ("name", models.CharField(max_length=255, verbose_name="file")),
                ("content_type", models.CharField(max_length=100)),
                ("image_type", models.CharField(blank=True, max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(upload_to=contacts.models.stored_file.stored_as)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="contacts.comment",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comment_files",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a comment",
                "verbose_name_plural": "files of comments",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
    ]
