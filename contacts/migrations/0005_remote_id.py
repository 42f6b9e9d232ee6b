"""What a provider calls a mail, to find it by what the provider reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_share_visits")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="remote_id",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                "remote_id",
                name="delivery_remote",
                condition=models.Q(("remote_id", ""), _negated=True),
            ),
        ),
    ]
