"""Indexes for what waits for somebody to act, and for what became of the mails of each day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0020_pins"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(models.F("created_at"), models.F("state"), name="delivery_by_day"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("created_at"),
                condition=models.Q(("state__in", ("failed", "bounced", "uncertain"))),
                name="delivery_in_trouble",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("created_at"),
                condition=models.Q(("incoming", True), ("is_automatic", False)),
                name="message_received",
            ),
        ),
    ]
