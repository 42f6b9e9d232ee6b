"""How often somebody is mailed about their inbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_timeline_group")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="digest",
            field=models.CharField(
                choices=[
                    ("at_once", "At once"),
                    ("hourly", "Every hour"),
                    ("daily", "Every day at 8 in the morning"),
                    ("never", "Never"),
                ],
                db_default="hourly",
                default="hourly",
                help_text="Tells what you have not read here by then. Without news, there is no mail.",
                max_length=8,
                verbose_name="mail about your inbox",
            ),
        )
    ]
