"""Has each session say whose it is, since when, and from which device.

The release before this one goes on with the table: it neither reads nor writes these columns.
"""

from typing import ClassVar

from django.db import migrations, models

ADD = """
ALTER TABLE django_session
    ADD COLUMN user_id uuid,
    ADD COLUMN since timestamptz,
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN address inet,
    ADD COLUMN browser varchar(300) NOT NULL DEFAULT '';
CREATE INDEX django_session_of_user ON django_session (user_id) WHERE user_id IS NOT NULL;
"""
REMOVE = """
ALTER TABLE django_session
    DROP COLUMN user_id, DROP COLUMN since, DROP COLUMN seen_at, DROP COLUMN address,
    DROP COLUMN browser;
"""


class Migration(migrations.Migration):
    """Adds columns to Django's own table of sessions."""

    dependencies: ClassVar = [
        ("accounts", "0004_shortcuts"),
        ("sessions", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.RunSQL(ADD, REMOVE),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            ],
            options={"db_table": "django_session", "managed": False},
        ),
    ]
