"""Whether somebody uses keyboard shortcuts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_user_digest")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="shortcuts",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Turned off, no key does anything here but what the browser does with it.",
                verbose_name="keyboard shortcuts",
            ),
        ),
    ]
